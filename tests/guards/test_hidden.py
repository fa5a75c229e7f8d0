"""People who hide their number are listed by an id alone; they stay, go and are told apart all the same."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .styles import STYLES
from .world import ONE, STRANGER, THREE, TWO, DeployedWorld, said, variant

LIST = 'whatsapp.Blocklist("list", contacts={contacts}, mode="{mode}")'


def _hide(stack: DeployedWorld, *phones: str) -> None:
    for phone in phones:
        stack.account.contact(phone, username=True)
    stack.account.let_a_day_pass()
    stack.account.clear_requests()


@pytest.mark.parametrize("mode", ["additive", pytest.param("exclusive", marks=pytest.mark.slow)])
@pytest.mark.parametrize("learnt", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_whoever_hides_the_number_stays_until_removed(deploy: Deploy, mode: str, *, learnt: bool) -> None:
    stack = deploy()
    program = LIST.format(contacts=[ONE, TWO], mode=mode)
    stack.up(program)
    if learnt:
        stack.stack.refresh()
        assert stack.stack.state()["list"]["outputs"]["userIds"] == {
            phone: stack.account.user_id(phone) for phone in (ONE, TWO)
        }
        quiet = stack.stack.preview()
        assert (quiet.steps, quiet.said) == ({}, []), "learning is no change"
    _hide(stack, ONE)

    stack.up(None, "--refresh")
    assert {request.operation for request in stack.account.requests()} == {"list"}
    stack.holds(ONE, TWO)

    stack.account.clear_requests()
    stack.up(LIST.format(contacts=[TWO], mode=mode))
    stack.holds(TWO)
    (sent,) = (request.json["block_users"] for request in stack.account.requests() if request.operation == "unblock")
    assert sent == [{"user_id": stack.account.user_id(ONE)} if learnt else {"user": ONE}]
    stack.destroy()
    stack.holds()


def test_an_unblock_by_hand_beside_hidden_numbers_is_drift(deploy: Deploy) -> None:
    stack = deploy()
    program = LIST.format(contacts=[ONE, TWO, THREE], mode="additive")
    stack.up(program)
    stack.stack.refresh()
    _hide(stack, ONE, TWO)
    stack.account.unblock(TWO)

    stack.stack.refresh()
    stack.owns(ONE, THREE)
    said(stack.stack.preview(), f"Blocklist 'list': blocks 1: {TWO}")


@pytest.mark.slow
def test_who_cannot_be_told_apart_stays_and_is_counted(deploy: Deploy) -> None:
    stack = deploy()
    stack.up("\n".join(f'whatsapp.BlockedContact("c{i}", phone="{phone}")' for i, phone in enumerate([ONE, TWO])))
    _hide(stack, ONE)
    stack.account.unblock(TWO)

    refreshed = stack.stack.refresh()
    told = [text for text in refreshed.said if "cannot be found on its block list" in text]
    assert len(told) == 1
    stack.owns(ONE, TWO)
    stack.destroy()
    stack.holds()


def test_a_hidden_stranger_goes_when_everybody_is_accounted_for(deploy: Deploy) -> None:
    stack = deploy()
    program = LIST.format(contacts=[ONE], mode="exclusive")
    stack.up(program)
    stack.account.block(STRANGER)
    _hide(stack, ONE, STRANGER)
    stranger = stack.account.user_id(STRANGER)

    said(stack.stack.preview(), "leaves 2 alone", stranger)
    stack.up()
    stack.holds(ONE, others=[STRANGER])

    stack.account.contact(ONE, username=False)
    stack.stack.refresh()
    _hide(stack, ONE)
    said(stack.stack.preview(), "Blocklist 'list': unblocks 1", stranger)
    stack.up()
    stack.holds(ONE)


@pytest.mark.parametrize("style", ["plain", variant("applied"), variant("awaited"), variant("component")])
@pytest.mark.parametrize("gone", ["number", pytest.param("id", marks=pytest.mark.slow)])
def test_two_names_of_one_person_are_one_contact(deploy: Deploy, style: str, gone: str) -> None:
    stack = deploy()
    names = {"number": ONE, "id": stack.account.user_id(ONE)}
    parts = {
        name: f'whatsapp.BlockedContact("{name}", phone="{phone}", opts=options())' for name, phone in names.items()
    }
    stack.up(STYLES[style](parts["number"], parts["id"]))
    stack.stack.refresh()
    quiet = stack.stack.preview()
    assert (quiet.steps, quiet.said) == ({}, [])
    _hide(stack, ONE)

    parts.pop(gone)
    (left,) = parts.values()
    stack.up(STYLES[style](left, ""))
    assert {request.operation for request in stack.account.requests()} <= {"list"}
    assert stack.account.blocked() == {ONE}
    stack.up(None, "--refresh")
    assert stack.account.blocked() == {ONE}
    stack.destroy()
    assert stack.account.blocked() == set()


def test_a_secret_id_is_nowhere_in_plain_text(deploy: Deploy) -> None:
    """Neither one that is declared nor one that is learnt."""
    stack = deploy()
    one, two = stack.account.user_id(ONE), stack.account.user_id(TWO)
    stack.account.contact(THREE, messaged_recently=False)
    three = stack.account.user_id(THREE)
    stack.stack.program(f"""
        whatsapp.BlockedContact("one", phone=pulumi.Output.secret("{one}"))
        whatsapp.Blocklist("list", contacts=pulumi.Output.secret(["{TWO}", "{three}"]), allow_failures=True)
    """)
    shown = [stack.stack.preview(), stack.up(), stack.stack.refresh(), stack.stack.preview(), stack.destroy()]
    left = [path for path in stack.stack.folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
    text = "\n".join([*map(str, shown), *(path.read_bytes().decode(errors="replace") for path in left)])
    assert [secret for secret in (one[3:], two[3:], three[3:], ONE[1:], TWO[1:]) if secret in text] == []
