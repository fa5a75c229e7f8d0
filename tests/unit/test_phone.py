"""One contact has one canonical form and one identity, however it is spelt."""

from __future__ import annotations

import random
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from pulumi_whatsapp.names import NOBODY, called, digits, from_gateway, hide_numbers, identity, last_digits
from pulumi_whatsapp.phone import ImpossiblePhone, canonical

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
numbers = st.sampled_from([(region, number) for region, known in EXAMPLES.items() for number in known])


@st.composite
def _spelt(draw: st.DrawFn) -> tuple[str, str, str]:
    """Return a region, a number of it, and some spelling of the number."""
    region, number = draw(numbers)
    parsed = phonenumbers.parse(number, None)
    style = draw(
        st.sampled_from(
            ["e164", "international", "rfc3966", "plain", "00", "link", "jid", "device", "c.us", "scattered"]
        )
    )
    plain = number.removeprefix("+")
    if style == "international":
        return region, number, phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    if style == "rfc3966":
        spelt = phonenumbers.format_number(parsed, PhoneNumberFormat.RFC3966)
        return region, number, spelt
    if style == "jid":
        return region, number, f"{plain}@s.whatsapp.net"
    if style == "device":
        return region, number, f"{plain}:{draw(st.integers(0, 99))}@s.whatsapp.net"
    if style == "c.us":
        return region, number, f"{plain}@c.us"
    if style == "plain":
        return region, number, plain
    if style == "00":
        return region, number, f"00{plain}"
    if style == "link":
        return region, number, f"https://wa.me/{plain}"
    if style == "scattered":
        gaps = draw(st.lists(st.sampled_from(["", " ", "-", "\u00a0", "\u2011", "\u200b"]), min_size=len(plain)))
        start = draw(st.sampled_from(["+", "+ ", " +", "\uff0b", "\u202a+", "tel:+", "WhatsApp:+"]))
        return region, number, start + "".join(f"{digit}{gap}" for digit, gap in zip(plain, gaps, strict=False))
    return region, number, number


@given(_spelt())
def test_every_spelling_has_the_same_canonical_form_and_identity(spelt: tuple[str, str, str]) -> None:
    _, number, text = spelt
    assert canonical(text) == canonical(number)
    assert identity(canonical(text)) == identity(number)


@given(_spelt())
def test_the_canonical_form_is_e164_and_stays_as_it_is(spelt: tuple[str, str, str]) -> None:
    region, _, text = spelt
    form = canonical(text)
    assert canonical(form) == form
    assert canonical(form, region) == form
    assert form == phonenumbers.format_number(phonenumbers.parse(form, None), PhoneNumberFormat.E164)


@given(numbers)
def test_what_a_gateway_calls_a_contact_has_the_identity_of_the_contact(example: tuple[str, str]) -> None:
    _, number = example
    plain = digits(canonical(number))
    for name in (plain, f"+{plain}", f"{plain}@s.whatsapp.net", f"{plain}@c.us", f"{plain}:3@s.whatsapp.net"):
        assert identity(from_gateway(name)) == identity(canonical(number))
        assert identity(name) == identity(canonical(number))


@pytest.mark.parametrize("region", [region for region, known in EXAMPLES.items() if len(known) > 1 and region != "AR"])
def test_a_mobile_and_a_fixed_line_of_one_country_stay_two_contacts(region: str) -> None:
    # Argentina's two examples are one subscriber number, with and without the mobile 9.
    assert len({identity(canonical(number)) for number in EXAMPLES[region]}) == len(EXAMPLES[region])


def test_two_different_subscribers_never_share_an_identity() -> None:
    draw = random.Random(4)
    for known in EXAMPLES.values():
        number = canonical(known[-1])
        place = draw.randrange(len(number) - 4, len(number))
        neighbour = f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"
        assert identity(neighbour) != identity(number)


@pytest.mark.parametrize(
    ("number", "wa_id"),
    [
        ("+5511987654321", "551187654321"),  # Brazil: mobile with and without the ninth digit
        ("+5215512345678", "525512345678"),  # Mexico: 521 is WhatsApp's own spelling
        ("+5491123456789", "541123456789"),  # Argentina: the mobile 9
        ("+2250707123456", "22507123456"),  # Ivory Coast: ten digits since 2021
        ("+2290197123456", "22997123456"),  # Benin: ten digits since 2024
    ],
)
def test_the_countries_whose_numbers_and_ids_differ(number: str, wa_id: str) -> None:
    assert identity(number) == identity(f"+{wa_id}") == identity(wa_id) == identity(f"{wa_id}@s.whatsapp.net")


