"""Phone numbers, JIDs, LIDs and BSUIDs as people write them, into canonical form (`pulumi_whatsapp.names.Contact`)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, PhoneNumberType, ValidationResult

from .names import JID_SERVER, Contact, digits, is_user_id, key_of, with_ten_digits
from .written import TWO_NUMBERS, plain, unwrapped, why_no_number

_JID: Final = re.compile(r"\+?(?P<user>\d+)(?::\d+)?@(?P<server>s\.whatsapp\.net|c\.us|lid)", re.IGNORECASE)
_PLAIN: Final = re.compile(r"\+[0-9]+\Z")
_PARENT: Final = re.compile(r"[A-Z]{2}\.ENT\.[A-Za-z0-9]+\Z")
_DIALLED: Final = re.compile(r"\+?(?=[^0-9]*[0-9])[0-9 .()\-/]+")
_NOT_A_DIGIT: Final = re.compile(r"[^0-9]+")
_OLD_MEXICAN: Final = re.compile(r"52(?:1|01|04[45])(\d{10})")
"""A Mexican mobile number as it was dialled before August 2019, and as WhatsApp still spells it (521)."""
_OLD_MEXICAN_NATIONAL: Final = re.compile(r"(?:1|01|04[45])(\d{10})")
_LONGEST_SHOWN: Final = 60
"""Characters of a text that a message shows; the longest number in any spelling is shorter, a line of a file is not."""

_WHY_NOT: Final = {
    ValidationResult.INVALID_COUNTRY_CODE: "no country has its calling code",
    ValidationResult.TOO_SHORT: "it is too short for its country",
    ValidationResult.TOO_LONG: "it is too long for its country",
    ValidationResult.INVALID_LENGTH: "no number of its country has that length",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "it lacks its area code",
}

_POSSIBLE_LENGTH: Final = frozenset({ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY})

_BRAZIL: Final = 55
_WRITE_IT: Final = "write it as +<country code><number>"


class ImpossiblePhone(ValueError):
    """No WhatsApp contact can have this number; the message says why, in one sentence.

    Args:
        text: what was given.
        why: a clause.
    """

    def __init__(self, text: str, why: str) -> None:
        self.shown = ascii(text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}...")
        """What was given, with whatever is no plain mark or letter as ``\\u...``."""
        self.why = why
        super().__init__(f"{self.shown} is not a possible phone number: {why}")


def canonical(text: str, region: str | None = None) -> Contact:
    """Return the canonical form of a phone number, JID, LID or BSUID.

    Args:
        text: ``+55 (11) 98765-4321``, ``5511987654321``, ``0055 11…``, ``tel:+55…``, ``whatsapp:+55…``,
            ``https://wa.me/55…``, ``…@s.whatsapp.net``, ``…@c.us``, ``…@lid``, or a BSUID (``BR.1502576394655843``),
            which is taken as it is: upper case and lower case count in it. Marks that are not seen count for nothing.
            What WhatsApp itself calls a contact can always be given as a JID; where no numbering plan has it,
            ``…@s.whatsapp.net`` is its canonical form.
        region: the country of national numbers as two letters (ISO 3166-1), e.g. ``BR``. With it, digits without
            a ``+`` are a national number where they are one in use, and refused where they only have the length of
            one. Other digits without a ``+`` are taken with a country code, and must then be a number in use.

    Raises:
        ImpossiblePhone: when it is no such thing, or may be more than one.
    """
    if _PLAIN.match(text):
        return _international(text[1:], text)
    seen = plain(text)
    if is_user_id(seen):
        return Contact(seen)
    if _PARENT.match(seen):
        raise ImpossiblePhone(text, "a parent BSUID cannot be blocked; use the BSUID of this portfolio")
    spelt, has_country_code = unwrapped(seen)
    jid = _JID.fullmatch(spelt)
    if jid:
        return Contact(f"{jid['user']}@lid") if jid["server"].lower() == "lid" else _listed(jid["user"])
    why = why_no_number(spelt)
    if why is not None:
        raise ImpossiblePhone(text, why)
    if not _DIALLED.fullmatch(spelt):
        raise ImpossiblePhone(text, f"it is no phone number, JID, LID or BSUID; {_WRITE_IT}, e.g. +5511987654321")
    if _has_alternatives(spelt, region):
        raise ImpossiblePhone(text, TWO_NUMBERS)
    if spelt.startswith("+"):
        return _international(_digits(spelt), text)
    return _without_plus(spelt, None if has_country_code else region, text)


def declarable(contact: Contact) -> Contact:
    """Return a contact that a gateway listed (`names.from_gateway`) so that `canonical` takes it for the same one.

    WhatsApp lists ids that no numbering plan has (any more): they can be declared as JIDs.
    """
    if not _PLAIN.match(contact):
        return contact
    try:
        taken = key_of(canonical(contact)) == key_of(contact)
    except ImpossiblePhone:
        taken = False
    return contact if taken else _listed(digits(contact))


def _listed(user: str) -> Contact:
    """Return the canonical form of what WhatsApp calls a contact: it exists, so its digits stay what they are."""
    try:
        contact = _international(user, user)
        if key_of(contact) == key_of(user):
            return contact
    except ImpossiblePhone:
        pass
    return Contact(f"{user}@{JID_SERVER}")


def _has_alternatives(spelt: str, region: str | None) -> bool:
    """Return whether a slash stands before other last digits (``…789/8``) or another number.

    Before what is one number it stands after the area code, which is no number, and at least four digits follow.
    """
    for slash in re.finditer("/", spelt):
        before, after = spelt[: slash.start()], _digits(spelt[slash.end() :])
        number = _parse(before if region or before.startswith("+") else f"+{before}", region)
        if len(after) < 4 or (number is not None and _in_use(number)):
            return True
    return False


def _without_plus(spelt: str, region: str | None, text: str) -> Contact:
    """Return the one contact that digits without a ``+`` can be."""
    national = _parse(spelt, region) if region else None
    dialled = _digits(spelt)
    if dialled.startswith("00"):
        return _after_00(national, dialled, text)
    if national is not None and _in_use(national):
        return _national(national, dialled, text)
    hint = f"{'set whatsapp:defaultRegion or ' if region is None else ''}{_WRITE_IT}"
    mexican = _OLD_MEXICAN_NATIONAL.fullmatch(dialled) if region == "MX" else None
    if mexican:
        form = _used(f"52{mexican[1]}")
        if form and _used(dialled):  # somebody in the United States or Canada
            raise ImpossiblePhone(text, f"it may be {form}, in the old dialling, or {_used(dialled)}; {_WRITE_IT}")
        if form:
            return form
    if dialled.startswith("0"):
        raise ImpossiblePhone(text, f"it has no country code; {hint}")
    contact = _international(dialled, text)
    if not _in_use(phonenumbers.parse(contact)):
        raise ImpossiblePhone(
            text, f"read with a country code it would be {contact}, which is no number in use; {hint}"
        )
    if national is not None and _fits(national) and _e164(national) != contact:
        # a slip, or a number newer than the numbering plans known here, must not become somebody abroad
        fits = f"it has the length of a number of {region} but is none in use there, and read with a country code"
        raise ImpossiblePhone(text, f"{fits} it would be {contact}; correct it, or {_WRITE_IT}")
    return contact


def _after_00(national: phonenumbers.PhoneNumber | None, dialled: str, text: str) -> Contact:
    """Return whom one reaches who dials 00: mostly it stands for a ``+``, but its country may read it otherwise.

    In Brazil the digits after it choose a carrier.
    """
    there = _e164(national) if national is not None and _in_use(national) else None
    abroad = _used(dialled[2:])
    found = abroad or there
    if found is None:
        raise ImpossiblePhone(text, f"what follows 00 is no number in use; {_WRITE_IT}")
    if there is not None and there != found:
        raise ImpossiblePhone(text, f"it may be {found} or {there}; {_WRITE_IT}")
    return found


def _national(number: phonenumbers.PhoneNumber, dialled: str, text: str) -> Contact:
    """Return a national number in use, unless the digits may as well be one with the country code."""
    form = _e164(number)
    other = _used(dialled) if dialled.startswith(str(number.country_code)) else None
    if other not in {None, form}:
        raise ImpossiblePhone(text, f"it may be {form} or {other}; {_WRITE_IT}")
    return form


def _used(dialled: str) -> Contact | None:
    """Return the number that digits with a country code are, if it is one in use."""
    try:
        contact = _international(dialled, dialled)
    except ImpossiblePhone:
        return None
    return contact if _in_use(phonenumbers.parse(contact)) else None


def _e164(number: phonenumbers.PhoneNumber) -> Contact:
    return Contact(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _fits(number: phonenumbers.PhoneNumber) -> bool:
    """Return whether a number has the length of a mobile or fixed line of its country, be it without the area code."""
    return any(
        phonenumbers.is_possible_number_for_type_with_reason(number, kind) in _POSSIBLE_LENGTH
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    )


def _in_use(number: phonenumbers.PhoneNumber) -> bool:
    """Return whether a number is one that its country gives out, or one that WhatsApp has from before a change.

    Those are Brazilian ones without the ninth digit, and those of eight digits of Ivory Coast and Benin.
    """
    if phonenumbers.is_valid_number(number):
        return True
    national = phonenumbers.national_significant_number(number)
    if number.country_code == _BRAZIL and len(national) == 10 and national[2] in "6789":
        number = phonenumbers.PhoneNumber(_BRAZIL, int(f"{national[:2]}9{national[2:]}"))
        return phonenumbers.is_valid_number(number)
    return with_ten_digits(f"{number.country_code}{national}") is not None


def _digits(spelt: str) -> str:
    return _NOT_A_DIGIT.sub("", spelt)


def _international(dialled: str, text: str) -> Contact:
    """Return the contact that digits with a country code are; whether it is a number in use is not asked."""
    if _stands(dialled) or with_ten_digits(dialled):
        return Contact(f"+{dialled}")
    mexican = _OLD_MEXICAN.fullmatch(dialled)
    if mexican:
        return Contact(f"+52{mexican[1]}")
    number = _parse(f"+{dialled}", None)
    why = "no country has its calling code" if number is None else _why_not(number)
    if number is None or why is not None:
        raise ImpossiblePhone(text, f"{why}; {_WRITE_IT}")
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
