"""One process of a run asks another over loopback, and nobody else is answered or believed."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.engine import loopback
from pulumi_whatsapp.errors import Unavailable

NO_PERMISSIONS = pytest.mark.skipif(sys.platform == "win32", reason="has no such permissions")


@pytest.fixture
def place(folder: Path) -> Path:  # noqa: ARG001 - it decides where the place is
    """Where a process may answer."""
    return loopback.place("127.0.0.1:1", "program")


@pytest.fixture
def asked(place: Path) -> Iterator[list[Any]]:
    """What somebody was asked who answers there."""
    questions: list[Any] = []

    def answer(question: Any) -> list[Any]:
        questions.append(question)
        return ["answered", question]

    with loopback.answering(place, answer):
        yield questions


def test_it_answers_as_often_as_it_is_asked(place: Path, asked: list[Any]) -> None:
    for question in (["a", "b"], None, {"+5511987654321": ""}):
        assert loopback.ask(place, question) == ["answered", question]
    assert asked == [["a", "b"], None, {"+5511987654321": ""}]


def test_after_the_run_nobody_answers_and_nothing_is_left(place: Path) -> None:
    with loopback.answering(place, lambda _: []):
        assert loopback.ask(place, None) == []
        assert [*place.parent.iterdir()] == [place]
    assert loopback.ask(place, None) is loopback.NO_ANSWER
    assert [*place.parent.iterdir()] == []


def test_a_run_that_fails_takes_its_file_away(place: Path) -> None:
    with pytest.raises(RuntimeError, match="failed"), loopback.answering(place, lambda _: []):
        raise RuntimeError("failed")
    assert not place.exists()


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"port": 1}', '{"port": 1, "key": "no hex"}'])
def test_what_a_killed_run_has_left_is_no_answer(place: Path, content: str | None) -> None:
    with loopback.answering(place, lambda _: ["still there"]):
        assert loopback.ask(place, None) == ["still there"]
        stale = place.read_text()
    place.write_text(stale if content is None else content)
    assert loopback.ask(place, None) is loopback.NO_ANSWER


def test_two_runs_and_two_kinds_of_one_run_answer_each_for_itself(place: Path) -> None:
    others = loopback.place("127.0.0.1:2", "program"), loopback.place("127.0.0.1:1", "provider")
    with loopback.answering(place, lambda _: "one"):
        assert [loopback.ask(other, None) for other in others] == [loopback.NO_ANSWER, loopback.NO_ANSWER]
        with loopback.answering(others[0], lambda _: "two"), loopback.answering(others[1], lambda _: "three"):
            assert [loopback.ask(each, None) for each in (place, *others)] == ["one", "two", "three"]


def test_only_who_has_the_key_is_answered(place: Path, asked: list[Any]) -> None:
    found = json.loads(place.read_text())
    with pytest.raises(AuthenticationError):
        Client(("127.0.0.1", found["port"]), authkey=b"guessed")
    assert asked == []
    assert loopback.ask(place, "a") == ["answered", "a"]


def test_somebody_else_at_the_port_is_not_believed(place: Path, asked: list[Any]) -> None:
    """A run that was killed leaves its port, and another program may have it now."""
    found = json.loads(place.read_text())
    place.write_text(json.dumps({**found, "key": "00" * 32}))
    assert loopback.ask(place, "a") is loopback.NO_ANSWER
    assert asked == []


def test_who_hangs_up_ends_nothing_for_others(place: Path, asked: list[Any]) -> None:
    socket.create_connection(("127.0.0.1", json.loads(place.read_text())["port"])).close()
    assert loopback.ask(place, "a") == ["answered", "a"]
    assert asked == ["a"]


@NO_PERMISSIONS
def test_the_file_is_this_user_s_alone_and_names_no_contact(place: Path, asked: list[Any]) -> None:
    loopback.ask(place, "+5511987654321")
    assert asked == ["+5511987654321"]
    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0
    assert json.loads(place.read_text()).keys() == {"port", "key", "pid"}


@NO_PERMISSIONS
def test_a_folder_that_others_can_open_is_not_believed(place: Path, asked: list[Any]) -> None:
    place.parent.chmod(0o755)
    assert loopback.ask(place, "a") is loopback.NO_ANSWER
    with pytest.raises(PermissionError), loopback.answering(loopback.place("other", "program"), lambda _: []):
        pytest.fail("it must not begin")
    assert asked == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for."""
    monkeypatch.setattr(loopback, "_IN_DOUBT", 0)
    monkeypatch.setattr(loopback, "_PATIENCE", 0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("process", [{"pid": os.getpid()}, {}, {"pid": "1"}])
def test_one_that_is_stopped_before_it_asks_for_the_key_is_not_waited_for(place: Path, process: dict[str, Any]) -> None:
    place.parent.mkdir(mode=0o700)
    with socket.create_server(("127.0.0.1", 0)) as stopped:  # its system takes the connection, and nobody reads
        place.write_text(json.dumps({"port": stopped.getsockname()[1], "key": "00", **process}))
        with pytest.raises(Unavailable, match="has not answered"):
            loopback.ask(place, None)


@pytest.mark.skipif(sys.platform == "win32", reason="cannot ask for a process without ending it")
@pytest.mark.usefixtures("impatient")
def test_who_has_the_port_of_a_killed_process_is_not_taken_for_it(place: Path) -> None:
    """An engine gets the address that an earlier one had, and the port there is somebody else's, who says nothing."""
    place.parent.mkdir(mode=0o700)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        place.write_text(json.dumps({"port": stranger.getsockname()[1], "key": "00", "pid": ended.pid}))
        assert loopback.ask(place, None) is loopback.NO_ANSWER


@pytest.mark.usefixtures("impatient")
def test_one_that_is_stopped_in_its_answer_is_not_waited_for(place: Path) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def stopped(_: Any) -> None:
        asked.set()
        goes_on.wait(10)

    with loopback.answering(place, stopped):
        with pytest.raises(Unavailable, match="has not answered"):
            loopback.ask(place, None)
        assert asked.wait(10)
        goes_on.set()


def test_who_cannot_be_asked_has_not_ended(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_files(*_: Any, **__: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with loopback.answering(place, lambda _: []), monkeypatch.context() as patch:
        patch.setattr(loopback, "Client", no_files)
        with pytest.raises(Unavailable, match="cannot be asked"):
            loopback.ask(place, None)


def test_a_question_that_fails_ends_nothing_for_the_next_one(place: Path) -> None:
    with loopback.answering(place, lambda question: [1 // question]):
        with pytest.raises(Unavailable, match="hangs up"):
            loopback.ask(place, 0)
        assert loopback.ask(place, 1) == [1]


@pytest.mark.parametrize(("old", "answers", "stays"), [(True, False, False), (False, False, True), (True, True, True)])
def test_only_what_is_old_and_has_nobody_at_its_port_is_swept_away(
    place: Path, old: bool, answers: bool, stays: bool
) -> None:
    with loopback.answering(place, lambda _: []):
        content = place.read_text()
        if not answers:
            with socket.create_server(("127.0.0.1", 0)) as gone:
                content = json.dumps({"port": gone.getsockname()[1], "key": "00"})
        left = place.with_name("left.program")
        left.write_text(content)
        if old:
            os.utime(left, (0, 0))
        loopback.sweep(place.parent)
        assert left.exists() is stays
        assert place.exists()
