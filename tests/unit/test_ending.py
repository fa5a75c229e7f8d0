"""The provider asks the program what it left out, over loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
import threading
from collections.abc import Iterator, Set
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.engine import loopback
from pulumi_whatsapp.engine.ending import answering, ask, left_out
from pulumi_whatsapp.errors import Unavailable

ENGINE = "127.0.0.1:1"
NATIVE = "urn:pulumi:dev::demo::whatsapp:index:Blocklist::native"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def program() -> Iterator[list[Set[str]]]:
    """A program that answers; returns what it was asked."""
    asked: list[Set[str]] = []

    def answer(checked: Set[str]) -> list[dict[str, Any]]:
        asked.append(checked)
        return [{"label": "aside", "contacts": ["+5511987654321"]}]

    with answering(ENGINE, answer):
        yield asked


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_answers_as_often_as_it_is_asked(program: list[Set[str]]) -> None:
    for checked in ({"a", "b"}, set[str]()):
        assert ask(ENGINE, checked) == [{"label": "aside", "contacts": ["+5511987654321"]}]
    assert program == [{"a", "b"}, set()]


def test_it_answers_its_own_engine(program: list[Set[str]]) -> None:
    assert ask("127.0.0.1:2", {"a"}) is None
    assert program == []


def test_after_the_run_nobody_answers_and_nothing_is_left(folder: Path) -> None:
    with answering(ENGINE, lambda _: []):
        assert ask(ENGINE, set()) == []
        assert len(_files(folder)) == 1
    assert ask(ENGINE, set()) is None
    assert _files(folder) == []


def test_a_run_that_fails_takes_its_file_away(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="failed"), answering(ENGINE, lambda _: []):
        raise RuntimeError("failed")
    assert _files(folder) == []


def test_nothing_there_is_no_answer() -> None:
    assert ask(ENGINE, {"a"}) is None


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"port": 1}', '{"port": 1, "key": "no hex"}'])
def test_what_a_killed_run_has_left_is_no_answer(folder: Path, content: str | None) -> None:
    with answering(ENGINE, lambda _: ["still there"]):
        assert ask(ENGINE, {"a"}) == ["still there"]
        (place,) = _files(folder)
        stale = place.read_text()
    place.write_text(stale if content is None else content)
    assert ask(ENGINE, {"a"}) is None


def test_two_runs_answer_each_for_itself() -> None:
    with answering(ENGINE, lambda _: ["one"]), answering("127.0.0.1:2", lambda _: ["two"]):
        assert (ask(ENGINE, set()), ask("127.0.0.1:2", set())) == (["one"], ["two"])


def test_only_who_has_the_key_is_answered(folder: Path, program: list[Set[str]]) -> None:
    (place,) = _files(folder)
    found = json.loads(place.read_text())
    with pytest.raises(AuthenticationError):
        Client(("127.0.0.1", found["port"]), authkey=b"guessed")
    assert program == []
    assert ask(ENGINE, {"a"}) is not None


def test_who_hangs_up_ends_nothing(folder: Path, program: list[Set[str]]) -> None:
    (place,) = _files(folder)
    socket.create_connection(("127.0.0.1", json.loads(place.read_text())["port"])).close()
    assert ask(ENGINE, {"a"}) is not None
    assert program == [{"a"}]


def test_the_file_is_this_user_s_alone_and_names_no_contact(folder: Path, program: list[Set[str]]) -> None:
    ask(ENGINE, {"a"})
    (place,) = _files(folder)
    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0
    assert json.loads(place.read_text()).keys() == {"port", "key", "pid"}
    assert program == [{"a"}]


def test_a_folder_that_others_can_open_is_not_believed(folder: Path, program: list[Set[str]]) -> None:
    (place,) = _files(folder)
    place.parent.chmod(0o755)
    assert ask(ENGINE, {"a"}) is None
    with pytest.raises(PermissionError), answering("127.0.0.1:2", lambda _: []):
        pytest.fail("it must not begin")
    assert program == []


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


def test_the_program_is_asked_what_it_declares_beside_what_was_checked() -> None:
    asked: list[Set[str]] = []

    def answer(checked: Set[str]) -> list[dict[str, Any]]:
        asked.append(checked)
        return [{"label": "aside", "account": None, "account_known": True, "contacts": ["+5511987654321"]}]

    with answering(ENGINE, answer):
        (aside,) = asyncio.run(left_out(ENGINE, {"a", NATIVE}))
    assert (aside.label, aside.contacts) == ("aside", ["+5511987654321"])
    assert asked == [{"a"}]  # no program answers for a native resource


def test_where_no_program_answers_it_has_not_ended_or_there_is_none() -> None:
    assert asyncio.run(left_out(ENGINE, {NATIVE})) == ()
    with pytest.raises(Unavailable, match="before the program has ended"):
        asyncio.run(left_out(ENGINE, {"a"}))
