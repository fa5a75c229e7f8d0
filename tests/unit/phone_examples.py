"""Numbers of every country, as phonenumbers has them."""

from __future__ import annotations

import phonenumbers
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

BR, US, MX = "+5511987654321", "+12015550123", "+525512345678"

_TYPES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)


def _examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        of_region = (phonenumbers.example_number_for_type(region, kind) for kind in _TYPES)
        numbers = {phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in of_region if number}
        if numbers:
            found[region] = sorted(numbers)
    return found


EXAMPLES = _examples()
example_numbers = st.sampled_from([(region, number) for region, known in EXAMPLES.items() for number in known])
"""A region and a number of it, mobile or fixed."""


def mobile_numbers() -> list[tuple[str, str]]:
    """Return each region with a mobile number of it."""
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example:
            found.append((region, phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)))
    return found
