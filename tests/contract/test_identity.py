"""One person has many spellings; none of them makes a diff, and none hides who is to be unblocked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_whatsapp.gateways.registry import GATEWAYS

from .conftest import MakeWorld
from .stack import CheckFailed, DeclaredResource, SimulatedStack, block_list, blocked_contact

FOREIGN = "+447911199999"

Declare = Callable[..., DeclaredResource]
EACH = pytest.mark.parametrize("declare", [blocked_contact, block_list])
LISTING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.lists_blocked]

SPELLINGS = {
    "Brazil, listed without the ninth digit": ("+5531987654321", "+553187654321", "+55 31 8765-4321"),
    "Brazil, listed with the ninth digit": ("+551187654321", "+5511987654321", "5511987654321@s.whatsapp.net"),
    "Mexico, listed as 521": ("+525512345678", "+5215512345678", "+52 1 55 1234 5678"),
    "Argentina, listed as 549": ("+541123456789", "+5491123456789", "5491123456789"),
}
ODD = "+447911123456"
ODD_WA_ID = "447000000001"


@pytest.mark.parametrize("case", SPELLINGS)
@EACH
def test_the_wa_id_of_a_country_makes_no_diff(stack: SimulatedStack, case: str, declare: Declare) -> None:
    declared, listed, respelt = SPELLINGS[case]
    phone = stack.world.phone
    phone.block(FOREIGN)
    assert stack.up(spam=declare(declared))
    assert phone.blocked() == {listed, FOREIGN}
    assert stack.refresh()
    writes = len(stack.world.requests("block")) + len(stack.world.requests("unblock"))
    assert stack.preview(spam=declare(declared)) == {"spam": "same"}
    assert stack.up(spam=declare(respelt))
    assert stack.up(spam=declare(listed))
    assert len(stack.world.requests("block")) + len(stack.world.requests("unblock")) == writes
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


@pytest.mark.parametrize(("number", "listed"), [("+2290197123456", "+22997123456"), ("+2250707123456", "+22507123456")])
@EACH
def test_an_id_from_before_the_numbers_changed(
    stack: SimulatedStack, number: str, listed: str, declare: Declare
) -> None:
    phone = stack.world.phone
    phone.contact(number, wa_id=listed[1:])
    phone.block(FOREIGN)
    assert stack.up(spam=declare(listed))
    assert phone.blocked() == {listed, FOREIGN}
    writes = len(stack.world.requests("block")) + len(stack.world.requests("unblock"))
    for spelt in (number, f"{listed[1:]}@s.whatsapp.net", listed[1:]):
        assert stack.up(spam=declare(spelt))
        assert stack.refresh()
    assert len(stack.world.requests("block")) + len(stack.world.requests("unblock")) == writes
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


@EACH
def test_what_no_numbering_plan_has_is_blocked_as_whatsapp_calls_it(stack: SimulatedStack, declare: Declare) -> None:
    phone = stack.world.phone
    phone.contact("+999123456789", wa_id="999123456789")
    assert stack.up(spam=declare("999123456789@s.whatsapp.net"))
    assert phone.blocked() == {"+999123456789"}
    assert stack.refresh()
    assert stack.preview(spam=declare("999123456789@c.us")) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == set()


@EACH
def test_a_wa_id_of_another_number_is_the_same_person(stack: SimulatedStack, declare: Declare) -> None:
    phone = stack.world.phone
    phone.block(FOREIGN)
    phone.contact(ODD, wa_id=ODD_WA_ID)
    assert stack.up(spam=declare(ODD))
    assert phone.blocked() == {f"+{ODD_WA_ID}", FOREIGN}
    assert stack.refresh()
    assert stack.preview(spam=declare(ODD)) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == {FOREIGN}


@pytest.mark.parametrize("name", LISTING)
@pytest.mark.parametrize("before", [True, False], ids=["blocked before", "not blocked before"])
def test_an_exclusive_list_does_not_unblock_its_own_under_another_name(
    make_world: MakeWorld, name: str, *, before: bool
) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.contact(ODD, wa_id=ODD_WA_ID)
    phone.block(FOREIGN, *([ODD] if before else []))
    assert stack.up(spam=block_list(ODD, mode="exclusive"))
    assert phone.blocked() == {f"+{ODD_WA_ID}", FOREIGN}
    assert stack.up(spam=block_list(ODD, mode="exclusive"))
    assert not any("another resource" in text for text in stack.world.report.infos)
    assert phone.blocked() == {f"+{ODD_WA_ID}"}
    assert stack.failed("spam") == {}
    assert stack.refresh()
    assert stack.preview(spam=block_list(ODD, mode="exclusive")) == {"spam": "same"}
    assert stack.destroy()
    assert phone.blocked() == set()


@EACH
def test_a_number_that_turns_out_to_be_the_one_it_replaces_stays_blocked(
    stack: SimulatedStack, declare: Declare
) -> None:
    phone = stack.world.phone
    phone.contact(ODD, wa_id=ODD_WA_ID)
    assert stack.up(spam=declare(f"+{ODD_WA_ID}"))
    assert stack.up(spam=declare(ODD))
    if stack.state["spam"].outputs["waId" if declare is blocked_contact else "waIds"] in (ODD[1:], {}):
        return  # the gateway does not say who it is
    assert phone.blocked() == {f"+{ODD_WA_ID}"}
    assert stack.destroy()
    assert phone.blocked() == set()


@pytest.mark.parametrize("name", LISTING)
@EACH
def test_who_is_blocked_under_another_name_and_cannot_write_is_not_called_refused(
    make_world: MakeWorld, name: str, declare: Declare
) -> None:
    stack = SimulatedStack(make_world(name))
    phone = stack.world.phone
    phone.contact(ODD, wa_id=ODD_WA_ID, messaged_recently=False)
    phone.block(ODD)
    assert stack.up(spam=declare(ODD))
    assert stack.failed("spam") == {}
    assert stack.destroy()
    assert phone.blocked() == set()


def test_a_lid_is_taken_where_the_gateway_takes_it(stack: SimulatedStack) -> None:
    lid = "123456789012345@lid"
    if not stack.world.gateway.capabilities.takes_lid:
        with pytest.raises(CheckFailed, match=r"does not take LIDs.*give the phone number"):
            stack.up(spam=block_list(lid))
        return
    assert stack.up(spam=block_list(lid), one=blocked_contact("98765432109876@lid"))
    assert stack.world.phone.blocked() == {lid, "98765432109876@lid"}
    assert stack.preview(spam=block_list(lid), one=blocked_contact("98765432109876@lid")) == {
        "spam": "same",
        "one": "same",
    }
    assert stack.destroy()
    assert stack.world.phone.blocked() == set()
