"""Who hides the number is listed by an id alone; nobody is unblocked, dropped or blocked again for it."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.names import from_gateway
from whatsapp_sandbox.gateways import WIRES

from .conftest import MakeWorld
from .stack import CheckFailed, DeclaredResource, SimulatedStack, block_list, blocked_contact

ONE, TWO, THREE, FOUR = (f"+1650555100{last}" for last in "1234")
STRANGER = "+16505559999"
PARENT = "US.ENT.11815799212886844830"
LISTING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.lists_blocked]
TAKING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.takes_bsuid]

LISTS = pytest.mark.parametrize("name", LISTING)
STRICT = pytest.mark.parametrize("name", [name for name in LISTING if GATEWAYS[name].capabilities.needs_recent_message])
TAKES = pytest.mark.parametrize("name", TAKING)
LEARNT = pytest.mark.parametrize("learnt", [True, False], ids=["id learnt", "id not learnt"])
MODE = pytest.mark.parametrize("mode", ["additive", "exclusive"])


def _hide(stack: SimulatedStack, *phones: str) -> None:
    """Let contacts adopt a username; nobody has written for a day."""
    for phone in phones:
        stack.world.phone.contact(phone, username=True)
    stack.world.phone.let_a_day_pass()


def _writes(stack: SimulatedStack) -> list[str]:
    """Return whom the requests name that were sent to change the list, and forget them."""
    sent = [request.json for request in stack.world.requests() if request.operation in {"block", "unblock"}]
    stack.world.phone.clear_requests()
    fields = WIRES[stack.world.gateway.name].naming
    named = [body[field] for body in sent for field in fields if field in body]
    entries = [entry for one in named for entry in (one if isinstance(one, list) else [one])]
    return [from_gateway(entry if isinstance(entry, str) else next(iter(entry.values()))) for entry in entries]


def _infos(stack: SimulatedStack, part: str) -> list[str]:
    return [text for text in stack.world.report.infos if part in text]


# -- what can be declared


def test_an_id_is_taken_where_the_gateway_takes_it(stack: SimulatedStack) -> None:
    who = "US.13491208655302741918"
    if stack.world.gateway.capabilities.takes_bsuid:
        who = stack.world.phone.user_id(ONE)
        assert stack.up(spam=block_list(who, TWO), one=blocked_contact(stack.world.phone.user_id(THREE)))
        assert stack.world.phone.blocked() == {ONE, TWO, THREE}
        assert who in _writes(stack)
        assert stack.refresh()
        assert stack.state["spam"].outputs["waIds"] == {who: ONE[1:]}
        assert stack.destroy()
        assert stack.world.phone.blocked() == set()
        return
    for declare in (block_list, blocked_contact):
        with pytest.raises(CheckFailed, match=r"does not take business-scoped user ids \(US\.1349.*phone number"):
            stack.up(spam=declare(who))


def test_a_parent_id_is_refused_with_the_reason(stack: SimulatedStack) -> None:
    for declare in (block_list, blocked_contact):
        with pytest.raises(CheckFailed, match="a parent BSUID cannot be blocked; use the BSUID of this portfolio"):
            stack.up(spam=declare(PARENT))


@TAKES
def test_numbers_and_ids_go_in_one_request(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    three = stack.world.phone.user_id(THREE)
    assert stack.up(spam=block_list(ONE, three))
    assert len(stack.world.requests("block")) == 1
    assert sorted(_writes(stack)) == sorted([ONE, three])


# -- hidden numbers


@LISTS
@MODE
@LEARNT
def test_whoever_hides_the_number_stays_blocked_without_a_request(
    make_world: MakeWorld, name: str, mode: str, *, learnt: bool
) -> None:
    stack = SimulatedStack(make_world(name))
    program = {"spam": block_list(ONE, TWO, mode=mode)}
    assert stack.up(**program)
    if learnt:
        assert stack.refresh()
        assert stack.state["spam"].outputs["userIds"] == {who: stack.world.phone.user_id(who) for who in (ONE, TWO)}
        assert stack.preview(**program) == {"spam": "same"}, "learning is no change"
    _hide(stack, ONE)
    _writes(stack)
    for _ in range(2):
        assert stack.refresh()
        assert (len(_infos(stack, "cannot be found")) == 0) is learnt
        assert stack.state["spam"].outputs["contacts"].keys() == {ONE, TWO}
        assert stack.preview(**program) == {"spam": "same"}
        assert stack.up(**program)
    assert _writes(stack) == []
    assert stack.world.phone.blocked() == {ONE, TWO}
    assert stack.up(spam=block_list(TWO, mode=mode))
    assert stack.world.phone.blocked() == {TWO}
    by_id = learnt and stack.world.gateway.capabilities.takes_bsuid
    assert _writes(stack) == [stack.world.phone.user_id(ONE) if by_id else ONE]
    assert stack.destroy()
    assert stack.world.phone.blocked() == set()


@LISTS
@LEARNT
def test_one_contact_that_hides_the_number_stays_and_goes_when_it_is_removed(
    make_world: MakeWorld, name: str, *, learnt: bool
) -> None:
    stack = SimulatedStack(make_world(name))
    program = {"one": blocked_contact(ONE), "two": blocked_contact(TWO)}
    assert stack.up(**program)
    if learnt:
        assert stack.refresh()
        assert stack.state["one"].outputs["userId"] == stack.world.phone.user_id(ONE)
    _hide(stack, ONE)
    assert stack.refresh()
    assert stack.preview(**program) == {"one": "same", "two": "same"}
    assert stack.up(two=blocked_contact(TWO))
    assert stack.world.phone.blocked() == {TWO}


@LISTS
def test_the_number_is_used_while_the_list_shows_it(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    assert stack.up(spam=block_list(ONE, TWO))
    assert stack.refresh()
    _writes(stack)
    assert stack.up(spam=block_list(TWO))
    assert _writes(stack) == [ONE]


@LISTS
@MODE
def test_an_unblock_by_hand_beside_hidden_numbers_is_seen_where_it_can_be_told(
    make_world: MakeWorld, name: str, mode: str
) -> None:
    """By the ids that are known; and where none is, once no entry is left that might be it."""
    stack = SimulatedStack(make_world(name))
    assert stack.up(spam=block_list(ONE, TWO, mode=mode))
    assert stack.refresh()
    assert stack.up(spam=block_list(ONE, TWO, THREE, FOUR, mode=mode))
    phone = stack.world.phone
    _hide(stack, TWO, FOUR)
    stack.state["spam"].outputs["userIds"].pop(FOUR, None)
    phone.unblock(ONE, THREE)
    stack.state["spam"].outputs["userIds"].pop(THREE, None)
    assert stack.refresh()
    assert stack.state["spam"].outputs["contacts"].keys() == {TWO, THREE, FOUR}, "THREE may be the entry of FOUR"
    assert _infos(stack, "2 contacts of ")
    phone.contact(FOUR, username=False)
    assert stack.refresh()
    assert stack.state["spam"].outputs["contacts"].keys() == {TWO, FOUR}
    assert _infos(stack, "cannot be found") == []


@STRICT
def test_whoever_is_blocked_already_under_an_id_alone_is_neither_lost_nor_refused_for_good(
    make_world: MakeWorld, name: str
) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.block(ONE)
    _hide(stack, ONE)
    phone.contact(TWO, messaged_recently=True)
    program = {"spam": block_list(ONE, TWO, allowFailures=True)}
    assert stack.up(**program)
    assert stack.failed("spam")[ONE]["state"] == "unsure"
    assert "may be blocked all the same" in stack.failed("spam")[ONE]["why"]
    assert stack.preview(**program) == {"spam": "same"}
    phone.contact(ONE, username=False)  # they wrote: the list shows the number
    assert stack.refresh()
    assert stack.failed("spam") == {}
    _hide(stack, ONE)
    assert stack.refresh()
    assert stack.preview(**program) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == set()


@LISTS
def test_whoever_may_be_blocked_under_an_id_alone_is_let_go_of_when_removed(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    stack.world.phone.block(ONE)
    _hide(stack, ONE)
    assert stack.up(spam=block_list(ONE, allowFailures=True))
    assert stack.up(spam=block_list(allowFailures=True))
    assert stack.world.phone.blocked() == set()


@STRICT
def test_who_is_refused_is_refused_where_every_entry_is_known(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    assert stack.up(spam=block_list(ONE))
    assert stack.refresh()
    _hide(stack, ONE)
    assert stack.up(spam=block_list(ONE, TWO))
    assert stack.failed("spam")[TWO]["state"] == "refused"


# -- strangers


@LISTS
def test_a_hidden_stranger_goes_only_when_everybody_declared_is_accounted_for(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone, can = stack.world.phone, stack.world.gateway.capabilities
    program = {"spam": block_list(ONE, TWO, mode="exclusive")}
    assert stack.up(**program)
    phone.block(STRANGER)
    _hide(stack, ONE, STRANGER)  # whose id was never learnt
    assert stack.preview(**program) == {"spam": "same"}
    assert _infos(stack, "leaves 2 alone")
    assert stack.up(**program)
    assert phone.blocked() == {ONE, TWO, STRANGER}
    phone.contact(ONE, username=False)
    assert stack.refresh()
    _hide(stack, ONE)
    if not can.takes_bsuid:
        assert stack.preview(**program) == {"spam": "same"}, "the gateway takes no name of theirs"
        return
    assert stack.preview(**program) == {"spam": "replace"}
    assert stack.up(**program)
    assert phone.blocked() == {ONE, TWO}
    assert phone.user_id(STRANGER) in _writes(stack)


# -- one person by two names


@TAKES
@pytest.mark.parametrize("hidden", [True, False])
@pytest.mark.parametrize("gone", ["number", "id"])
def test_two_names_in_one_list_are_one_person(make_world: MakeWorld, name: str, gone: str, *, hidden: bool) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    names = {"number": ONE, "id": phone.user_id(ONE)}
    assert stack.up(spam=block_list(*names.values()))
    assert stack.refresh()
    if hidden:
        _hide(stack, ONE)
    _writes(stack)
    assert stack.preview(spam=block_list(*names.values())) == {"spam": "same"}
    names.pop(gone)
    assert stack.up(spam=block_list(*names.values()))
    assert phone.blocked() == {ONE}
    assert _writes(stack) == []
    assert stack.refresh()
    assert stack.preview(spam=block_list(*names.values())) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == set()


@TAKES
@pytest.mark.parametrize("known", [True, False], ids=["known before", "told in that run"])
@pytest.mark.parametrize("gone", ["number", "id"])
def test_two_names_in_two_resources_are_one_person(make_world: MakeWorld, name: str, gone: str, *, known: bool) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    program: dict[str, DeclaredResource] = {"number": block_list(ONE, TWO), "id": blocked_contact(phone.user_id(ONE))}
    assert stack.up(**program)
    if known:
        assert stack.refresh()
        assert stack.preview(**program) == {"number": "same", "id": "same"}
    program.pop(gone)
    assert stack.up(**program)
    assert phone.blocked() >= {ONE}
    assert stack.refresh()
    assert stack.preview(**program) == dict.fromkeys(program, "same")
    assert stack.destroy()
    assert phone.blocked() == set()


@TAKES
@LEARNT
@MODE
def test_a_hidden_number_gives_way_to_its_id(make_world: MakeWorld, name: str, mode: str, *, learnt: bool) -> None:
    """What the message advises: declare the id that the list shows instead."""
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    assert stack.up(spam=block_list(ONE, mode=mode))
    if learnt:
        assert stack.refresh()
    _hide(stack, ONE)
    assert stack.up(spam=block_list(phone.user_id(ONE), mode=mode))
    assert (phone.blocked(), stack.replaced) == ({ONE}, [])
    assert stack.preview(spam=block_list(phone.user_id(ONE), mode=mode)) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == set()


@TAKES
def test_nobody_goes_who_may_be_declared_by_the_number(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.contact(ONE, username=True)
    own = phone.user_id(ONE)
    assert stack.up(one=blocked_contact(own), two=blocked_contact(ONE))
    ran = stack.up(two=blocked_contact(ONE))
    assert "may be the same person as a contact that BlockedContact 'two' declares" in str(ran.errors["one"])
    assert phone.blocked() == {ONE}
    assert stack.up(one=blocked_contact(own), two=blocked_contact(ONE))
    phone.contact(ONE, username=False)
    assert stack.up(two=blocked_contact(ONE))
    assert phone.blocked() == {ONE}


# -- a new id


@LISTS
def test_a_new_id_of_a_number_that_is_shown_is_learnt(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    assert stack.up(spam=block_list(ONE))
    assert stack.refresh()
    phone.contact(ONE, new_user_id=True)
    assert stack.refresh()
    assert stack.state["spam"].outputs["userIds"] == {ONE: phone.user_id(ONE)}
    assert stack.preview(spam=block_list(ONE)) == {"spam": "same"}


@TAKES
def test_a_new_id_of_a_hidden_number_is_drift(make_world: MakeWorld, name: str) -> None:
    """It is shown, and not mended in silence: whether the block follows is not documented."""
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    assert stack.up(spam=block_list(ONE, TWO))
    assert stack.refresh()
    _hide(stack, ONE)
    phone.contact(ONE, new_user_id=True)
    assert stack.refresh()
    assert stack.state["spam"].outputs["contacts"].keys() == {TWO}
    assert stack.preview(spam=block_list(ONE, TWO)) == {"spam": "update"}
    assert phone.blocked() == {ONE, TWO}


@LISTS
def test_parent_ids_in_the_list_are_nobody_s_name(make_world: MakeWorld, name: str) -> None:
    stack = SimulatedStack(make_world(name))
    stack.world.phone.join_portfolio("acme", parent_ids=True)
    assert stack.up(spam=block_list(ONE, mode="exclusive"))
    assert stack.refresh()
    _hide(stack, ONE)
    assert stack.preview(spam=block_list(ONE, mode="exclusive")) == {"spam": "same"}
    assert stack.state["spam"].outputs["userIds"] == {ONE: stack.world.phone.user_id(ONE)}
