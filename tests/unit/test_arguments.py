"""A constructor that is called wrongly says what was probably meant."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

import pulumi_whatsapp as whatsapp

PHONE = "+5511987654321"


@pytest.mark.parametrize(
    ("resource", "args", "kwargs", "says"),
    [
        (
            "BlockedContact",
            ["a"],
            {"contact": PHONE},
            "BlockedContact 'a': it has no argument contact; did you mean phone? ",
        ),
        (
            "BlockedContact",
            ["a"],
            {"phoneNumber": PHONE},
            "it has no argument phoneNumber; did you mean phone? it takes ",
        ),
        ("BlockedContact", ["a"], {"phone": PHONE, "acount": "x"}, "it has no argument acount; did you mean account? "),
        ("Blocklist", ["a"], {"phones": [PHONE]}, "Blocklist 'a': it has no argument phones; did you mean contacts? "),
        ("Blocklist", ["a"], {"contacts": [PHONE], "allowFailures": True}, "did you mean allow_failures? "),
        (
            "PrivacySetting",
            ["a"],
            {"name": "online", "value": "all"},
            "it has no argument name; did you mean setting? ",
        ),
        ("PrivacySetting", ["a"], {"setting": "online"}, "PrivacySetting 'a': value is missing"),
        (
            "BlockedContact",
            ["a", PHONE],
            {},
            "only the name goes without a keyword; write BlockedContact('a', phone=…)",
        ),
        (
            "BlockedContact",
            [],
            {"phone": PHONE},
            "its first argument is its name in the program; write BlockedContact(",
        ),
        ("Blocklist", [[PHONE]], {}, "Blocklist: its first argument is its name in the program; "),
        ("BlockedContact", ["a"], {}, "BlockedContact 'a': phone is missing"),
    ],
)
def test_what_was_meant(resource: str, args: list[Any], kwargs: dict[str, Any], says: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        getattr(whatsapp, resource)(*args, **kwargs)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert PHONE not in str(refused.value)


def test_a_class_of_the_program_s_own_takes_what_it_likes() -> None:
    class Spammer(whatsapp.BlockedContact):
        def __init__(self, digits: int, *rest: str) -> None:
            self.taken = (digits, rest)

    assert Spammer(5, "a", "b").taken == (5, ("a", "b"))
