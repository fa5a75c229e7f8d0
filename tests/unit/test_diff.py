"""What another account means for a resource: another resource, or none at all."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.lifecycle.diff import CHANGED, Diff, account_moves
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN

from .fake import FakeWorld


@pytest.mark.parametrize(
    ("name", "held", "found"),
    [
        (None, "zapi/I1", None),
        ("default", "zapi/I1", None),  # another name of the same account
        ("other", "zapi/I1", Diff(True, ("account",))),
        (None, "zapi/I2", Diff(True, ("account",))),
        (UNKNOWN, "zapi/I1", CHANGED),  # and never a replacement, which would unblock
    ],
)
def test_only_another_account_is_another_resource(
    world: FakeWorld, name: object, held: str, found: Diff | None
) -> None:
    assert account_moves({"accountId": held}, {"account": name}, world.accounts()) == found


def test_a_state_whose_account_is_not_configured_is_compared_with_none(world: FakeWorld) -> None:
    with pytest.raises(ConfigurationError, match="zapi/GONE"):
        account_moves({"accountId": "zapi/GONE"}, {"account": "other"}, world.accounts())
