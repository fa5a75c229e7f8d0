"""The contacts of a stateful test: several spellings each, and WhatsApp's own id where it differs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from pulumi_whatsapp.names import key_of
from pulumi_whatsapp.phone import canonical
from whatsapp_sandbox import Request, SandboxAccount

PEOPLE: Final = (
    ("+5511987654321", "+55 (11) 8765-4321", "551187654321@s.whatsapp.net"),
    ("+525512345678", "5215512345678", "+52 55 1234 5678"),
    ("+5491123456789", "541123456789@c.us"),
    ("+16505551001", "1 (650) 555-1001"),
    ("+16505551002",),
    ("+16505551003",),
    ("+16505551004",),
    ("+16505551005",),
)
"""Each person's spellings."""

_OWN_ID: Final = {"+16505551005": "16505558005"}
"""Whom WhatsApp calls something that no rule of a country explains."""

EVERYBODY: Final = range(len(PEOPLE))

_PERSON: Final = {
    **{key_of(canonical(spelling)): person for person in EVERYBODY for spelling in PEOPLE[person]},
    **{key_of(own): who for phone, own in _OWN_ID.items() for who in EVERYBODY if phone in PEOPLE[who]},
}


OWN_ID: Final = {who for phone in _OWN_ID for who in EVERYBODY if phone in PEOPLE[who]}
"""Who has an id that no rule explains."""


def introduce(account: SandboxAccount) -> None:
    """Tell the sandbox of the ids that differ."""
    for phone, own in _OWN_ID.items():
        account.contact(phone, wa_id=own)


def who(contacts: Iterable[str]) -> set[int]:
    """Return the people behind contacts in any spelling."""
    return {_PERSON[key_of(contact)] for contact in contacts}


def by_last_digits(shown: str) -> int:
    """Return the person of whom a message shows the last digits only."""
    (person,) = {person for key, person in _PERSON.items() if key.endswith(shown.removeprefix("…"))}
    return person


def sent(requests: Iterable[Request], operation: str) -> set[int]:
    """Return the people whom requests of one operation named."""
    bodies = [json.dumps(request.json) for request in requests if request.operation == operation]
    return who(number for body in bodies for number in re.findall(r"\d{8,}", body))
