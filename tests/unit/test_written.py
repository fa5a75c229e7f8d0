"""Whatever people, spreadsheets and links make of a number is that number, or refused: never somebody else."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat

from pulumi_whatsapp.names import key_of
from pulumi_whatsapp.phone import ImpossiblePhone, canonical
from pulumi_whatsapp.written import plain, unwrapped, why_no_number

from .phone_examples import BR, example_numbers, mobile_numbers


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
        # marks that group
        ("+33.1.42.68.53.00", None, "+33142685300"),
        ("+351.912.345.000", None, "+351912345000"),
        ("+49 211/1234567", None, "+492111234567"),
        ("0211/1234567", "DE", "+492111234567"),
        ("+44 (0)7911 123456", None, "+447911123456"),
    ],
)
def test_a_spelling_is_read_as_its_number(text: str, region: str | None, contact: str) -> None:
    assert canonical(text, region) == contact
    assert canonical(contact, region) == contact


DECIMAL, LOST, TWO = "like a decimal", "last digits are lost", "two numbers in one"


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
        ("https://api.whatsapp.com/send?phone=5511987654321&phone=5521987654321", None, TWO),
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


@given(
    st.sampled_from(mobile_numbers()),
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
        assert key_of(understood) == key_of(contact)


# -- what is taken off, before anybody asks whether it is a number


@given(st.text(max_size=20))
def test_plain_marks_stay_as_they_are(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert not text.isascii() or plain(text) == text.strip()


@given(
    example_numbers,
    st.sampled_from([PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.E164]),
)
def test_no_number_as_it_is_printed_looks_like_two_or_like_a_decimal(number: tuple[str, str], style: int) -> None:
    printed = phonenumbers.format_number(phonenumbers.parse(number[1], None), style)
    assert why_no_number(printed) is None
    assert unwrapped(printed) == (printed, False)


@pytest.mark.parametrize(
    ("spelt", "number", "has_country_code"),
    [
        ("tel:+55 11", "+55 11", False),
        ("tel://5511", "tel://5511", False),
        ("https://wa.me/5511", "5511", True),
        ("whatsapp://send/?phone=5511", "5511", True),
        ("https://api.whatsapp.com/send?phone=5511&phone=5512", None, False),
        ("https://api.whatsapp.com/status?phone=5511", None, False),
        ("https://wa.me.example.com/5511", None, False),
        ("https://example.com/?u=https://wa.me/5511", None, False),
        ("https://[wa.me/5511", None, False),  # no address at all
    ],
)
def test_a_number_is_taken_out_of_a_link_of_whatsapp_and_of_no_other(
    spelt: str, number: str | None, has_country_code: bool
) -> None:
    assert unwrapped(spelt) == (spelt if number is None else number, has_country_code)
