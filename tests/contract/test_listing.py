"""Reading long lists while something goes wrong."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.errors import ProtocolError, WhatsAppError
from pulumi_whatsapp.gateways.registry import GATEWAYS

from .conftest import MakeWorld
from .stack import SimulatedStack, block_list, blocked_contact

CROWD = [f"+44791113{index:04d}" for index in range(60)]
FOREIGN = "+447911199999"
LISTING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.lists_blocked]

pytestmark = pytest.mark.parametrize("name", LISTING)


def _stack(make_world: MakeWorld, name: str, monkeypatch: pytest.MonkeyPatch) -> SimulatedStack:
    """Return a stack that holds a list of three pages, whatever the gateway's own page size."""
    gateway = GATEWAYS[name]
    monkeypatch.setattr(
        gateway, "capabilities", gateway.capabilities.__class__(**{**gateway.capabilities.__dict__, "page_size": 25})
    )
    stack = SimulatedStack(make_world(name))
    stack.world.phone.block(FOREIGN)
    assert stack.up(spam=block_list(*CROWD))
    return stack


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ("list_changed", 1),
        ("empty_page", 1),
        ("repeated_cursor", 1),
        ("short_list", 0),
        ("short_list", 1),
        ("outage", 2),
        ("rate_limit", 1),
        ("drop", 1),
    ],
)
def test_a_fault_between_two_pages_loses_nobody(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, name: str, fault: str, after: int
) -> None:
    stack = _stack(make_world, name, monkeypatch)
    stack.world.phone.fault(fault, on="list", after=after)
    assert stack.refresh()
    assert stack.world.phone.faults() == []
    assert stack.preview(spam=block_list(*CROWD)) == {"spam": "same"}


def test_a_change_between_two_pages_starts_the_reading_again(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    stack = _stack(make_world, name, monkeypatch)
    phone, original = stack.world.phone, GATEWAYS[name].blocked_page
    cursors: list[str | None] = []

    async def page(self: object, cursor: str | None) -> object:
        if len(cursors) == 1:
            phone.unblock(CROWD[0])  # by hand, while the list is read
        cursors.append(cursor)
        return await original(self, cursor)  # type: ignore[arg-type]

    monkeypatch.setattr(GATEWAYS[name], "blocked_page", page)
    assert stack.refresh()
    assert cursors[0] is None
    assert cursors[2] is None
    assert stack.state["spam"].outputs["contacts"].keys() == set(CROWD[1:])


@pytest.mark.parametrize("fault", ["short_list", "empty_page"])
def test_a_list_that_lost_most_of_its_contacts_is_not_believed(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    stack = _stack(make_world, name, monkeypatch)
    stack.world.phone.fault(fault, on="list", times=None)
    (error,) = stack.refresh().errors.values()
    assert isinstance(error, WhatsAppError)
    assert stack.state["spam"].outputs["contacts"].keys() == set(CROWD)
    stack.world.phone.clear_faults()
    assert stack.preview(spam=block_list(*CROWD)) == {"spam": "same"}


def test_a_list_without_end_is_given_up(make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    stack = _stack(make_world, name, monkeypatch)
    stack.world.phone.fault("empty_page", on="list", times=None)
    (error,) = stack.refresh().errors.values()
    assert isinstance(error, ProtocolError)
    assert "the last 20 pages had nobody new" in str(error)


@pytest.mark.parametrize("fault", ["short_list", "repeated_cursor", "outage"])
def test_no_listing_keeps_a_destroy_from_unblocking(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, name: str, fault: str
) -> None:
    stack = _stack(make_world, name, monkeypatch)
    assert stack.up(spam=block_list(*CROWD), one=blocked_contact("+447911120000"))
    stack.world.phone.fault(fault, on="list", times=None)
    assert stack.destroy()
    assert stack.world.phone.blocked() == {FOREIGN}
