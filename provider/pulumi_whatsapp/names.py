"""What a contact is called, and when two names are the same person.

* the canonical form (`Contact`), which inputs, state and previews hold: E.164 (``+5511987654321``), or ``<digits>@lid``
  for WhatsApp's privacy-preserving ids, which cannot be turned into a number
  (https://developer.z-api.io/en/tips/lid). `pulumi_whatsapp.phone` makes it of what people write;
* the digits that gateways take and give (``5511987654321``), WhatsApp's own id among them (`WaId`);
* the identity (`Key`), the key of every comparison. It is never shown and never sent.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NewType

Contact = NewType("Contact", str)
"""A contact in canonical form."""
WaId = NewType("WaId", str)
"""WhatsApp's own id of a contact, as a gateway gave it: it may differ from the number."""
Key = NewType("Key", str)
"""What two spellings of one contact have in common. It is never shown and never sent."""

JID_SERVER: Final = "s.whatsapp.net"

_IVORY_COAST: Final = re.compile(
    r"225(?:(?P<_01>0[1-3]|4[0-3]|5[1-3]|71)|(?P<_05>[04578][456])|(?P<_07>[04578][789]))\d{6}"
)
_BENIN: Final = re.compile(r"229[24-69]\d{7}")

_MAYBE_A_CONTACT: Final = re.compile(
    r"(?<![\d…])\+?(?:"
    r"\d(?:[\s().\-/\u2010-\u2015]{0,2}\d){8,}"
    r"|\d{7,}"
    r"|(?<!#)(?<!code )\d{6}"  # six digits are the shortest number there is, but also the code of Meta's errors
    r"|\d+(?=(?::\d+)?@)"
    r")"
)


def is_lid(contact: str) -> bool:
    """Return whether a contact, in canonical form, is a LID and no number."""
    return contact.endswith("@lid")


def digits(contact: str) -> str:
    """Return what gateways call a contact: the digits of its number, or the LID as it is."""
    return contact if is_lid(contact) else contact.removeprefix("+").removesuffix(f"@{JID_SERVER}")


def from_gateway(text: str) -> Contact:
    """Return the canonical spelling of what a gateway calls a contact: a ``wa_id``, digits or a JID.

    Whatever it is, it is a contact that exists, so it is never refused: what is not digits stays as it is.
    """
    number = text.removeprefix("+")
    if number.isdigit():
        return Contact(f"+{number}")
    user, _, server = text.strip().partition("@")
    user = user.partition(":")[0].removeprefix("+")
    if server == "lid":
        return Contact(f"{user}@lid")
    return Contact(f"+{user}" if user.isdigit() else text.strip())


def own_id(text: str | None) -> WaId | None:
    """Return WhatsApp's own id of a contact, as a gateway gives it with an answer, in canonical form.

    None where there is none, or something that is neither a number nor a LID: that tells nobody apart.
    """
    contact = from_gateway(text or "")
    return WaId(contact) if digits(contact).removesuffix("@lid").isdigit() else None


@cache
def identity(contact: str) -> Key:
    """Return the key under which two spellings of one contact are equal.

    ``contact`` is a canonical form or a ``wa_id``. A WhatsApp user's number and id may differ
    (https://developers.facebook.com/docs/whatsapp/cloud-api, "wa_id"): Brazilian mobile numbers with or
    without the ninth digit, Mexican ones as 52 or 521, Argentine ones as 54 or 549, those of Ivory Coast and Benin
    with the eight digits of old or the ten of today.

    The ninth digit is dropped only where the rest begins as a mobile number does (6 to 9): what begins with 2 to 5
    would be somebody's fixed line.
    """
    if "@" in contact:
        contact = from_gateway(contact)
        if is_lid(contact):
            return Key(contact)
    number = contact.removeprefix("+")
    if number.startswith("55") and len(number) == 13 and number[4] == "9" and number[5] in "6789":
        return Key(number[:4] + number[5:])
    if number.startswith("521") and len(number) == 13:
        return Key(f"52{number[3:]}")
    if number.startswith("549") and len(number) == 13:
        return Key(f"54{number[3:]}")
    return Key(with_ten_digits(number) or number)


def with_ten_digits(number: str) -> str | None:
    """Return what an old number of Ivory Coast or Benin has become; None where it is none, or that is not certain.

    Ivory Coast put the operator's 01, 05 or 07 before its eight digits on 31 January 2021
    (https://en.wikipedia.org/wiki/Telephone_numbers_in_Ivory_Coast); whose range a mobile number was in, its second
    digit tells (https://github.com/google/libphonenumber/issues/1909). Ranges that are not listed there, as those of
    operators that had closed by then, are left out, and so are fixed lines, where the operator is not certain.
    Benin put 01 before all of them on 30 November 2024 (https://fr.allafrica.com/stories/202411300249.html).

    Args:
        number: digits, country code first.
    """
    if len(number) != 11:
        return None
    if _BENIN.fullmatch(number):
        return f"22901{number[3:]}"
    ivorian = _IVORY_COAST.fullmatch(number)
    return f"225{(ivorian.lastgroup or '')[1:]}{number[3:]}" if ivorian else None


def names_of(contact: Contact, key: Key) -> tuple[Key, ...]:
    """Return the keys of all that a contact is known by; the one under which a listing has it comes last.

    Args:
        contact: in canonical form.
        key: the key of WhatsApp's own id, where that is known; else the contact's own.
    """
    own = identity(contact)
    return (own,) if own == key else (own, key)


def last_digits(contact: str) -> str:
    """Return a contact so that only its last four digits show, for messages about a secret one."""
    return f"…{contact.partition('@')[0][-4:]}"


def hide_numbers(text: str) -> str:
    """Return a message so that of whatever may be a contact in it, in any spelling, only the last four digits show."""
    return _MAYBE_A_CONTACT.sub(lambda found: f"…{found[0][-4:]}", text)
