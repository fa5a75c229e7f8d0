"""One process of a run asks another over loopback, and nobody else is answered or believed."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Set
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.engine import loopback
from pulumi_whatsapp.engine.ending import answering, ask
from pulumi_whatsapp.errors import Unavailable

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def somewhere(tmp_path: Path) -> Path:
    """Where a process may answer."""
    tmp_path.chmod(0o700)
    return tmp_path / "1.provider"


def test_one_that_is_stopped_before_it_asks_for_the_key_is_not_waited_for(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "_IN_DOUBT", 0)
    monkeypatch.setattr(loopback, "_PATIENCE", 0)
    with socket.create_server(("127.0.0.1", 0)) as stopped:  # its system takes the connection, and nobody reads
        for process in ({"pid": os.getpid()}, {}):
            somewhere.write_text(json.dumps({"port": stopped.getsockname()[1], "key": "00", **process}))
            with pytest.raises(Unavailable, match="has not answered"):
                loopback.ask(somewhere, None)


@pytest.mark.skipif(sys.platform == "win32", reason="cannot ask for a process without ending it")
def test_who_has_the_port_of_a_killed_process_is_not_taken_for_it(
    somewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine gets the address that an earlier one had, and the port there is somebody else's, who says nothing."""
    monkeypatch.setattr(loopback, "_IN_DOUBT", 0)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        somewhere.write_text(json.dumps({"port": stranger.getsockname()[1], "key": "00", "pid": ended.pid}))
        assert loopback.ask(somewhere, None) is loopback.NOBODY


def test_who_cannot_be_asked_has_not_ended(somewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_files(*_: Any, **__: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with loopback.answering(somewhere, lambda _: []), monkeypatch.context() as patch:
        patch.setattr(loopback, "Client", no_files)
        with pytest.raises(Unavailable, match="cannot be asked"):
            loopback.ask(somewhere, None)


def test_a_question_that_has_no_answer_ends_nothing(somewhere: Path) -> None:
    with loopback.answering(somewhere, lambda question: [1 // question]):
        with pytest.raises(Unavailable, match="hangs up"):
            loopback.ask(somewhere, 0)
        assert loopback.ask(somewhere, 1) == [1]
    assert loopback.ask(somewhere, 1) is loopback.NOBODY


ENGINE = "127.0.0.1:1"


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
