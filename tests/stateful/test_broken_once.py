"""Short sequences that once broke what must hold; each names what the state machine had found."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_whatsapp.gateways.registry import GATEWAYS

from ..contract.stack import Declarations, block_list, blocked_contact
from ..contract.world import RETRIES
from .engine import How, ModelEngine
from .network import MortalWorld
from .people import introduce
from .recorded import told_to_go

ONE, TWO, RENAMED = "+16505551001", "+16505551002", "+16505551005"


def engine(gateway: str, folder: Path) -> ModelEngine:
    """A stack on a gateway."""
    world = MortalWorld(GATEWAYS[gateway], folder)
    introduce(world.phone)
    return ModelEngine(world)


def test_who_is_declared_after_a_refresh_found_them_is_owned(tmp_path: Path) -> None:
    stack = engine("meta", tmp_path)
    assert stack.up({"list-1": block_list(ONE, mode="exclusive")}, How())
    stack.world.phone.block(TWO)
    assert stack.refresh(How())
    assert stack.up({"list-1": block_list(ONE, TWO, mode="exclusive")}, How())

    assert stack.destroy(How())
    assert stack.world.phone.blocked() == set()


@pytest.mark.parametrize("how", [How(parallel=True), *(How(order=order, keep_going=True) for order in range(4))])
def test_a_move_that_failed_leaves_nobody_without_an_owner(tmp_path: Path, how: How) -> None:
    stack = engine("zapi", tmp_path)
    assert stack.up({"list-1": block_list(ONE, TWO)}, How())
    stack.world.phone.fault("unauthorized", on="block")
    moved = {"list-2": block_list(TWO), "contact-1": blocked_contact(ONE)}
    assert not stack.up(moved, how)
    assert stack.world.phone.blocked() == {ONE, TWO}

    assert stack.up({"list-1": block_list(TWO)}, How())
    assert stack.world.phone.blocked() == {TWO}


def test_an_unknown_id_is_not_unblocked_before_it_is_known(tmp_path: Path) -> None:
    stack = engine("meta", tmp_path)
    program = {"list-1": block_list(RENAMED, mode="exclusive")}
    for _ in range(2):
        stack.world.phone.fault("lost_answer", on="block", times=RETRIES + 1)
        assert not stack.up(program, How())

    assert stack.world.requests("unblock") == []


@pytest.mark.parametrize("gateway", ["360dialog", "kaleyra", "meta"])
def test_who_may_be_blocked_by_an_unreadable_400_is_recorded(tmp_path: Path, gateway: str) -> None:
    stack = engine(gateway, tmp_path)
    stack.world.phone.contact(TWO, messaged_recently=False)
    stack.world.phone.fault("garbage", on="block")
    assert not stack.up({"list-1": block_list(ONE, TWO)}, How())

    assert stack.destroy(How())
    assert stack.world.phone.blocked() == set()


@pytest.mark.parametrize("gateway", ["360dialog", "meta"])
def test_a_listing_that_cannot_be_read_names_no_secret_contact(tmp_path: Path, gateway: str) -> None:
    stack = engine(gateway, tmp_path)
    assert stack.up({"list-1": block_list(ONE, secret=True)}, How())
    stack.world.phone.fault("garbage", on="list")

    assert ONE.removeprefix("+") not in stack.refresh(How()).errors["list-1"]


def test_who_moved_and_is_left_behind_under_the_same_id_stays_blocked(tmp_path: Path) -> None:
    stack = engine("meta", tmp_path)
    assert stack.up({"contact-1": blocked_contact(ONE)}, How())
    program = {"contact-1": blocked_contact(TWO), "contact-2": blocked_contact(ONE)}
    assert not stack.up(program, How(stop_after=2))
    assert [entry.name for entry in stack.state if entry.delete] == ["contact-1"]

    assert not stack.up(program, How(targets=frozenset({"contact-1"})))
    assert stack.world.phone.blocked() == {ONE, TWO}
    assert stack.up(program, How())
    assert len(stack.state) == 2
    assert stack.world.requests("unblock") == []


@pytest.mark.parametrize("program", [{}, {"list-1": block_list(ONE)}])
def test_strangers_go_only_with_a_list_that_stays_exclusive(program: Declarations, tmp_path: Path) -> None:
    stack = engine("meta", tmp_path)
    assert stack.up({"list-1": block_list(ONE, RENAMED, mode="exclusive")}, How())
    stack.world.phone.block(TWO)

    assert stack.up(program, How(refresh=True))
    assert TWO in stack.world.phone.blocked()


def test_a_deletion_before_the_end_of_the_program_unblocks_nobody(tmp_path: Path) -> None:
    stack = engine("zapi", tmp_path)
    assert stack.up({"list-1": block_list(ONE, TWO)}, How())

    assert not stack.up({"list-1": block_list(TWO)}, How(delete_first=True))
    assert stack.world.requests("unblock") == []


@pytest.mark.parametrize("declared", [(RENAMED,), (RENAMED, TWO)])
def test_who_is_listed_under_an_id_that_only_a_replaced_list_knows_stays(
    declared: tuple[str, ...], tmp_path: Path
) -> None:
    stack = engine("meta", tmp_path)
    stack.world.phone.block(TWO)
    assert stack.up({"list-1": block_list(RENAMED, mode="exclusive")}, How())
    assert not stack.up({"list-1": block_list(mode="exclusive")}, How(stop_after=1))

    stack.world.phone.fault("unauthorized", on="block")
    assert not stack.up({"list-1": block_list(*declared, mode="exclusive")}, How(keep_going=True))
    assert stack.world.requests("unblock") == []


def test_a_preview_takes_back_that_somebody_goes_whose_id_no_rule_explains(tmp_path: Path) -> None:
    stack = engine("meta", tmp_path)
    assert stack.up({"list-1": block_list(ONE, RENAMED)}, How())

    lines = []
    for order in range(6):
        stack.preview({"list-1": block_list(ONE), "contact-1": blocked_contact(RENAMED)}, How(order=order))
        lines.append(stack.world.report.infos)
    assert [told_to_go(infos) for infos in lines] == [set()] * 6
    assert any(infos for infos in lines)
