"""What an account has now, and that some gateways cannot show it."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.account.current import blocked_now, settings_now
from pulumi_whatsapp.errors import Unsupported

from .fake import LINKED, LISTING, READING, FakeWorld, number, numbers


async def test_whoever_is_blocked_is_listed_as_a_program_spells_it(world: FakeWorld) -> None:
    world.can = LISTING
    world.phone.block(*numbers(3))
    found = await blocked_now(world.open())
    assert (found.contacts, found.nameless) == (tuple(sorted(numbers(3))), 0)
    assert number(0) in found.contacts


async def test_settings_are_read(world: FakeWorld) -> None:
    world.can = READING
    account = world.open()
    assert (await settings_now(account)).values == dict(sorted(world.phone.values.items()))


async def test_what_a_gateway_cannot_show_is_a_sentence(world: FakeWorld) -> None:
    world.can = LINKED
    account = world.open()
    with pytest.raises(Unsupported, match=r"cannot list who is blocked; only .* can"):
        await blocked_now(account)
    with pytest.raises(Unsupported, match="cannot read privacy settings; only RyzeAPI can"):
        await settings_now(account)
