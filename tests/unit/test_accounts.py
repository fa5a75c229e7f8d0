"""What a run leaves out of the program, as a delete asks for it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import pytest

from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.accounts import Accounts, ProgramResource, account_id
from pulumi_whatsapp.account.claims import LeftOut
from pulumi_whatsapp.config import AccountConfig, Configuration
from pulumi_whatsapp.errors import ConfigurationError, Unavailable, WhatsAppError
from pulumi_whatsapp.gateways.base import Gateway
from pulumi_whatsapp.lifecycle import contact, privacy
from pulumi_whatsapp.names import key_of

from .configured import META, SECRETS, ZAPI, load_accounts
from .fake import READING, EndedProgram, FakeWorld, Heard, by, number

ONE, TWO = number(1), number(2)


class Running:
    """A program that has not ended."""

    async def left_out(self, checked: Set[str]) -> Sequence[ProgramResource]:
        """Refuse."""
        raise Unavailable(f"{len(checked)} were checked, and it runs on")


def _resource(*contacts: str, label: str = "aside", **more: Any) -> ProgramResource:
    given: dict[str, Any] = {"account": None, "account_known": True, "contacts": list(contacts) or None}
    return ProgramResource(label, **{**given, **more})


async def _left_out(world: FakeWorld, *resources: ProgramResource, deleted: str | None = None) -> LeftOut:
    world.program = EndedProgram(*resources)
    accounts = world.accounts()
    return await accounts.left_out(accounts.named(None), deleted)


async def test_without_a_program_nothing_is_left_out(world: FakeWorld) -> None:
    accounts = world.accounts()
    assert await accounts.left_out(accounts.named(None), None) == LeftOut()


async def test_contacts_are_understood_in_every_spelling(world: FakeWorld) -> None:
    world.tuning = {"default_region": "BR"}
    found = await _left_out(world, _resource("+55 (11) 98765-4321", "011 98765-0000", "nobody"))
    assert found == LeftOut({key_of("+5511987654321"): "aside", key_of("+5511987650000"): "aside"}, {}, None)


async def test_settings_are_understood_in_every_spelling(world: FakeWorld) -> None:
    found = await _left_out(world, _resource(setting="lastSeen"), _resource(setting="nonsense"))
    assert found == LeftOut({}, {"last_seen": "aside"}, None)


async def test_contacts_that_are_not_known_may_be_anybody(world: FakeWorld) -> None:
    assert "this run leaves aside out" in ((await _left_out(world, _resource())).unknown or "")


async def test_the_deleted_resource_itself_is_not_left_out(world: FakeWorld) -> None:
    assert await _left_out(world, _resource(ONE, instance="one"), deleted="one") == LeftOut()
    assert (await _left_out(world, _resource(ONE, instance="two"), deleted="one")).contacts


async def test_another_account_s_resources_count_for_nothing(world: FakeWorld) -> None:
    assert await _left_out(world, _resource(ONE, account="other"), _resource(account="other")) == LeftOut()


@pytest.mark.parametrize(
    "more", [{"account_known": False}, {"account": "broken"}, {"account": "nowhere"}, {"account": "renamed"}]
)
async def test_a_resource_whose_account_may_be_this_one_counts(world: FakeWorld, more: dict[str, Any]) -> None:
    world.broken = {"broken": ConfigurationError("no token"), "renamed": world.config()}
    assert (await _left_out(world, _resource(ONE, **more))).contacts == {key_of(ONE): "aside"}


async def test_a_resource_whose_account_is_not_known_counts_for_every_account(world: FakeWorld) -> None:
    world.program = EndedProgram(_resource(ONE, account_known=False))
    accounts = world.accounts()
    assert (await accounts.left_out(accounts.named("other"), None)).contacts == {key_of(ONE): "aside"}


async def test_the_program_is_told_what_was_checked_of_every_account(world: FakeWorld) -> None:
    world.program = program = EndedProgram()
    accounts = world.accounts()
    contact.check({"phone": ONE}, {}, accounts, by("one"))
    contact.check({"phone": TWO, "account": "other"}, {}, accounts, by("two"))
    await accounts.left_out(accounts.named(None), None)
    assert program.checked == {"one", "two"}


# -- what a delete does with it


async def test_who_is_left_out_stays_blocked_until_it_is_deployed(world: FakeWorld) -> None:
    _, outputs = await contact.create({"phone": ONE}, world.accounts())
    world.program = EndedProgram(_resource(ONE))
    with pytest.raises(WhatsAppError, match="aside declares it, and this run leaves that resource out"):
        await contact.delete(None, outputs, world.accounts())
    assert world.phone.on_list() == {ONE}
    world.program = EndedProgram(_resource(TWO))
    await contact.delete(None, outputs, world.accounts())
    assert world.phone.on_list() == set()


async def test_a_delete_before_the_end_of_the_program_sends_nothing(world: FakeWorld) -> None:
    _, outputs = await contact.create({"phone": ONE}, world.accounts())
    world.program = Running()
    with pytest.raises(Unavailable, match="it runs on"):
        await contact.delete(None, outputs, world.accounts())
    assert world.phone.sent("unblock") == []


async def test_a_setting_that_is_left_out_is_not_given_back(world: FakeWorld) -> None:
    world.can = READING
    news = {"setting": "last_seen", "value": "none", "onDestroy": "restore"}
    _, outputs = await privacy.create(news, world.accounts())
    world.program = EndedProgram(_resource(setting="last_seen"))
    with pytest.raises(
        Unavailable, match=r"last_seen of zapi/I1 is not set back: aside declares it, .*; run it without --target, "
    ):
        await privacy.delete("old", outputs, world.accounts())
    assert world.phone.values["last_seen"] == "none"
    world.program = EndedProgram(_resource(setting="last_seen", instance="old"))
    await privacy.delete("old", outputs, world.accounts())
    assert world.phone.values["last_seen"] == "all"


def _accounts(configured: Configuration) -> Accounts:
    def no_gateway(account_id: str, _config: AccountConfig, _gateway: type[Gateway]) -> Account:
        raise NotImplementedError(account_id)

    return Accounts(configured, no_gateway, Heard())


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ZAPI, "zapi/3A5B"),
        (META, "meta/106540352242922"),
        ({"gateway": "360dialog", "apiKey": "k", "phoneNumber": "+55 11 90000-0000"}, "360dialog/+5511900000000"),
        ({**ZAPI, "sandbox": "x"}, "sandbox/zapi/3A5B"),
        ({**ZAPI, "baseUrl": "https://api.z-api.io/"}, "zapi/3A5B"),
        ({**ZAPI, "baseUrl": "https://proxy.test:8443/z"}, "zapi/proxy.test:8443/3A5B"),
        ({**ZAPI, "baseUrl": "https://me:s3cret@proxy.test/z"}, "zapi/proxy.test/3A5B"),
    ],
)
def test_the_public_identity_of_an_account(config: dict[str, str], expected: str) -> None:
    identity = account_id(load_accounts(config)["default"])
    assert identity == expected
    assert not any(secret in identity for secret in SECRETS)


def test_an_account_is_found_by_what_it_is_or_formerly_was() -> None:
    accounts = _accounts(load_accounts({**ZAPI, "formerly": "zapi/OLD, meta/1"}, support=META))
    for wanted in ("zapi/3A5B", "zapi/OLD", "meta/1"):
        assert accounts.is_account(None, wanted)
        with pytest.raises(NotImplementedError):
            accounts.by_id(wanted)
    assert not accounts.is_account("support", "zapi/3A5B")


@pytest.mark.parametrize("formerly", ["zapi/NEW", "zapi/NEW, zapi/OLD"])
def test_an_account_that_is_configured_is_not_taken_for_one_that_formerly_was_it(formerly: str) -> None:
    accounts = _accounts(load_accounts({**ZAPI, "formerly": formerly}, support={**ZAPI, "instance": "NEW"}))
    contradiction = "`formerly` of account zapi/3A5B names zapi/NEW"
    with pytest.raises(ConfigurationError, match=contradiction):
        accounts.by_id("zapi/NEW")
    with pytest.raises(ConfigurationError, match=contradiction):
        accounts.named(None)
    assert not accounts.is_account(None, "zapi/NEW")
    assert accounts.is_account("support", "zapi/NEW")


def test_an_account_that_is_not_usable_is_still_not_what_another_formerly_was() -> None:
    accounts = _accounts(
        load_accounts({**ZAPI, "formerly": "zapi/OLD"}, support={"gateway": "zapi", "instance": "OLD"})
    )
    with pytest.raises(
        ConfigurationError, match=r"'zapi/OLD', which is not configured \(account 'support' is not usable: "
    ):
        accounts.by_id("zapi/OLD")


@pytest.mark.parametrize(
    ("other", "differ"),
    [
        ({"maxUnblocks": 0}, "maxUnblocks"),
        ({"token": "m3ta"}, "token"),
        ({"token": "m3ta", "clientToken": "s3cret", "defaultRegion": "BR"}, "clientToken, defaultRegion, token"),
    ],
)
@pytest.mark.parametrize("name", [None, "support"])
def test_two_names_of_one_account_must_say_the_same(other: dict[str, Any], differ: str, name: str | None) -> None:
    accounts = _accounts(load_accounts(ZAPI, support={**ZAPI, **other}))
    with pytest.raises(ConfigurationError) as error:
        accounts.named(name)
    text = str(error.value)
    assert text.startswith("account zapi/3A5B has two names, 'default' and 'support', with different ")
    assert sorted(text.partition("different ")[2].partition(";")[0].split(", ")) == differ.split(", ")
    assert not any(secret in text for secret in SECRETS)


def test_two_names_of_one_account_that_say_the_same_are_one() -> None:
    with pytest.raises(NotImplementedError, match=r"^zapi/3A5B$"):
        _accounts(load_accounts(ZAPI, support=ZAPI)).named("support")


@pytest.mark.parametrize("owner", [None, "support"])
def test_what_an_account_formerly_was_is_no_other_account(owner: str | None) -> None:
    old = {**ZAPI, "instance": "OLD"}
    now = {**ZAPI, "formerly": "zapi/OLD"}
    configured = load_accounts(now, support=old) if owner is None else load_accounts(old, support=now)
    with pytest.raises(
        ConfigurationError,
        match="`formerly` of account zapi/3A5B names zapi/OLD, which is still another configured account",
    ):
        _accounts(configured).named(owner)


def test_a_state_whose_account_is_gone_says_how_to_go_on() -> None:
    accounts = _accounts(load_accounts(ZAPI, support={"gateway": "meta"}))
    with pytest.raises(ConfigurationError) as error:
        accounts.by_id("zapi/GONE")
    text = str(error.value)
    assert "'zapi/GONE', which is not configured" in text
    assert "`formerly`" in text
    assert "account 'support' is not usable" in text
    assert "Remove an account only after its resources" in text
