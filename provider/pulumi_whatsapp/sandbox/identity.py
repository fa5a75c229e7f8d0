"""How WhatsApp turns a phone number as people write it into its own id, the ``wa_id``.

Written apart from the provider's phone module on purpose, so that each checks the other.
"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s().\-]")
_NUMBER = re.compile(r"\+?([1-9]\d{6,14})", re.ASCII)
_JID_SUFFIXES = ("@s.whatsapp.net", "@c.us")
_LID = re.compile(r"(\d+)@lid", re.ASCII)
_BRAZIL = re.compile(r"55([1-9]\d)9?([6-9]\d{7})", re.ASCII)
_MEXICO = re.compile(r"521?(\d{10})", re.ASCII)
_ARGENTINA = re.compile(r"549?(\d{10})", re.ASCII)
_FIRST_AREA_WITHOUT_NINTH_DIGIT = 31


def wa_id(digits: str) -> str:
    """Return the id that WhatsApp gives to a number (digits, country code first), by the country's rules.

    Brazil: mobile numbers of area codes from 31 up keep the eight digits of old. Mexico: ``521`` before the
    ten digits. Argentina: ``549`` before the ten digits. All spellings of a number give one id.
    """
    if match := _BRAZIL.fullmatch(digits):
        area, subscriber = match.groups()
        ninth = "" if int(area) >= _FIRST_AREA_WITHOUT_NINTH_DIGIT else "9"
        return f"55{area}{ninth}{subscriber}"
    if match := _MEXICO.fullmatch(digits):
        return f"521{match[1]}"
    if match := _ARGENTINA.fullmatch(digits):
        return f"549{match[1]}"
    return digits


def parse(text: object) -> str | None:
    """Return the WhatsApp id of a phone number, JID or LID as a client sent it; None when it is neither."""
    if not isinstance(text, str):
        return None
    text = text.strip()
    if _LID.fullmatch(text):
        return text
    for suffix in _JID_SUFFIXES:
        text = text.removesuffix(suffix)
    match = _NUMBER.fullmatch(_SEPARATORS.sub("", text))
    return wa_id(match[1]) if match else None


def shown(person: str) -> str:
    """Write a WhatsApp id for people: ``+`` before the digits, a LID as it is."""
    return person if person.endswith("@lid") else f"+{person}"
