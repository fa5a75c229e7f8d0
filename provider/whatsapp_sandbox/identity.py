"""How WhatsApp turns a phone number as people write it into its own id, the ``wa_id``, and the ids beside it.

A business-scoped user id (BSUID) is made from the ``wa_id``, the business portfolio and how often the person has got a
new one, so that it can be turned back and no file needs to hold it.
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids

Written apart from the provider's phone module on purpose, so that each checks the other.
"""

from __future__ import annotations

import re
import zlib
from functools import cache

import phonenumbers

_SEPARATORS = re.compile(r"[\s().\-]")
_NUMBER = re.compile(r"\+?([1-9]\d{6,14})", re.ASCII)
_JID_SUFFIXES = ("@s.whatsapp.net", "@c.us")
_LID = re.compile(r"(\d+)@lid", re.ASCII)
_BRAZIL = re.compile(r"55([1-9]\d)9?([6-9]\d{7})", re.ASCII)
_MEXICO = re.compile(r"521?(\d{10})", re.ASCII)
_ARGENTINA = re.compile(r"549?(\d{10})", re.ASCII)
_FIRST_AREA_WITHOUT_NINTH_DIGIT = 31
_USER_ID = re.compile(r"([A-Z]{2})\.(\d{17})", re.ASCII)
_SPACE = 10**17
_FACTOR = 6_364_136_223_846_793
"""Spreads the ids out: it has no divisor in common with `_SPACE`, so each number has an id of its own."""
_BACK = pow(_FACTOR, -1, _SPACE)
_GENERATIONS = 100


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


def user_id(wa_id: str, portfolio: str, generation: int) -> str | None:
    """Return a person's BSUID in a portfolio; None for a LID, whose number nobody knows.

    ``generation`` counts the ids that the person had before: each change of the number gives a new one.
    """
    if not wa_id.isdigit():
        return None
    number = int(wa_id) * _GENERATIONS + generation % _GENERATIONS
    return f"{country(wa_id)}.{(number * _FACTOR + _salt(portfolio)) % _SPACE:017d}"


def parent_user_id(wa_id: str, portfolio: str, generation: int) -> str | None:
    """Return a person's parent BSUID, which several portfolios share and which blocks nobody."""
    own = user_id(wa_id, f"parent of {portfolio}", generation)
    return own and own.replace(".", ".ENT.", 1)


def owner(text: str, portfolio: str) -> tuple[str, int] | None:
    """Return whose BSUID this is in a portfolio, as ``wa_id`` and generation; None where it is none."""
    match = _USER_ID.fullmatch(text)
    if match is None:
        return None
    number, generation = divmod((int(match[2]) - _salt(portfolio)) * _BACK % _SPACE, _GENERATIONS)
    person = str(number)
    return (person, generation) if user_id(person, portfolio, generation) == text else None


def is_user_id(text: object) -> bool:
    """Tell whether a text has the form of a BSUID, or of a parent one."""
    return isinstance(text, str) and text[2:3] == "."


@cache
def _salt(portfolio: str) -> int:
    return zlib.crc32(portfolio.encode()) * 10_000_019


def country(wa_id: str) -> str:
    """Return the country or the first of the countries with this number's calling code; ``ZZ`` for none."""
    return next(filter(None, (_country_of(wa_id[:size]) for size in (1, 2, 3))), "ZZ")


@cache
def _country_of(calling_code: str) -> str | None:
    region = phonenumbers.region_code_for_country_code(int(calling_code))
    return region if region.isalpha() and region != "ZZ" else None


def shown(person: str) -> str:
    """Write a WhatsApp id for people: ``+`` before the digits, a LID as it is."""
    return person if person.endswith("@lid") else f"+{person}"