def test_a_brazilian_fixed_line_is_nobodys_mobile() -> None:
    assert identity("+5511923456789") != identity("+551123456789")


def test_a_mexican_mobile_is_written_without_the_1_that_whatsapp_adds() -> None:
    assert canonical("+52 1 55 1234 5678") == canonical("5215512345678@c.us") == "+525512345678"


def _by_phonenumbers(number: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def _canonical(text: str) -> str | None:
    try:
        return canonical(text)
    except ImpossiblePhone:
        return None


@st.composite
def _dialled(draw: st.DrawFn) -> str:
    """Return an international number that may be impossible, or have a national prefix too many."""
    code = draw(st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)))
    prefix = draw(st.sampled_from(["", "", "0", "1", "8", "9", "15", "00", "90"]))
    return f"+{code}{prefix}{draw(st.text('0123456789', min_size=1, max_size=14))}"


@given(st.one_of(_dialled(), numbers.map(lambda example: example[1]), st.from_regex(r"\A\+[0-9]{1,18}\Z")))
def test_a_number_is_what_phonenumbers_makes_of_it(number: str) -> None:
    if not re.fullmatch(r"\+52(?:1|01|04[45])\d{10}|\+22[59]\d{8}", number):
        assert _canonical(number) == _by_phonenumbers(number)


@pytest.mark.parametrize("prefix", ["", "0", "1", "8", "9", "15"])
def test_every_kind_of_number_of_every_country_is_what_phonenumbers_makes_of_it(prefix: str) -> None:
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if example:
                number = f"+{example.country_code}{prefix}{phonenumbers.national_significant_number(example)}"
                assert number.startswith("+52") or _canonical(number) == _by_phonenumbers(number)


@pytest.mark.parametrize(
    ("text", "region", "form"),
    [
        ("(11) 98765-4321", "BR", "+5511987654321"),
        ("011 98765-4321", "BR", "+5511987654321"),
        ("5511987654321", "BR", "+5511987654321"),
        ("07911 123456", "GB", "+447911123456"),
        ("0044 7911 123456", "DE", "+447911123456"),
        ("011 44 7911 123456", "US", "+447911123456"),
        ("+44 7911 123456", "BR", "+447911123456"),
        ("447911123456", "US", "+447911123456"),
    ],
)
def test_national_numbers_need_the_region(text: str, region: str, form: str) -> None:
    assert canonical(text, region) == form


@pytest.mark.parametrize(
    ("text", "region", "would_be"),
    [
        ("11 98765-4321", None, "+11987654321"),
        ("(98) 765-4321", None, "+987654321"),
        ("98765-4321", "BR", "+987654321"),
    ],
)
def test_a_national_number_is_not_taken_for_somebody_abroad(text: str, region: str | None, would_be: str) -> None:
    with pytest.raises(ImpossiblePhone, match="no number in use") as refusal:
        canonical(text, region)
    assert would_be in str(refusal.value)
    assert ("whatsapp:defaultRegion" in str(refusal.value)) == (region is None)


@pytest.mark.parametrize(
    ("text", "region", "abroad"),
    [
        ("49291276015", "BR", "+49291276015"),  # as long as a mobile number with its area code
        ("49517326", "BR", "+49517326"),  # as long as one without
        ("4953757094", "US", "+4953757094"),
        ("4930903005", "IT", "+4930903005"),
    ],
)
def test_a_slip_in_a_national_number_is_nobody_abroad(text: str, region: str, abroad: str) -> None:
    assert canonical(text) == canonical(f"+{text}", region) == abroad
    with pytest.raises(ImpossiblePhone, match=f"none in use there, .* would be \\{abroad}; correct it, or write it as"):
        canonical(text, region)


@pytest.mark.parametrize("region", EXAMPLES)
def test_digits_with_the_own_country_code_are_that_contact_or_refused(region: str) -> None:
    for number in EXAMPLES[region]:
        try:
            understood: str = canonical(number.removeprefix("+"), region)
        except ImpossiblePhone as refusal:
            understood = str(refusal)
        assert understood == canonical(number) or f"or {canonical(number)}; write it as" in understood


