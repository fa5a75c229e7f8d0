"""The provider asks the program what it left out, over loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Set
from typing import Any

import pytest

from pulumi_whatsapp.account.accounts import ProgramResource
from pulumi_whatsapp.engine import ending, loopback
from pulumi_whatsapp.engine.ending import Program, answering, ask, left_out
from pulumi_whatsapp.errors import Unavailable

pytestmark = pytest.mark.usefixtures("folder")

ENGINE = "127.0.0.1:1"
ASIDE = {"label": "aside", "account": None, "account_known": True, "contacts": ["+5511987654321"]}
NATIVE = "urn:pulumi:dev::demo::whatsapp:index:Blocklist::native"


@pytest.fixture
def asked() -> Iterator[list[Set[str]]]:
    """A program that answers; returns what it was asked about."""
    keys: list[Set[str]] = []

    def answer(checked: Set[str]) -> list[dict[str, Any]]:
        keys.append(checked)
        return [ASIDE]

    with answering(ENGINE, answer):
        yield keys


def test_it_answers_as_often_as_it_is_asked(asked: list[Set[str]]) -> None:
    for checked in ({"a", "b"}, set[str]()):
        assert ask(ENGINE, checked) == [ASIDE]
    assert asked == [{"a", "b"}, set()]


def test_a_program_of_another_engine_is_not_asked(asked: list[Set[str]]) -> None:
    assert ask("127.0.0.1:2", {"a"}) is None
    assert asked == []


def test_where_no_program_is_there_is_no_answer() -> None:
    assert ask(ENGINE, {"a"}) is None


def test_a_program_that_is_stopped_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def stopped(_: Set[str]) -> list[Any]:
        asked.wait(10)
        return []

    monkeypatch.setattr(loopback, "_IN_DOUBT", 0)
    monkeypatch.setattr(loopback, "_PATIENCE", 0)
    with answering("127.0.0.1:3", stopped):
        assert ask("127.0.0.1:3", set()) is None
        asked.set()


def test_the_program_is_asked_what_it_declares_beside_what_was_checked(asked: list[Set[str]]) -> None:
    (aside,) = asyncio.run(left_out(ENGINE, {"a", NATIVE}))
    assert (aside.label, aside.contacts) == ("aside", ["+5511987654321"])
    assert asked == [{"a"}]  # no program answers for a native resource


def test_where_no_program_answers_it_has_not_ended_or_there_is_none() -> None:
    assert asyncio.run(left_out(ENGINE, {NATIVE})) == ()
    with pytest.raises(Unavailable, match="before the program has ended"):
        asyncio.run(left_out(ENGINE, {"a"}))


def test_nobody_knows_the_rest_where_native_resources_are_not_all_declared_yet(
    asked: list[Set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = ProgramResource("native", None, account_known=False, contacts=None, why="it has not ended")
    monkeypatch.setattr(ending, "undeclared_yet", lambda: (rest,))
    declared = asyncio.run(Program(ENGINE).left_out({"a"}))
    assert [each.label for each in declared] == ["aside", "native"]
    assert asked == [{"a"}]


def test_a_program_that_answers_nonsense_has_not_answered() -> None:
    with loopback.answering(loopback.place(ENGINE, "program"), lambda _: {"label": "aside"}):
        assert ask(ENGINE, {"a"}) is None
