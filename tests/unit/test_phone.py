"""One contact has one canonical form, however it is spelt, or is refused: it is never somebody else."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, ValidationResult

from pulumi_whatsapp.names import digits, from_gateway, key_of, last_digits
from pulumi_whatsapp.phone import ImpossiblePhone, canonical, declarable

from .phone_examples import BR, EXAMPLES, MX, US, example_numbers, mobile_numbers


@st.composite
def _spelt(draw: st.DrawFn) -> tuple[str, str, str]:
    """Return a region, a number of it, and some spelling of the number."""
    region, number = draw(example_numbers)
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
def test_every_spelling_has_the_same_canonical_form_and_key(spelt: tuple[str, str, str]) -> None:
    _, number, text = spelt
    assert canonical(text) == canonical(number)
    assert key_of(canonical(text)) == key_of(number)


@given(_spelt())
def test_the_canonical_form_is_e164_and_stays_as_it_is(spelt: tuple[str, str, str]) -> None:
    region, _, text = spelt
    form = canonical(text)
    assert canonical(form) == form
    assert canonical(form, region) == form
    assert form == phonenumbers.format_number(phonenumbers.parse(form, None), PhoneNumberFormat.E164)


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


@given(st.one_of(_dialled(), example_numbers.map(lambda example: example[1]), st.from_regex(r"\A\+[0-9]{1,18}\Z")))
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
def test_digits_without_a_plus_are_a_number_in_use(text: str, region: str | None, contact: str) -> None:
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
    assert key_of("123456789012345@lid") != key_of("+123456789012345")
    assert key_of("123456789012345:7@lid") == key_of("123456789012345@lid")


def test_a_parent_id_is_refused_in_words() -> None:
    with pytest.raises(ImpossiblePhone) as refusal:
        canonical("US.ENT.11815799212886844830")
    assert str(refusal.value) == (
        "'US.ENT.11815799212886844830' is not a possible phone number: a parent BSUID cannot be blocked; use the BSUID "
        "of this portfolio"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202e+5511987654321", r"'\u202e+5511987654321'"),  # whoever reads it sees it the other way round
        ("\u00b9\u00b9 98765-4321", r"'\xb9\xb9 98765-4321'"),
        ("+55\u00b711\u00b798765\u00b74321", r"'+55\xb711\xb798765\xb74321'"),
        ("\U0001f4de+5511987654321", r"'\U0001f4de+5511987654321'"),
        ("+5511987654321\u00b2", r"'+5511987654321\xb2'"),
        ("x" * 1000, f"'{'x' * 60}...'"),
    ],
)
def test_odd_marks_are_refused_and_shown(text: str, shown: str) -> None:
    with pytest.raises(ImpossiblePhone) as refusal:
        canonical(text)
    assert str(refusal.value).startswith(
        f"{shown} is not a possible phone number: it is no phone number, JID, LID or BSUID; "
    )


@given(
    st.one_of(
        st.text(max_size=20),
        st.from_regex(r"\A[+0-9 ()./\-]{5,18}\Z"),
        st.from_regex(r"\A[0-9]{1,20}@(s\.whatsapp\.net|c\.us|lid)\Z"),
    ),
    st.sampled_from([None, "BR", "MX", "US", "CI"]),
)
def test_the_canonical_form_is_its_own(text: str, region: str | None) -> None:
    try:
        contact = canonical(text, region)
    except ImpossiblePhone:
        return
    assert canonical(contact, region) == canonical(contact) == contact


WA_IDS = st.one_of(
    st.from_regex(r"\A[0-9]{1,18}\Z"),
    st.from_regex(r"\A(52(1|044)|22[59]|55|549)[0-9]{8,11}\Z"),
    st.sampled_from([number[1:] for _, number in mobile_numbers()]),
)


@given(WA_IDS, st.sampled_from(["", "@s.whatsapp.net", "@c.us", ":7@s.whatsapp.net", "@lid"]))
def test_what_whatsapp_lists_can_be_declared(wa_id: str, server: str) -> None:
    listed = from_gateway(f"{wa_id}{server}")
    declared = canonical(declarable(listed))
    assert key_of(declared) == key_of(listed)
    assert canonical(f"{wa_id}{server}" if server else f"{wa_id}@s.whatsapp.net") in {declared, canonical(declared)}
    if server != "@lid":
        assert re.fullmatch("[0-9]+", digits(declared))
        assert last_digits(declared) == f"\u2026{digits(declared)[-4:]}"


UNUSED = "no number in use"


@pytest.mark.parametrize(
    ("text", "region", "contact"),
    [
        # 00 stands for a +, also where its country does not dial it
        ("0055 11 98765-4321", None, BR),
        ("0055 11 98765-4321", "BR", BR),
        ("005511987654321", "US", BR),
        ("00447911123456", "BR", "+447911123456"),
        ("0015 1 201 555 0123", "BR", US),  # there, 00 15 is a carrier
        # whoever sets a region means it
        ("49991234567", "BR", "+5549991234567"),
        ("22997123456", "BR", "+5522997123456"),
        # Mexico's old dialling
        ("044 55 1234 5678", "MX", MX),
        ("045 55 1234 5678", "MX", MX),
        ("01 55 1234 5678", "MX", MX),
        ("+52 044 55 1234 5678", None, MX),
        ("+52 1 55 1234 5678", None, MX),
        ("52 1 55 1234 5678", None, MX),
        ("5215512345678@s.whatsapp.net", None, MX),
        ("1 222 123 4567", "MX", "+522221234567"),  # 222 is no area code of the north
        # Ivory Coast and Benin, with the eight digits that WhatsApp has from before the change
        ("22507123456", None, "+22507123456"),
        ("+225 07 12 34 56", None, "+22507123456"),
        ("22507123456@s.whatsapp.net", None, "+22507123456"),
        ("07 12 34 56", "CI", "+22507123456"),
        ("22997123456", None, "+22997123456"),
        ("+22997123456", None, "+22997123456"),
        ("22997123456@c.us", None, "+22997123456"),
        ("95 12 34 56", "BJ", "+22995123456"),
        # what WhatsApp calls somebody, whatever the numbering plans say
        ("999123456789@s.whatsapp.net", None, "999123456789@s.whatsapp.net"),
        ("22560123456@c.us", None, "22560123456@s.whatsapp.net"),
        ("5511987654321@S.WHATSAPP.NET", None, BR),
        ("\u200e123456789012345@LID", None, "123456789012345@lid"),
    ],
)
def test_a_spelling_is_read_as_its_number(text: str, region: str | None, contact: str) -> None:
    assert canonical(text, region) == contact
    assert canonical(contact, region) == contact


@pytest.mark.parametrize(
    ("text", "region", "why"),
    [
        ("569443430006", None, UNUSED),
        ("551100000000", None, UNUSED),
        ("4400000000000", None, UNUSED),
        ("https://wa.me/11987654321", None, UNUSED),
        ("004400000000000", None, UNUSED),
        ("1 55 1234 5678", "MX", r"may be \+525512345678, in the old dialling, or \+15512345678"),
        ("0012508402118", "BR", r"may be \+12508402118 or \+508402118"),  # 00 12 is a carrier there
        ("044 55 1234 5678", None, "set whatsapp:defaultRegion"),
        ("tel:+5511987654321;ext=5", None, "it is"),
        ("https://wa.me/message/ABC123", None, "no phone number"),
        ("https://wa.me.example.com/5511987654321", None, "no phone number"),
        ("+22560123456", None, "too short"),  # whose range it was is not certain
        ("+", None, "no phone number"),
        ("()", None, "no phone number"),
    ],
)
def test_a_spelling_that_may_be_somebody_else_is_refused_with_the_reason(
    text: str, region: str | None, why: str
) -> None:
    with pytest.raises(ImpossiblePhone, match=why) as refusal:
        canonical(text, region)
    assert str(refusal.value).isascii()
    assert "\n" not in str(refusal.value)
    assert re.search(r"write it as \+|declare each|the column as text", str(refusal.value))