@pytest.mark.parametrize(
    ("text", "region", "contact"),
    [
        ("1 650 555 1001", None, "+16505551001"),
        ("11 98765-4321", "BR", "+5511987654321"),
        ("11 8765-4321", "BR", "+551187654321"),  # without the ninth digit
        ("55 11 8765-4321", None, "+551187654321"),
        ("1198765432", "BR", "+551198765432"),
    ],
)
def test_digits_without_a_plus(text: str, region: str | None, contact: str) -> None:
    assert canonical(text, region) == contact


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no phone number"),
        ("bob", "no phone number"),
        ("+55 11 98765-4321 ext. 5", "no phone number"),
        ("5511987654321@g.us", "no phone number"),
        ("+999123456789", "no country has its calling code"),
        ("+5511", "too short"),
        ("+551198765432100", "too long"),
        ("07911 123456", "no country code; set whatsapp:defaultRegion"),
        ("0044791112", "what follows 00 is no number in use"),
    ],
)
def test_what_cannot_be_a_number_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ImpossiblePhone, match=why) as refusal:
        canonical(text)
    assert repr(text) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["+55 11 98765-432\u0661", "+\uff15\uff15 11 98765-4321", "5511987654321\u0661@c.us"])
def test_digits_of_other_scripts_are_read_or_refused_but_never_dropped(text: str) -> None:
    ascii_text = "".join(str(int(mark)) if mark.isdecimal() else mark for mark in text)
    try:
        form = canonical(text)
    except ImpossiblePhone:
        return
    assert form == canonical(ascii_text)


def test_lids_pass_as_they_are() -> None:
    assert canonical(" 123456789012345@lid ") == "123456789012345@lid"
    assert digits("123456789012345@lid") == "123456789012345@lid"
    assert from_gateway("123456789012345@lid") == "123456789012345@lid"
    assert identity("123456789012345@lid") != identity("+123456789012345")
    assert identity("123456789012345:7@lid") == identity("123456789012345@lid")


@pytest.mark.parametrize("text", [None, "", " ", "+", "+abc", "US.ENT.1", "@lid", "abc@lid", "status@broadcast"])
def test_what_tells_nobody_apart_is_no_id(text: str | None) -> None:
    assert called(text) == NOBODY


def test_own_ids_are_canonical() -> None:
    assert called("16505551234") == called("16505551234:12@s.whatsapp.net") == ("+16505551234", None, None)
    assert called("123456789012345@lid") == (None, None, "123456789012345@lid")


def test_what_a_gateway_lists_is_never_refused() -> None:
    assert from_gateway("16505551234") == "+16505551234"
    assert from_gateway("+16505551234") == "+16505551234"
    assert from_gateway("BR.1234567890") == "BR.1234567890"
    assert identity("BR.1234567890") == "BR.1234567890"


def test_a_secret_contact_shows_four_digits() -> None:
    assert last_digits("+5511987654321") == "…4321"
    assert last_digits("123456789012345@lid") == "…2345"


@pytest.mark.parametrize("number", ["+5511987654321", "551187654321", "+55 (11) 98765-4321", "494321"])
@pytest.mark.parametrize(
    "said", ["{} did not write", "'{}@c.us'", "{}:3@s.whatsapp.net", '{{"to":"{}"}}', "a {}, b {}."]
)
def test_a_contact_in_a_message_shows_four_digits(number: str, said: str) -> None:
    hidden = hide_numbers(said.format(number, number))
    assert [digit for digit in hidden if digit.isdigit()][:4] == list("4321")
    assert "…4321" in hidden
    assert "8765" not in hidden
    assert "49432" not in hidden
    assert hide_numbers(hidden) == hidden


@pytest.mark.parametrize("lid", ["123454321@lid", "54321@lid"])
def test_a_lid_in_a_message_shows_four_digits(lid: str) -> None:
    assert hide_numbers(f"no such contact ({lid})") == "no such contact (…4321@lid)"


def test_what_is_no_contact_stays_readable_in_a_message() -> None:
    said = "Meta: (#131047) more than 24 hours have passed (code 131047); HTTP 400, 64,000 contacts, …4321"
    assert hide_numbers(said) == said
