"""One process of a run asks another: over loopback, with a key that only this user can read.

The processes of one run share one thing, the engine's address. Under a place that is named after it, in the user's own
folder for temporary files, whoever answers leaves on which loopback port it does, and the key. No contact is ever
written to a file.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from ..errors import Unavailable

_PATIENCE = 60
"""Seconds more for an answer: who is asked only looks up what it has in memory, so one that takes longer is stopped."""

_IN_DOUBT = 5
"""Seconds after which one that does not answer is looked for among the processes. The engine of an earlier run may have
had the same address, and whoever has the port of its killed provider now does not understand the question."""

_TRIES: Final = 3
"""How often one that hangs up is asked again. One that was killed refuses the next connection."""

_OLD: Final = 24 * 60 * 60
"""Seconds after which a place may be one that nobody answers at any more."""

_NOT_KNOWN: Final = "another process of this run {}, so it is not known what it declares; run it again"
_NOT_YET: Final = object()

NO_ANSWER: Final = object()
"""The answer where nobody answers."""


def place(engine: str, kind: str) -> Path:
    """Return where the processes of one run meet.

    Args:
        engine: the engine's address.
        kind: what is asked there.
    """
    name = sha256(engine.encode()).hexdigest()[:32]
    return Path(tempfile.gettempdir()) / f"pulumi-whatsapp-{_user()}" / f"{name}.{kind}"


@contextmanager
def answering(place: Path, answer: Callable[[Any], Any]) -> Iterator[None]:
    """Answer while the block runs.

    Args:
        place: where the others look for it.
        answer: given a question, returns the answer; both are what JSON can hold. It is called on a thread of its own.

    Raises:
        OSError: when no place can be had.
    """
    key = secrets.token_bytes(32)
    listener = Listener(("127.0.0.1", 0), backlog=64, authkey=key)
    ended = threading.Event()
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        _require_own(place.parent)
        draft = place.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"port": listener.address[1], "key": key.hex(), "pid": os.getpid()}))
        draft.replace(place)
        threading.Thread(target=_serve, args=(listener, answer, ended), name="whatsapp-answers", daemon=True).start()
        yield
    finally:
        ended.set()
        with suppress(OSError):
            socket.create_connection(listener.address).close()  # closing alone wakes nobody who waits for a caller
        listener.close()
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _serve(listener: Listener, answer: Callable[[Any], Any], ended: threading.Event) -> None:
    while not ended.is_set():
        # Who has no key or hangs up ends nothing for the others, nor does a question that has no answer.
        with suppress(Exception), listener.accept() as caller:
            caller.send_bytes(json.dumps(answer(json.loads(caller.recv_bytes())), default=str).encode())


def ask(place: Path, question: Any) -> Any:
    """Return what is answered at a place; `NO_ANSWER` where nobody answers: there is none, or it has ended.

    Args:
        place: where the answer comes from.
        question: what JSON can hold.

    Raises:
        Unavailable: when there is somebody who does not answer, or nothing can be asked.
    """
    text = json.dumps(question).encode()
    told: SimpleQueue[Any] = SimpleQueue()
    try:
        _require_own(place.parent)
        note = json.loads(place.read_text())
    except (FileNotFoundError, PermissionError, ValueError):
        return NO_ANSWER
    except OSError as error:
        raise Unavailable(_NOT_KNOWN.format(f"cannot be asked ({error})")) from None
    # On a thread of its own, because one that is stopped may be so before it has even asked for the key.
    threading.Thread(target=lambda: told.put(_exchange(note, text)), name="whatsapp-asks", daemon=True).start()
    why = f"has not answered for {_PATIENCE:,} s"
    for seconds in (_IN_DOUBT, _PATIENCE):
        answer = _NOT_YET
        with suppress(Empty):
            answer = told.get(timeout=seconds)
        if answer is not _NOT_YET and not isinstance(answer, OSError):
            return answer
        if _has_ended(note):
            return NO_ANSWER
        if isinstance(answer, OSError):
            why = f"cannot be asked ({answer})"
            break
    raise Unavailable(_NOT_KNOWN.format(why))


def _has_ended(note: Any) -> bool:
    """Return whether the process that left a note is surely gone."""
    if not hasattr(os, "getuid"):
        return False  # on Windows the question below would end it
    try:
        os.kill(note["pid"], 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError, KeyError, TypeError):
        return False
    return False


def _exchange(note: Any, text: bytes) -> Any:
    """Return the answer; `NO_ANSWER` where nobody answers, and the error where that cannot be told."""
    try:
        for _ in range(_TRIES):
            with suppress(EOFError, ConnectionResetError, BrokenPipeError):  # it has ended meanwhile, or it has not
                return _told(note["port"], bytes.fromhex(note["key"]), text)
    except ConnectionRefusedError:
        return NO_ANSWER  # what an earlier run that was killed has left
    except (ValueError, KeyError, TypeError, AuthenticationError):
        return NO_ANSWER  # somebody else is there
    except OSError as error:
        # There may be no file or no port to be had here. Without a number it is what somebody else has answered.
        return NO_ANSWER if error.errno is None else error
    return ConnectionResetError("it hangs up")


def _told(port: int, key: bytes, text: bytes) -> Any:
    with Client(("127.0.0.1", port), authkey=key) as other:
        with socket.fromfd(other.fileno(), socket.AF_INET, socket.SOCK_STREAM) as its_own:
            # Else the question waits until the end of the greeting is acknowledged, which the other puts off for 40 ms.
            its_own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        other.send_bytes(text)
        return json.loads(other.recv_bytes())


def sweep(folder: Path) -> None:
    """Take away what processes that were killed have left: the engine kills every provider at the end of a run."""
    for place in folder.glob("*"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            if time.time() - place.stat().st_mtime > _OLD:
                _require_own(folder)
                try:
                    socket.create_connection(("127.0.0.1", json.loads(place.read_text())["port"])).close()
                except ConnectionRefusedError:
                    place.unlink()


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


def _require_own(folder: Path) -> None:
    """Refuse a folder that another user has made under our name.

    Raises:
        PermissionError: when it is not ours alone.
    """
    if hasattr(os, "getuid"):
        status = folder.stat()
        if status.st_uid != os.getuid() or status.st_mode & 0o077:
            raise PermissionError(f"{folder} must belong to this user alone")
