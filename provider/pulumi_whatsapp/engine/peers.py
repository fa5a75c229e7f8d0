"""The provider processes of one run tell each other what its resources declare.

The engine starts a process for each explicit provider, for each version of the plugin (an upgrade deletes with the old
one) and for the dynamic resources. A delete in one of them must know what is declared in the others: a contact that
moved there stays blocked.

Every process has all of it, so one that is killed takes nothing with it. One that begins late first lets itself be
found and then asks for what was noted before, so it misses nothing.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ..account.claims import Claims, Declared, Declarer, Note
from . import loopback

_KIND: Final = "provider"


class Peers:
    """What this process and the others of its run have noted, account by account.

    Args:
        engine: the engine's address; empty where none started this process, and then it is alone.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._claims: dict[str, Claims] = {}
        self._opening = threading.Lock()
        self._serving = ExitStack()
        self._own: Path | None = None

    def claims(self, account_id: str) -> Claims:
        """Return what the run declares of an account."""
        with self._opening:
            found = self._claims.get(account_id)
            if found is None:
                found = self._claims[account_id] = Claims(account_id, lambda note: self._tell(account_id, note))
            return found

    def join(self) -> None:
        """Let the other processes of the run find this one, and take over what they have noted.

        Raises:
            OSError: when no place for that can be had.
        """
        if not self._engine:
            return
        self._own = loopback.place(self._engine, f"{os.getpid()}-{secrets.token_hex(4)}.{_KIND}")
        self._serving.enter_context(loopback.answering(self._own, self._answer))
        loopback.sweep(self._own.parent)
        for other in self._others():
            answer = loopback.ask(other, None)
            for account_id, note in answer.items() if isinstance(answer, dict) else ():
                self.claims(account_id).hear(_read(note))

    def leave(self) -> None:
        """Let nobody find this process any more."""
        self._serving.close()

    def _others(self) -> list[Path]:
        if self._own is None:
            return []
        run = self._own.name.partition(".")[0]
        return [place for place in self._own.parent.glob(f"{run}.*.{_KIND}") if place != self._own]

    def _tell(self, account_id: str, note: Note) -> list[str]:
        found: list[str] = []
        others = self._others()
        question = (account_id, _written(note)) if others else None
        for other in others:
            answer = loopback.ask(other, question)
            if answer is loopback.NOBODY:
                with suppress(OSError):
                    other.unlink()  # that process has ended
            elif isinstance(answer, list):
                found += answer
        return found

    def _answer(self, question: Any) -> Any:
        if question is None:
            with self._opening:
                claims = dict(self._claims)
            return {account_id: _written(each.everything()) for account_id, each in claims.items()}
        account_id, note = question
        return self.claims(account_id).hear(_read(note))


def _written(note: Note) -> Mapping[str, Any]:
    """Return a note as JSON can hold it."""
    written: dict[str, Any] = dict(note)
    if "declared" in note:
        written["declared"] = [asdict(each) | {"by": _declarer(each.by)} for each in note["declared"]]
    return written


def _declarer(by: Declarer) -> Sequence[Any]:
    return by.key, by.label, by.preview, by.secret


def _read(written: Any) -> Note:
    """Return a note; what another version of this package adds to it is not read."""
    note = Note(**{key: value for key, value in written.items() if key in Note.__annotations__})  # type: ignore[typeddict-item]
    note["declared"] = [
        Declared(Declarer(*each["by"]), each["contacts"], each["exclusive"], each["setting"])
        for each in written.get("declared", ())
    ]
    return note
