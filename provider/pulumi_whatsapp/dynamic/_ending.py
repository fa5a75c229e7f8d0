"""How the provider asks the program what it declares beside what was checked, once the program has ended.

A run with ``--target`` or ``--exclude`` checks nothing of what it leaves out, so a delete cannot see whom those
resources declare;
and a delete that comes before the program's end (``delete_before_replace``) cannot see the rest at all. The
program knows both. Program and provider share one thing, the engine's address: under it the program leaves, in the
user's own folder for temporary files, on which loopback port it answers and with which key. It answers from its end to
the end of the run. No contact is ever written to a file.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from hashlib import sha256
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import Any

_PATIENCE = 60
"""Seconds for an answer: the program only looks up what it has in memory, so one that takes longer is stopped."""

Answer = Callable[[Set[str]], Sequence[Any]]


@contextmanager
def answering(engine: str, answer: Answer) -> Iterator[None]:
    """Answer the provider while the block runs.

    Args:
        engine: the engine's address.
        answer: given the keys of the resources that were checked, returns what JSON can hold of the others.
    """
    key = secrets.token_bytes(32)
    listener = Listener(("127.0.0.1", 0), authkey=key)
    ended = threading.Event()
    place = _place(engine)
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        _require_own(place.parent)
        draft = place.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps({"port": listener.address[1], "key": key.hex()}))
        draft.replace(place)
        serve = threading.Thread(target=_serve, args=(listener, answer, ended), name="whatsapp-program", daemon=True)
        serve.start()
        yield
    finally:
        ended.set()
        with suppress(OSError):
            socket.create_connection(listener.address).close()  # closing alone wakes nobody who waits for a caller
        listener.close()
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _serve(listener: Listener, answer: Answer, ended: threading.Event) -> None:
    while not ended.is_set():
        # Who has no key or hangs up ends nothing for the provider.
        with suppress(AuthenticationError, OSError, EOFError, ValueError), listener.accept() as caller:
            answered = answer(set(json.loads(caller.recv_bytes())))
            caller.send_bytes(json.dumps(answered, default=str).encode())


def ask(engine: str, checked: Set[str]) -> list[Any] | None:
    """Return what the program answers; None where no program answers: there is none, or it has not ended.

    Args:
        engine: the engine's address.
        checked: the keys of the resources that were checked.
    """
    place = _place(engine)
    try:
        _require_own(place.parent)
        found = json.loads(place.read_text())
        with Client(("127.0.0.1", found["port"]), authkey=bytes.fromhex(found["key"])) as program:
            program.send_bytes(json.dumps(sorted(checked)).encode())
            if not program.poll(_PATIENCE):
                return None
            answer = json.loads(program.recv_bytes())
            return answer if isinstance(answer, list) else None
    except (OSError, EOFError, ValueError, KeyError, TypeError, AuthenticationError):
        return None  # nothing there, or what an earlier run that was killed has left


def _place(engine: str) -> Path:
    name = sha256(engine.encode()).hexdigest()[:32]
    return Path(tempfile.gettempdir()) / f"pulumi-whatsapp-{_user()}" / name


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
