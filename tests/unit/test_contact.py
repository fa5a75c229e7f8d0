"""The lifecycle of one blocked contact."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.errors import (
    InternalError,
    TooManyUnblocks,
    Unauthorized,
    Unavailable,
    WhatsAppError,
)
from pulumi_whatsapp.lifecycle import contact
from pulumi_whatsapp.lifecycle.diff import Diff
from pulumi_whatsapp.lifecycle.inputs import UNKNOWN, Props, Unknown
from pulumi_whatsapp.names import Contact, digits, key_of

from .fake import LINKED, FakeWorld, by, lost, number, refused
from .stacks import check_contact

ODD = "999000111222"
ONE = number(1)


def _declare(accounts: Accounts, phone: str = ONE, label: str = "other", **more: Any) -> Props:
    """Have a resource checked; returns its checked inputs."""
    inputs = contact.check({"phone": phone, **more}, {}, accounts, by(label))
    assert inputs.failures == []
    return inputs.checked


async def _create(world: FakeWorld, phone: Contact = ONE, **more: Any) -> tuple[str, Props]:
    return await contact.create({"phone": phone, **more}, world.accounts())


async def _update(world: FakeWorld, outputs: Props, **news: Any) -> Props:
    return await contact.update(outputs, news, world.accounts())


async def _delete(world: FakeWorld, outputs: Props, accounts: Accounts | None = None) -> None:
    await contact.delete("zapi/I1/old", outputs, accounts or world.accounts())


async def _diff(world: FakeWorld, outputs: Props, **news: Any) -> Diff:
    return await contact.diff(outputs, news, world.accounts())


async def _one_person(world: FakeWorld) -> tuple[Props, Props]:
    """Return the outputs of two contacts that only WhatsApp knows to be one person."""
    world.phone.wa_ids = {number(1): number(2)}
    return (await _create(world, number(1)))[1], (await _create(world, number(2)))[1]


@pytest.mark.parametrize("declared", [1, 2])
async def test_who_is_declared_under_either_number_is_not_unblocked(world: FakeWorld, declared: int) -> None:
    one, two = await _one_person(world)
    stays, goes = (one, two) if declared == 1 else (two, one)
    accounts = world.accounts()
    _declare(accounts, number(declared))
    assert await contact.diff(stays, {"phone": number(declared)}, accounts) == Diff(False)
    await _delete(world, goes, accounts)
    assert world.phone.on_list() == {number(2)}


async def test_the_diff_of_a_refresh_declares_nobody(world: FakeWorld) -> None:
    _, held = await _create(world)
    accounts = world.accounts()
    await contact.diff(held, {"phone": number(1)}, accounts)
    await _delete(world, held, accounts)
    assert world.phone.on_list() == set()


def test_check_gives_the_canonical_form(world: FakeWorld) -> None:
    inputs = check_contact(world, phone="+55 (11) 98765-4321", reason="spam")
    assert inputs.checked == {"phone": "+5511987654321", "reason": "spam"}
    assert inputs.failures == []


@pytest.mark.parametrize(
    ("news", "says"),
    [
        ({}, "phone: it is missing"),
        ({"phone": "123"}, "phone: '123' is not a possible phone number"),
        ({"phone": 5511987654321.0}, "phone: it must be a string, not a number"),
        ({"phone": number(1), "reason": ["x"]}, "reason: it must be a string, not a list"),
        ({"phone": number(1), "account": "sales"}, "account: no account 'sales'"),
        ({"phone": "1234@lid"}, "phone: Fake does not take LIDs"),
    ],
)
def test_what_is_not_possible_is_said(world: FakeWorld, news: Props, says: str) -> None:
    (failure,) = check_contact(world, **news).failures
    assert str(failure).startswith(says)


def test_an_unknown_phone_passes_a_preview(world: FakeWorld) -> None:
    inputs = check_contact(world, phone=UNKNOWN, reason=UNKNOWN, account=UNKNOWN)
    assert inputs.failures == []
    assert all(isinstance(inputs.checked[key], Unknown) for key in ("phone", "reason", "account"))


async def test_create_blocks_and_delete_unblocks(world: FakeWorld) -> None:
    id_, outputs = await _create(world, reason="spam")
    assert id_ == "zapi/I1/447911120001"
    assert outputs["phone"] == number(1)
    assert outputs["waId"] == "447911120001"
    assert outputs["reason"] == "spam"
    assert outputs["accountId"] == "zapi/I1"
    assert not outputs["failed"]
    assert world.phone.on_list() == {number(1)}
    await _delete(world, outputs)
    assert world.phone.on_list() == set()


async def test_a_named_account_is_used(world: FakeWorld) -> None:
    id_, outputs = await _create(world, account="other")
    assert id_ == "zapi/I2/447911120001"
    assert world.other.on_list() == {number(1)}
    assert world.phone.calls == []
    await _delete(world, outputs)
    assert world.other.on_list() == set()


async def test_the_id_has_whatsapps_own_id(world: FakeWorld) -> None:
    world.phone.wa_ids = {number(1): Contact(f"+{ODD}")}
    id_, outputs = await _create(world)
    assert id_ == f"zapi/I1/{ODD}"
    assert outputs["waId"] == ODD
    assert await contact.read(outputs, world.accounts()) is not None
    await _delete(world, outputs)
    assert world.phone.on_list() == set()


async def test_a_contact_that_is_blocked_already_is_adopted(world: FakeWorld) -> None:
    world.phone.block(Contact("+551187654321"))
    _, outputs = await _create(world, Contact("+5511987654321"))
    assert outputs["waId"] == "551187654321"
    assert world.phone.sent("block") == []
    await _delete(world, outputs)
    assert world.phone.on_list() == set()


async def test_a_contact_that_is_not_blocked_any_more_is_deleted_all_the_same(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    world.phone.unblock(number(1))
    await _delete(world, outputs)
    world.phone.refused = {number(1): refused("it is not blocked")}
    await _delete(world, outputs)
    assert world.report.warnings == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Contact("+5511987654321"), Contact("+551187654321")),
        (Contact("+525512345678"), Contact("+5215512345678")),
        (Contact("+5491123456789"), Contact("+541123456789")),
    ],
)
async def test_another_spelling_is_no_other_contact(world: FakeWorld, before: Contact, after: Contact) -> None:
    world.can = LINKED
    _, outputs = await _create(world, before)
    world.phone.calls.clear()
    diff = await _diff(world, outputs, phone=after)
    assert (diff.changes, diff.replaces) == (True, ())
    outputs = await _update(world, outputs, phone=after)
    assert outputs["phone"] == after
    assert world.phone.calls == []
    assert not (await _diff(world, outputs, phone=after)).changes


async def test_another_person_is_another_resource(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    assert (await _diff(world, outputs, phone=number(2))).replaces == ("phone",)
    assert (await _diff(world, outputs, phone=number(1), account="other")).replaces == ("account",)


async def test_an_unknown_phone_is_an_update(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    for news in ({"phone": UNKNOWN}, {"phone": number(1), "account": UNKNOWN}, {"phone": number(1), "reason": UNKNOWN}):
        diff = await _diff(world, outputs, **news)
        assert (diff.changes, diff.replaces) == (True, ())


async def test_an_update_unblocks_nobody_whatever_it_is_given(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    world.phone.calls.clear()
    with pytest.raises(InternalError, match="would lose contacts that are still blocked"):
        await _update(world, outputs, phone=number(2))
    assert world.phone.calls == []


@pytest.mark.parametrize("news", [{"phone": number(2)}, {"phone": number(1), "account": "other"}])
async def test_a_preview_fails_where_the_run_would_exceed_max_unblocks(world: FakeWorld, news: Props) -> None:
    _, outputs = await _create(world)
    world.tuning = {"max_unblocks": 0}
    with pytest.raises(TooManyUnblocks, match="would unblock 1 contact of zapi/I1 and maxUnblocks is 0"):
        await _diff(world, outputs, **news)


async def test_a_changed_reason_calls_no_gateway(world: FakeWorld) -> None:
    _, outputs = await _create(world, reason="spam")
    world.phone.calls.clear()
    assert (await _diff(world, outputs, phone=number(1), reason="abuse")).changes
    assert (await _update(world, outputs, phone=number(1), reason="abuse"))["reason"] == "abuse"
    assert not (await _diff(world, outputs, phone=number(1), reason="spam")).changes
    assert world.phone.calls == []


async def test_a_refused_contact_is_recorded_and_never_ours(world: FakeWorld) -> None:
    world.phone.refused = {number(1): refused("131047: no message")}
    id_, outputs = await _create(world)
    assert id_ == "zapi/I1/447911120001"
    assert outputs["failed"] == {number(1): {"state": "refused", "why": "131047: no message"}}
    assert await _diff(world, outputs, phone=number(1)) == Diff(True)
    assert (await _diff(world, outputs, phone=number(2))).replaces == ("phone",)
    world.phone.refused = {}
    await _delete(world, outputs)
    assert world.phone.sent("unblock") == []
    assert not (await _update(world, outputs, phone=number(1)))["failed"]
    assert world.phone.on_list() == {number(1)}


async def test_wrong_credentials_create_nothing(world: FakeWorld) -> None:
    world.can = LINKED
    world.phone.faults = [Unauthorized("check token")]
    with pytest.raises(Unauthorized, match="check token"):
        await _create(world)


async def test_a_lost_create_is_recorded_and_tried_again(world: FakeWorld) -> None:
    world.can = LINKED
    world.phone.lost = [lost()]
    _, outputs = await _create(world)
    assert outputs["failed"][number(1)]["state"] == "unknown"
    assert (await _diff(world, outputs, phone=number(1))).changes
    outputs = await _update(world, outputs, phone=number(1))
    assert not outputs["failed"]
    assert not (await _diff(world, outputs, phone=number(1))).changes


async def test_a_contact_whose_create_was_lost_is_unblocked_on_delete(world: FakeWorld) -> None:
    world.can = LINKED
    world.phone.lost = [lost()]
    _, outputs = await _create(world)
    await _delete(world, outputs)
    assert world.phone.on_list() == set()


async def test_refresh_confirms_that_a_contact_is_gone(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    assert await contact.read(outputs, world.accounts()) == outputs
    world.phone.unblock(number(1))
    world.phone.calls.clear()
    assert await contact.read(outputs, world.accounts()) is None
    assert world.phone.asked("list") == 2


async def test_who_stands_on_the_list_as_it_was_read_needs_no_gateway(world: FakeWorld) -> None:
    world.phone.wa_ids = {number(2): number(20)}
    (_, one), (_, two) = await _create(world), await _create(world, number(2), reason="spam")
    accounts = world.accounts()
    assert contact.read_seen(two, accounts) is None, "nothing was read"
    assert await contact.read(one, accounts) == one
    world.phone.calls.clear()
    assert contact.read_seen(two, accounts) == two
    assert contact.read_seen({**two, "waId": digits(number(9)), "phone": number(9)}, accounts) is None
    assert contact.read_seen({**two, "failed": {number(2): {"state": "pending", "why": "late"}}}, accounts) is None
    assert world.phone.calls == []


async def test_a_list_that_is_in_doubt_settles_nobody(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    accounts = world.accounts()
    await contact.read(outputs, accounts)
    accounts.named(None).forget_list()
    assert contact.read_seen(outputs, accounts) is None


async def test_who_stands_on_the_list_counts_when_others_vanish(world: FakeWorld) -> None:
    held = [(await _create(world, number(index)))[1] for index in range(12)]
    world.phone.unblock(*map(number, range(5)))
    accounts = world.accounts()
    await contact.read(held[-1], accounts)
    for outputs in held[5:-1]:
        assert contact.read_seen(outputs, accounts) == outputs
    for outputs in held[:5]:
        assert await contact.read(outputs, accounts) is None, "5 of 12 are somebody's work"


async def test_a_gateway_that_cannot_list_leaves_the_state(world: FakeWorld) -> None:
    world.can = LINKED
    _, outputs = await _create(world)
    world.phone.unblock(number(1))
    assert await contact.read(outputs, world.accounts()) == outputs


async def test_a_refused_delete_fails_until_the_contact_is_given_up(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    world.phone.refused = {number(1): refused("not yours")}
    with pytest.raises(WhatsAppError, match=r"not yours; the state keeps them.*WHATSAPP_GIVE_UP"):
        await _delete(world, outputs)
    world.tuning = {"give_up": (number(1),)}
    await _delete(world, outputs)
    assert "+447911120001 of zapi/I1 may still be blocked" in world.report.warnings[0]


async def test_a_delete_that_failed_says_so(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    world.phone.faults = [Unauthorized("check token")]
    with pytest.raises(WhatsAppError, match=r"not unblocked yet \(\+447911120001\): check token; the state keeps them"):
        await _delete(world, outputs)


async def test_a_contact_that_moved_to_another_resource_stays_blocked(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    accounts = world.accounts()
    await contact.create(_declare(accounts, "+44 7911 120001"), accounts)
    await _delete(world, outputs, accounts)
    assert world.phone.on_list() == {number(1)}
    assert "still blocked" in world.report.infos[0]


async def test_a_contact_stays_with_its_resource_until_another_one_has_it(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    accounts = world.accounts()
    news = _declare(accounts)  # another resource, which is not created
    with pytest.raises(Unavailable, match="other declares it and has not blocked it"):
        await _delete(world, outputs, accounts)
    assert world.phone.on_list() == {number(1)}
    assert world.report.infos == []

    _, moved = await contact.create(news, accounts)
    later = world.accounts()
    await contact.diff(moved, _declare(later), later)
    await _delete(world, outputs, later)
    assert world.phone.sent("unblock") == []


async def test_a_contact_that_nobody_has_blocked_keeps_no_resource(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    world.phone.unblock(number(1))
    accounts = world.accounts()
    _declare(accounts)  # another resource, which is not created
    await _delete(world, outputs, accounts)
    assert world.phone.sent("unblock") == []


async def test_a_contact_that_one_listing_leaves_out_keeps_its_resource(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    accounts = world.accounts()
    _declare(accounts)
    world.phone.hidden = {key_of(number(1))}
    await accounts.named(None).blocked()
    world.phone.hidden = set()
    with pytest.raises(Unavailable, match="has not blocked it"):
        await _delete(world, outputs, accounts)


async def test_a_claim_of_another_account_protects_nobody_here(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    accounts = world.accounts()
    _declare(accounts, account="other")
    await _delete(world, outputs, accounts)
    assert world.phone.on_list() == set()


async def test_reads_and_diffs_claim_nothing(world: FakeWorld) -> None:
    _, outputs = await _create(world)
    accounts = world.accounts()
    await contact.read(outputs, accounts)
    await contact.diff(outputs, {"phone": number(1)}, accounts)
    await _delete(world, outputs, accounts)
    assert world.phone.on_list() == set()


async def test_the_deletes_of_a_run_share_one_budget(world: FakeWorld) -> None:
    both = [(await _create(world, number(index)))[1] for index in (1, 2)]
    world.tuning = {"max_unblocks": 1}
    accounts = world.accounts()
    await _delete(world, both[0], accounts)
    with pytest.raises(TooManyUnblocks):
        await _delete(world, both[1], accounts)
    assert world.phone.on_list() == {number(2)}


async def test_a_secret_contact_shows_four_digits_and_no_number_in_its_id(world: FakeWorld) -> None:
    id_, outputs = await _create(world, secret=True)
    assert "44791112" not in id_
    world.phone.faults = [Unauthorized("401")]
    with pytest.raises(WhatsAppError) as error:
        await _delete(world, outputs)
    assert "…0001" in str(error.value)
    assert "44791112" not in str(error.value)
    world.phone.refused = {number(2): refused(f"{number(2)} did not write")}
    _, outputs = await _create(world, number(2), secret=True)
    assert outputs["failed"][number(2)]["why"] == "…0002 did not write"


async def test_a_secret_contact_shows_in_no_message_of_a_delete(world: FakeWorld) -> None:
    _, outputs = await _create(world, secret=True)
    told = []
    for failure in (refused("447911120001 is not yours"), Unauthorized("447911120001: 401")):
        world.phone.refused = {number(1): failure}
        with pytest.raises(WhatsAppError) as error:
            await _delete(world, outputs)
        told.append(str(error.value))
    world.tuning = {"give_up": (number(1),)}
    await _delete(world, outputs)
    for text in (*world.report.warnings, *world.report.infos, *told):
        assert "44791112" not in text
