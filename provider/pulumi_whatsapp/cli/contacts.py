"""``pulumi-whatsapp list`` and ``export``: the live block list, in five forms."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import yaml

from ..account.current import BlockedContacts, ability, blocked_now
from ..config import DEFAULT
from ..connect import connect
from ..errors import InvalidInput, WhatsAppError
from ..gateways.base import Capabilities
from ..names import LID, USER_ID, key_of, kind
from ..phone import ImpossiblePhone, canonical
from ..report import count_contacts
from .console import ConsoleReport
from .stack import Stack


def read(stack: Stack, account: str, *, declarable: bool = False) -> BlockedContacts:
    """Return who an account blocks now; what is left out is warned of.

    Args:
        stack: whose configuration has the account.
        account: its name.
        declarable: leave out whom a program on this account cannot declare.

    Raises:
        WhatsAppError: when its gateway cannot list, the account is not usable, or the list cannot be read whole.
    """
    return asyncio.run(_read(stack, account, declarable=declarable))


async def _read(stack: Stack, name: str, *, declarable: bool) -> BlockedContacts:
    configured, report = stack.accounts(), ConsoleReport()
    for warning in (*stack.warnings(), *configured.warnings()):
        report.warning(warning)
    stack.require(name)
    account = connect(configured, report).named(name)
    if not account.capabilities.lists_blocked:
        raise WhatsAppError(
            f"{account.title} cannot list who is blocked, so the block list of {account.id} is unknown; "
            f"{ability('lists_blocked')}. Declare whom you know of: who is blocked already stays so"
        )
    try:
        blocked = await blocked_now(account)
    finally:
        await account.gateway.http.close()
    left_out = blocked.nameless
    if declarable:
        contacts = tuple(contact for contact in blocked.contacts if _can_be_declared(contact, account.capabilities))
        left_out += len(blocked.contacts) - len(contacts)
        blocked = replace(blocked, contacts=contacts)
    if left_out:
        what = "that a program on this account can declare" if declarable else "that tells who it is"
        report.warning(f"{count_contacts(left_out)} of the list left out: {account.title} shows no name of them {what}")
    return blocked


def _can_be_declared(contact: str, can: Capabilities) -> bool:
    """Return whether a program that names this contact means the same one."""
    if not {LID: can.takes_lid, USER_ID: can.takes_bsuid}.get(kind(contact), True):
        return False
    try:
        return key_of(canonical(contact)) == key_of(contact)
    except ImpossiblePhone:
        return False


def as_lines(blocked: BlockedContacts) -> str:
    """Return one contact a line."""
    return "".join(f"{contact}\n" for contact in blocked.contacts)


def as_json(blocked: BlockedContacts) -> str:
    """Return an object with ``account_id`` and ``contacts``."""
    return json.dumps({"account_id": blocked.account_id, "contacts": blocked.contacts}, indent=2) + "\n"


def as_csv(blocked: BlockedContacts) -> str:
    """Return a CSV file with the columns ``phone`` and ``reason``; no gateway knows reasons, so they are empty."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(("phone", "reason"))
    rows.writerows((contact, "") for contact in blocked.contacts)
    return file.getvalue()


def as_yaml(blocked: BlockedContacts) -> str:
    """Return a YAML file with a map from contact to reason; no gateway knows reasons, so they are empty."""
    return yaml.safe_dump(dict.fromkeys(blocked.contacts, ""), sort_keys=False)


def as_program(blocked: BlockedContacts, account: str) -> str:
    """Return a Pulumi program that declares the contacts as one `Blocklist` of ``account``."""
    lines = [
        f'"""Who {blocked.account_id} blocks."""',
        "",
        "import pulumi_whatsapp as whatsapp",
        "",
        "whatsapp.Blocklist(",
        '    "blocked",',
        *([] if account == DEFAULT else [f'    account="{account}",']),
        "    contacts=[",
        *(f'        "{contact}",' for contact in blocked.contacts),
        "    ],",
        ")",
    ]
    return "".join(f"{line}\n" for line in lines)


Writer = Callable[[BlockedContacts, str], str]
"""Makes a text of who is blocked, and the account's name."""

FORMATS: Final[Mapping[str, Writer]] = {
    "csv": lambda blocked, _: as_csv(blocked),
    "yaml": lambda blocked, _: as_yaml(blocked),
    "program": as_program,
}
_ENDS: Final = {".csv": "csv", ".yaml": "yaml", ".yml": "yaml", ".py": "program"}


def writer(named: str | None, output: Path | None) -> Writer:
    """Return what writes an export.

    Args:
        named: the form that is asked for, or None.
        output: the file that is asked for, or None; its name says the form where none is asked for.

    Raises:
        InvalidInput: when the file's name says no form.
    """
    if named is None and output is not None and output.suffix not in _ENDS:
        raise InvalidInput("", f"{output} does not say what to write; end it with {', '.join(_ENDS)}, or give --format")
    return FORMATS[named or (_ENDS[output.suffix] if output is not None else "csv")]
