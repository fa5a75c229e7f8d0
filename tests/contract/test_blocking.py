"""Blocking and unblocking: the same on every gateway."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.errors import Refused, Unauthorized
from pulumi_whatsapp.gateways.base import Gateway
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.names import Contact, from_gateway
from pulumi_whatsapp.outcome import Outcome

from .conftest import MakeWorld
from .stack import SimulatedStack, block_list, blocked_contact
from .world import SECRET, World

ANN, BOB, CAT, DAN = (Contact(f"+4479111200{index:02d}") for index in range(4))
FOREIGN = "+447911199999"
CROWD = [Contact(f"+44791113{index:04d}") for index in range(60)]

LISTING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.lists_blocked]


def test_block_and_unblock_name_final_states(world: World) -> None:
    async def twice(gateway: Gateway) -> list[Outcome]:
        outcomes = []
        for change in (gateway.block, gateway.block, gateway.unblock, gateway.unblock):
            outcomes += await change([ANN])
            held.append(world.phone.blocked())
        return outcomes

    held: list[set[str]] = []
    outcomes = world.with_gateway(twice)
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert held == [{ANN}, {ANN}, set(), set()]
    assert {outcome.person.contact for outcome in outcomes} <= {None, ANN}


def test_a_whole_batch_is_one_request(world: World) -> None:
    size = world.gateway.capabilities.batch_size
    contacts = CROWD[: min(size, 50)]

    async def both(gateway: Gateway) -> None:
        for change in (gateway.block, gateway.unblock):
            outcomes = await change(contacts)
            assert [(outcome.contact, outcome.error) for outcome in outcomes] == [(name, None) for name in contacts]

    world.with_gateway(both)
    assert [(r.operation, r.contacts) for r in world.requests()] == [
        ("block", len(contacts)),
        ("unblock", len(contacts)),
    ]


@pytest.mark.parametrize("name", LISTING)
def test_every_page_of_a_list_is_read(make_world: MakeWorld, name: str) -> None:
    world = make_world(name)
    world.phone.block(*CROWD)

    async def pages(gateway: Gateway) -> list[list[Contact]]:
        found, cursor = [], None
        while True:
            page = await gateway.blocked_page(cursor)
            found.append([person.contact for person in page.people if person.contact])
            cursor = page.cursor
            if cursor is None:
                return found

    found = world.with_gateway(pages)
    assert sorted(contact for page in found for contact in page) == CROWD
    assert len(found) == -(-len(CROWD) // world.gateway.capabilities.page_size)
    live = world.run(lambda accounts: accounts.named(None).blocked())
    assert {row.contact for row in live} == set(CROWD)


def test_an_empty_account_lists_nobody(world: World) -> None:
    if world.gateway.capabilities.lists_blocked:
        assert list(world.run(lambda accounts: accounts.named(None).blocked())) == []
    else:
        with pytest.raises(NotImplementedError):
            world.with_gateway(lambda gateway: gateway.blocked_page(None))


def test_status_of_an_account_that_works(world: World) -> None:
    assert world.with_gateway(lambda gateway: gateway.status()).connected
    assert [request.status for request in world.requests()] == [200]


def test_a_blocked_contact_lives_and_leaves_the_others_alone(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    phone.block(FOREIGN)
    assert stack.up(spam=blocked_contact(ANN, reason="spam"))
    assert phone.blocked() == {ANN, FOREIGN}
    assert stack.state["spam"].outputs["waId"] == ANN[1:]
    with stack.world.nothing_sent():
        assert stack.preview(spam=blocked_contact("+44 (0)7911 120000", reason="spam")) == {"spam": "same"}
        assert stack.up(spam=blocked_contact(ANN, reason="another reason")).steps == {"spam": "update"}
    assert stack.up(spam=blocked_contact(BOB)).steps["spam"] == "replace"
    assert phone.blocked() == {BOB, FOREIGN}
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


def test_a_list_lives_and_leaves_the_others_alone(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    phone.block(FOREIGN)
    assert stack.up(spam=block_list(ANN, BOB, CAT))
    assert phone.blocked() == {ANN, BOB, CAT, FOREIGN}
    with stack.world.nothing_sent():
        assert stack.preview(spam=block_list(CAT, BOB, ANN)) == {"spam": "same"}
    assert stack.up(spam=block_list(ANN, BOB, CAT, DAN)).steps == {"spam": "update"}
    assert phone.blocked() == {ANN, BOB, CAT, DAN, FOREIGN}
    assert stack.up(spam=block_list(BOB, CAT, DAN)).steps == {"spam": "replace", "spam (replaced)": "delete"}
    assert phone.blocked() == {BOB, CAT, DAN, FOREIGN}
    assert stack.refresh()
    assert stack.preview(spam=block_list(BOB, CAT, DAN)) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


def test_who_is_blocked_already_is_taken_over(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    phone.block(ANN)
    phone.contact(ANN, messaged_recently=False)
    assert stack.up(spam=block_list(ANN, BOB))
    assert stack.failed("spam") == {}
    assert stack.destroy()
    assert phone.blocked() == set()


def test_who_is_gone_already_is_unblocked(stack: SimulatedStack) -> None:
    assert stack.up(one=blocked_contact(DAN), spam=block_list(ANN, BOB))
    stack.world.phone.unblock(ANN, DAN)
    assert stack.destroy()
    assert stack.state == {}
    assert stack.world.phone.blocked() == set()
    assert stack.world.report.warnings == []


def test_what_the_phone_changed_is_found_where_the_gateway_lists(stack: SimulatedStack) -> None:
    program = {"one": blocked_contact(DAN), "spam": block_list(ANN, BOB)}
    assert stack.up(**program)
    stack.world.phone.unblock(ANN, DAN)
    assert stack.refresh()
    if stack.world.gateway.capabilities.lists_blocked:
        assert stack.preview(**program) == {"one": "create", "spam": "update"}
        assert stack.up(**program)
        assert stack.world.phone.blocked() == {ANN, BOB, DAN}
    else:
        assert stack.preview(**program) == {"one": "same", "spam": "same"}
        assert len(stack.world.report.infos + stack.world.report.warnings) <= 1


def test_one_contact_that_cannot_be_blocked_does_not_stop_the_others(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    phone.contact(BOB, on_whatsapp=False)
    assert stack.up(spam=block_list(ANN, BOB, CAT))
    assert phone.blocked() == {ANN, CAT}
    assert {name: failure["state"] for name, failure in stack.failed("spam").items()} == {BOB: "refused"}
    assert stack.preview(spam=block_list(ANN, BOB, CAT)) == {"spam": "update"}
    assert stack.preview(spam=block_list(ANN, BOB, CAT, allowFailures=True)) == {"spam": "update"}
    phone.contact(BOB, on_whatsapp=True)
    assert stack.up(spam=block_list(ANN, BOB, CAT))
    assert stack.failed("spam") == {}
    assert phone.blocked() == {ANN, BOB, CAT}


def test_a_contact_that_was_refused_is_not_ours(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    phone.contact(BOB, on_whatsapp=False)
    assert stack.up(spam=block_list(ANN, BOB))
    phone.contact(BOB, on_whatsapp=True)
    phone.block(BOB)
    assert stack.destroy()
    assert phone.blocked() == {BOB}


def test_a_blocked_contact_that_cannot_be_blocked_is_recorded_and_is_not_ours(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    phone.contact(ANN, on_whatsapp=False)
    assert stack.up(spam=blocked_contact(ANN))
    assert {name: failure["state"] for name, failure in stack.failed("spam").items()} == {ANN: "refused"}
    phone.contact(ANN, on_whatsapp=True)
    phone.block(ANN)
    assert stack.destroy()
    assert phone.blocked() == {ANN}


def test_a_refusal_keeps_nobody_from_being_let_go(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    assert stack.up(one=blocked_contact(DAN), spam=block_list(ANN, BOB))
    phone.contact(CAT, on_whatsapp=False)
    assert stack.up(spam=block_list(BOB, CAT))
    assert stack.failed("spam")[CAT]["state"] == "refused"
    assert phone.blocked() == {BOB}


def test_letting_one_go_is_one_request_and_nothing_is_sent_for_who_stays(stack: SimulatedStack) -> None:
    phone = stack.world.phone
    assert stack.up(spam=block_list(*CROWD))
    for contact in CROWD:
        phone.contact(contact, messaged_recently=False)  # who is unblocked by mistake is lost
    phone.clear_requests()
    assert stack.up(spam=block_list(*CROWD[1:]))
    assert phone.blocked() == set(CROWD[1:])
    assert [(request.operation, request.contacts) for request in stack.world.requests()] == [("unblock", 1)]


def test_the_accounts_own_number_is_refused(stack: SimulatedStack) -> None:
    stack.up(spam=block_list(ANN, stack.world.phone.phone))
    assert stack.world.phone.blocked() == {ANN}
    assert [failure["state"] for failure in stack.failed("spam").values()] == ["refused"]


@pytest.mark.parametrize("name", LISTING)
def test_an_exclusive_list_is_all_there_is_after_the_next_run(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.block(*CROWD)
    program = {"spam": block_list(ANN, BOB, mode="exclusive")}
    assert stack.preview(**program) == {"spam": "create"}
    assert "does not declare 60 contacts" in stack.world.report.warnings[0]
    assert stack.up(**program)
    assert phone.blocked() == {ANN, BOB, *CROWD}
    assert stack.state["spam"].outputs["foreign"] == CROWD
    assert stack.preview(**program) == {"spam": "replace"}
    assert "Blocklist 'spam': unblocks 60: " in stack.world.report.infos[0]
    assert stack.up(**program)
    assert phone.blocked() == {ANN, BOB}
    assert stack.preview(**program) == {"spam": "same"}
    phone.block(FOREIGN)
    assert stack.refresh()
    assert stack.state["spam"].outputs["foreign"] == [FOREIGN]
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


@pytest.mark.parametrize("name", LISTING)
def test_a_destroy_of_what_a_failed_run_has_left_behind_lets_no_stranger_go(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    assert stack.up(spam=block_list(ANN, mode="exclusive"))
    phone.block(FOREIGN)
    phone.fault("unauthorized", on="unblock")
    assert not stack.up(spam=block_list(ANN, mode="exclusive"))
    phone.block(BOB)
    assert phone.blocked() == {ANN, BOB, FOREIGN}
    assert stack.destroy()
    assert phone.blocked() == {BOB, FOREIGN}


def test_a_contact_that_moves_between_resources_stays_blocked(stack: SimulatedStack) -> None:
    assert stack.up(one=blocked_contact(ANN))
    assert stack.up(spam=block_list(ANN, BOB))
    assert stack.world.phone.blocked() == {ANN, BOB}
    assert stack.state.keys() == {"spam"}
    assert stack.destroy()
    assert stack.world.phone.blocked() == set()


def test_a_wrong_credential_is_told_and_changes_nothing(stack: SimulatedStack) -> None:
    stack.world.phone.block(FOREIGN)
    assert stack.up(one=blocked_contact(DAN), spam=block_list(ANN, BOB))
    _rotate(stack.world)
    ran = stack.up(one=blocked_contact(CROWD[0]), spam=block_list(ANN, BOB, CAT))
    assert ran.errors.keys() == {"one", "spam"}
    assert {type(error) for error in ran.errors.values()} == {Unauthorized}
    for text in map(str, ran.errors.values()):
        assert " refused " in text
        assert any(key in text for key in stack.world.gateway.requirements.credentials)
        assert SECRET not in text
        assert "\n" not in text
    assert stack.world.phone.blocked() == {ANN, BOB, DAN, FOREIGN}
    assert stack.state["spam"].outputs["contacts"].keys() == {ANN, BOB}
    assert set(stack.destroy().errors) == {"one", "spam"}
    assert stack.state.keys() == {"one", "spam"}
    with pytest.raises(Unauthorized):
        stack.world.with_gateway(lambda gateway: gateway.status())


def _rotate(world: World) -> None:
    """Let the account take other credentials than the configured ones."""
    world.phone.forget_credential()
    right = {key: f"{SECRET}-rotated-{key}" for key in world.gateway.requirements.credentials}
    configured, world.tuning = world.tuning, {**world.tuning, **right}
    world.with_gateway(lambda gateway: gateway.status())
    world.tuning = configured


def test_a_rotated_credential_goes_on_with_the_same_state(stack: SimulatedStack) -> None:
    assert stack.up(spam=block_list(ANN, BOB))
    stack.world.phone.forget_credential()
    credentials = stack.world.gateway.requirements.credentials
    stack.world.tuning = dict.fromkeys(credentials, f"{SECRET}-rotated")
    assert stack.preview(spam=block_list(ANN, BOB)) == {"spam": "same"}
    assert stack.destroy()
    assert stack.world.phone.blocked() == set()


async def _refusal(gateway: Gateway, contact: Contact) -> Outcome:
    (outcome,) = await gateway.block([contact])
    return outcome


def test_a_refusal_is_an_outcome_of_its_contact(world: World) -> None:
    world.phone.contact(ANN, on_whatsapp=False)
    outcome = world.with_gateway(lambda gateway: _refusal(gateway, ANN))
    assert isinstance(outcome.error, Refused)
    assert outcome.contact == from_gateway(ANN)
