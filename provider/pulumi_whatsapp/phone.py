"""Phone numbers, JIDs and LIDs as people write them, into canonical form (`pulumi_whatsapp.names.Contact`)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, PhoneNumberType, ValidationResult

from .names import Contact

_JID: Final = re.compile(r"^(?P<user>\d+)(?::\d+)?@(?P<server>s\.whatsapp\.net|c\.us|lid)$")
_PLAIN: Final = re.compile(r"\+[0-9]+\Z")
_DIALLED: Final = re.compile(r"^\+?[\d\s().\-/\u00a0\u2010-\u2015]+$")
_NOT_A_DIGIT: Final = re.compile(r"[^0-9]+")

_WHY_NOT: Final = {
    ValidationResult.INVALID_COUNTRY_CODE: "no country has its calling code",
    ValidationResult.TOO_SHORT: "it is too short for its country",
    ValidationResult.TOO_LONG: "it is too long for its country",
    ValidationResult.INVALID_LENGTH: "no number of its country has that length",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "it lacks its area code",
}

_POSSIBLE_LENGTH: Final = frozenset({ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY})

_BRAZIL: Final = 55
_LONGEST_NATIONAL: Final = 11
"""Digits of a national number; what is longer and has no ``+`` begins with a country code."""
_WRITE_IT: Final = "write it as +<country code><number>"


class ImpossiblePhone(ValueError):
    """No WhatsApp contact can have this number; the message says why, in one sentence."""


def canonical(text: str, region: str | None = None) -> Contact:
    """Return the canonical form of a phone number, JID or LID.

    Args:
        text: ``+55 (11) 98765-4321``, ``5511987654321``, ``…@s.whatsapp.net``, ``…@c.us`` or ``…@lid``.
        region: the country of national numbers as two letters (ISO 3166-1), e.g. ``BR``. With it, digits without
            a ``+`` are a national number where they are one in use, and refused where they only have the length of
            one. Other digits without a ``+`` are taken with a country code; as many as a national number could have
            must then be a number in use.

    Raises:
        ImpossiblePhone: when it is no such thing.
    """
    if _PLAIN.match(text):
        return _international(text, text)
    spelt = _ascii_digits(text.strip())
    jid = _JID.match(spelt)
    if jid:
        if jid["server"] == "lid":
            return Contact(f"{jid['user']}@lid")
        return _international(jid["user"], text)
    if not _DIALLED.match(spelt):
        raise ImpossiblePhone(_sentence(text, f"it is no phone number, JID or LID; {_WRITE_IT}, e.g. +5511987654321"))
    if spelt.startswith("+"):
        return _international(spelt, text)
    national = _parse(spelt, region) if region else None
    if national is not None and _in_use(national):
        return _national(national, spelt, text)
    hint = f"{'set whatsapp:defaultRegion or ' if region is None else ''}{_WRITE_IT}"
    if spelt.startswith("0"):
        raise ImpossiblePhone(_sentence(text, f"it has no country code; {hint}"))
    contact = _international(spelt, text)
    if len(contact) <= _LONGEST_NATIONAL + 1 and not _in_use(phonenumbers.parse(contact)):
        raise ImpossiblePhone(
            _sentence(text, f"read with a country code it would be {contact}, which is no number in use; {hint}")
        )
    if national is not None and _fits(national) and _e164(national) != contact:
        # a slip, or a number newer than the numbering plans known here, must not become somebody abroad
        fits = f"it has the length of a number of {region} but is none in use there, and read with a country code"
        raise ImpossiblePhone(_sentence(text, f"{fits} it would be {contact}; correct it, or {_WRITE_IT}"))
    return contact


def _national(number: phonenumbers.PhoneNumber, spelt: str, text: str) -> Contact:
    """Return a national number in use, unless the digits may as well mean another one."""
    form, dialled = _e164(number), _NOT_A_DIGIT.sub("", spelt)
    if dialled.startswith("00") and form != f"+{dialled[2:]}":
        # where the digits after 00 choose a carrier (Brazil), this would be somebody else
        raise ImpossiblePhone(_sentence(text, "what follows 00 is ambiguous; " + _WRITE_IT))
    if dialled.startswith(str(number.country_code)):
        other = _parse(f"+{dialled}", None)
        if other is not None and _e164(other) != form and _in_use(other):
            raise ImpossiblePhone(_sentence(text, f"it may be {form} or {_e164(other)}; {_WRITE_IT}"))
    return form


def _e164(number: phonenumbers.PhoneNumber) -> Contact:
    return Contact(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _fits(number: phonenumbers.PhoneNumber) -> bool:
    """Return whether a number has the length of a mobile or fixed line of its country, be it without the area code."""
    return any(
        phonenumbers.is_possible_number_for_type_with_reason(number, kind) in _POSSIBLE_LENGTH
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    )


def _in_use(number: phonenumbers.PhoneNumber) -> bool:
    """Return whether a number is one that its country gives out, Brazilian ones without the ninth digit included."""
    if phonenumbers.is_valid_number(number):
        return True
    national = str(number.national_number)
    if number.country_code != _BRAZIL or len(national) != 10:
        return False
    with_ninth = phonenumbers.PhoneNumber(_BRAZIL, int(f"{national[:2]}9{national[2:]}"))
    return phonenumbers.is_valid_number(with_ninth)


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(int(mark)) if mark.isdecimal() else mark for mark in text)


def _international(spelt: str, text: str) -> Contact:
    digits = _NOT_A_DIGIT.sub("", spelt)
    if digits.startswith("521") and len(digits) == 13:  # WhatsApp's own spelling of a Mexican mobile number
        digits = f"52{digits[3:]}"
    if _stands(digits):
        return Contact(f"+{digits}")
    number = _parse(f"+{digits}", None)
    why = "no country has its calling code" if number is None else _why_not(number)
    if number is None or why is not None:
        raise ImpossiblePhone(_sentence(text, f"{why}; {_WRITE_IT}"))
    return _e164(number)


def _stands(digits: str) -> bool:
    """Return whether parsing would change nothing of an international number; for most it is known without parsing.

    It changes what begins with a national prefix, and refuses what has a length that its country does not have.
    """
    for size in (1, 2, 3):
        plan = _plan(digits[:size])
        if plan is not None:
            prefix, lengths = plan
            national = digits[size:]
            return len(national) in lengths and not prefix.match(national)
    return False


@cache
def _plan(calling_code: str) -> tuple[re.Pattern[str], frozenset[int]] | None:
    """Return the national prefixes and the lengths of the numbers under a calling code, or None where it is none."""
    if not calling_code or calling_code.startswith("0"):
        return None
    region = phonenumbers.region_code_for_country_code(int(calling_code))
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(calling_code), region)
    if metadata is None or metadata.general_desc is None:
        return None
    prefix = re.compile(metadata.national_prefix_for_parsing or r"(?!)")
    return prefix, frozenset(metadata.general_desc.possible_length) - frozenset(
        metadata.general_desc.possible_length_local_only
    )


def _parse(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _why_not(number: phonenumbers.PhoneNumber) -> str | None:
    return _WHY_NOT.get(phonenumbers.is_possible_number_with_reason(number))


def _sentence(text: str, why: str) -> str:
    return f"{text!r} is not a possible phone number: {why}"
