"""Names in Python and on the wire, and what was meant by another spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.config import ACCOUNT_KEYS
from pulumi_whatsapp.spelling import closest, to_camel, to_snake

_PYTHON = st.lists(st.sampled_from(["a", "wa", "id", "x1", "phone"]), min_size=1, max_size=4).map("_".join)


@given(_PYTHON)
def test_a_name_comes_back_from_the_wire_as_it_was(name: str) -> None:
    assert "_" not in to_camel(name)
    assert to_snake(to_camel(name)) == name


def test_only_two_keys_resemble_each_other_so_much_as_a_slip_does() -> None:
    taken = {key: closest(key, [other for other in ACCOUNT_KEYS if other != key]) for key in ACCOUNT_KEYS}
    assert {key: other for key, other in taken.items() if other is not None} == {
        "phoneNumber": "phoneNumberId",
        "phoneNumberId": "phoneNumber",
    }
    assert all(closest(key, ACCOUNT_KEYS) == key for key in ACCOUNT_KEYS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("max_unblock", "maxUnblocks"), ("CLIENT-TOKEN", "clientToken"), ("tokne", "token"), ("colour", None), ("", None)],
)
def test_a_slip_is_told_whatever_its_capitals_and_hyphens(written: str, meant: str | None) -> None:
    assert closest(written, ACCOUNT_KEYS) == meant
