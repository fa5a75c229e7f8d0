"""Whatever people, spreadsheets and links make of a number is that number, or refused: never somebody else."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.names import digits, from_gateway, identity, last_digits
from pulumi_whatsapp.phone import ImpossiblePhone, canonical, declarable

BR, US, MX = "+5511987654321", "+12015550123", "+525512345678"


@pytest.mark.parametrize(
    ("text", "region", "contact"),
    [
        # marks that are not seen, and plain marks of other scripts
        ("\u202a+5511987654321\u202c", None, BR),
        ("\u202d+55 11 98765-4321\u202c", None, BR),
        ("\u2066+5511987654321\u2069", None, BR),
        ("\ufeff+5511987654321", None, BR),
        ("\u200e+5511\u200b98765\u00ad4321\u200f", None, BR),
        ("\uff0b55 11 98765\u22124321", None, BR),
        ("+55\u202f11\u300098765\u20114321", None, BR),
        ("+\u0665\u0665 11 98765-4321", None, BR),
        ("\uff0b\uff15\uff15\uff08\uff11\uff11\uff0998765\uff0d4321", None, BR),
        # addresses and links
        ("tel:+55-11-98765-4321", None, BR),
        ("TEL:+5511987654321", None, BR),
        ("tel: 5511987654321", None, BR),
        ("tel:(11) 98765-4321", "BR", BR),
        ("whatsapp:+5511987654321", None, BR),
        ("WhatsApp:+5511987654321", None, BR),
        ("https://wa.me/5511987654321", None, BR),
        ("https://wa.me/5511987654321", "MX", BR),
        ("HTTPS://WA.ME/5511987654321", None, BR),
        ("http://www.wa.me/5511987654321/", None, BR),
        ("wa.me/%2B5511987654321", None, BR),
        ("https://wa.me/5511987654321?text=1.0", None, BR),
        ("https://api.whatsapp.com/send?phone=5511987654321", None, BR),
        ("https://api.whatsapp.com/send/?phone=%2B5511987654321&text&app_absent=0", None, BR),
        ("https://web.whatsapp.com/send?phone=+5511987654321", None, BR),
        ("whatsapp://send?phone=5511987654321", None, BR),
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
        # marks that group
        ("+33.1.42.68.53.00", None, "+33142685300"),
        ("+351.912.345.000", None, "+351912345000"),
        ("+49 211/1234567", None, "+492111234567"),
        ("0211/1234567", "DE", "+492111234567"),
        ("+44 (0)7911 123456", None, "+447911123456"),
    ],
)
def test_a_spelling_that_is_taken(text: str, region: str | None, contact: str) -> None:
    assert canonical(text, region) == contact
    assert canonical(contact, region) == contact


DECIMAL, LOST, TWO, UNUSED = "like a decimal", "last digits are lost", "two numbers in one", "no number in use"


@pytest.mark.parametrize(
    ("text", "region", "why"),
    [
        ("2015550123.0", "US", DECIMAL),
        ("2015550123.0", None, DECIMAL),
        ("551187654321.0", None, DECIMAL),
        ("551187654321,0", None, DECIMAL),
        ("+551187654321.00", None, DECIMAL),
        ("5,511,876,543,21.00", None, DECIMAL),
        ("(201) 555-0123.0", "US", DECIMAL),
        ("2015550123.000", "US", DECIMAL),
        ("1.201.555.0123.0", None, DECIMAL),
        ("1.201.555.0123.00", None, DECIMAL),
        ("5.51199E+12", None, LOST),
        ("5,51199E+12", None, LOST),
        ("5.51199e12", "BR", LOST),
        ("+62 812-3456-789/8", None, TWO),
        ("+62 812-3456-789 / 8", None, TWO),
        ("+56955400001/02", None, TWO),
        ("+56955400001\uff0f02", None, TWO),
        ("+5511987654321/98765-4322", None, TWO),
        ("(11) 98765-4321/4322", "BR", TWO),
        ("5511987654321/5511987654322", None, TWO),
        ("+5511987654321;+5511987654322", None, TWO),
        ("+56955400001, 2", None, TWO),
        ("+56955400001 or 2", None, TWO),
        ("+56955400001 ou 02", None, TWO),
        ("+56955400001 & 02", None, TWO),
        ("+56955400001\n02", None, TWO),
        ("+56955400001\t02", None, TWO),
        ("+56955400001 (2)", None, TWO),
        ("+5511987654321 +5511987654322", None, TWO),
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
        ("https://api.whatsapp.com/send?phone=5511987654321&phone=5521987654321", None, TWO),
        ("+22560123456", None, "too short"),  # whose range it was is not certain
        ("+", None, "no phone number"),
        ("()", None, "no phone number"),
    ],
)
def test_a_spelling_that_is_refused(text: str, region: str | None, why: str) -> None:
    with pytest.raises(ImpossiblePhone, match=why) as refusal:
        canonical(text, region)
    assert str(refusal.value).isascii()
    assert "\n" not in str(refusal.value)
    assert re.search(r"write it as \+|declare each|the column as text", str(refusal.value))


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


def _numbers() -> list[tuple[str, str]]:
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example:
            found.append((region, phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)))
    return found


@given(
    st.sampled_from(_numbers()),
    st.sampled_from(["+", "00", "tel:+", "https://wa.me/", "wa.me/+", "whatsapp:00", "\u202e+"]),
    st.lists(
        st.sampled_from(["", "", "", " ", "-", ".", "/", "(", ")", ",", "\u200b", "\u2212", "\t", "e"]), min_size=15
    ),
    st.sampled_from(["", ".0", ",0", ".00", "/8", "/02", ";1", ", 2", " or 3", " (4)", "E+1", "\u00b2", "\u200b"]),
)
def test_no_spelling_of_one_number_is_another(
    number: tuple[str, str], before: str, gaps: list[str], after: str
) -> None:
    region, contact = number
    text = before + "".join(f"{digit}{gap}" for digit, gap in zip(contact[1:], gaps, strict=False)) + after
    for where in (None, region, "MX"):
        try:
            understood = canonical(text, where)
        except ImpossiblePhone:
            continue
        assert identity(understood) == identity(contact)


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
    st.sampled_from([number[1:] for _, number in _numbers()]),
)


@given(WA_IDS, st.sampled_from(["", "@s.whatsapp.net", "@c.us", ":7@s.whatsapp.net", "@lid"]))
def test_what_whatsapp_lists_can_be_declared(wa_id: str, server: str) -> None:
    listed = from_gateway(f"{wa_id}{server}")
    declared = canonical(declarable(listed))
    assert identity(declared) == identity(listed)
    assert canonical(f"{wa_id}{server}" if server else f"{wa_id}@s.whatsapp.net") in {declared, canonical(declared)}
    if server != "@lid":
        assert re.fullmatch("[0-9]+", digits(declared))
        assert last_digits(declared) == f"\u2026{digits(declared)[-4:]}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("22507123456", "2250707123456"),  # Orange
        ("22549123456", "2250749123456"),
        ("22505123456", "2250505123456"),  # MTN
        ("22586123456", "2250586123456"),
        ("22501123456", "2250101123456"),  # Moov
        ("22540123456", "2250140123456"),
        ("22571123456", "2250171123456"),
        ("22921123456", "2290121123456"),
        ("22961123456", "2290161123456"),
    ],
)
def test_old_and_new_numbers_are_one_person(old: str, new: str) -> None:
    assert identity(old) == identity(f"+{old}") == identity(f"{old}@s.whatsapp.net") == identity(f"+{new}")
    assert identity(canonical(old)) == identity(canonical(new))
    others = {f"225{prefix}{old[3:]}" for prefix in ("01", "05", "07", "21", "25", "27")} - {new}
    assert identity(old) not in {identity(other) for other in others}


@pytest.mark.parametrize("old", ["22560123456", "22590123456", "22520123456", "22572123456", "22500123456"])
def test_an_old_number_whose_operator_is_not_certain_is_nobody_else(old: str) -> None:
    new = {f"+225{prefix}{old[3:]}" for prefix in ("01", "05", "07", "21", "25", "27")}
    assert identity(old) not in {identity(number) for number in new}
    assert identity(canonical(f"{old}@c.us")) == identity(old)
