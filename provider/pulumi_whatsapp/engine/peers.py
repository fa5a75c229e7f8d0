"""The provider processes of one run tell each other what its resources declare.

The engine starts a process for each explicit provider, for each version of the plugin (an upgrade deletes with the old
one) and for the dynamic resources. A delete in one of them must know what is declared in the others: a contact that
moved there stays blocked.

Every process has all of it, so one that is killed takes nothing with it. One that begins late first lets itself be
found and then asks for what was noted before, so it misses nothing.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ..account.accounts import ProgramResource
from ..account.claims import Claims, Declared, Declarer, Note
from ..errors import ConfigurationError
from . import loopback

_KIND: Final = "provider"
PENDING: Final = "?"
"""Ends what stands for a resource that is yet to be compared or created anew, and is all of it where the instance is
not known: ``--replace`` compares nothing. What is deleted by then comes before the program's end, be it another
resource (``replaceWith``, or all that belong to a provider)."""


_PROVIDERS: Final = "pulumi:providers:"
_CONFIGURING: Final = 10
"""Seconds within which the engine configures a provider that it has created or updated: a few milliseconds do."""

_before_the_end: Final[ContextVar[bool]] = ContextVar("before_the_end", default=False)


def undeclared_yet() -> Sequence[ProgramResource]:
    """Return what stands for the rest of a program where a delete comes before that is known; else nothing."""
    why = (
        "nobody is unblocked and nothing is set back before the program has ended, or after a part of it failed, "
        "because the rest of it may declare the same: remove deleteBeforeReplace from the resource, or from its "
        "provider; mend what failed, and run it again"
    )
    return (ProgramResource("the program", None, False, None, why=why),) if _before_the_end.get() else ()


class Peers:
    """What this process and the others of its run have noted, account by account.

    Args:
        engine: the engine's address; empty where none started this process, and then it is alone.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._claims: dict[str, Claims] = {}
        self._standing: dict[str, str] = {}
        self._settled = threading.Condition()
        self._late: set[str] = set()
        self._waiting = asyncio.Lock()
        self._told: set[str] | None = set()
        """What others have told of while this process joined them: newer than what they answer."""
        self._opening = threading.Lock()
        self._serving = ExitStack()
        self._own: Path | None = None

    def claims(self, account_id: str) -> Claims:
        """Return what the run declares of an account."""
        with self._opening:
            found = self._claims.get(account_id)
            if found is None:
                found = Claims(account_id, lambda note: self._tell(lambda: {"notes": {account_id: _written(note)}}))
                self._claims[account_id] = found
            return found

    def stands(self, urn: str, instance: str = PENDING) -> None:
        """Note that a resource of the program may stand in the state, or that an explicit provider does.

        Args:
            urn: the resource or the provider.
            instance: what tells it there from every other. Two may have one id, and an alias another URN.
        """
        if self._standing.get(urn) != instance:
            self._standing[urn] = instance
            self._tell(lambda: {"standing": {urn: instance}})

    def settled(self, urn: str) -> None:
        """Note that a resource was created, so that what stood there before may go, or that a provider is in use."""
        if self._forget(urn):
            self._tell(lambda: {"standing": {urn: None}})

    def _forget(self, urn: str) -> bool:
        with self._settled:
            self._settled.notify_all()
            self._late.discard(urn)
            return self._standing.pop(urn, None) is not None

    async def providers_settled(self, urn: str) -> None:
        """Wait for the providers of a stack: the engine goes on while it configures them.

        One whose resources it deletes first is configured after that. So this ends when the time is up, and nobody
        waits for that one again.

        Args:
            urn: a resource of the stack.
        """

        def unsettled() -> set[str]:
            return {each for each in self._pending(urn) if _is_provider(each)} - self._late

        def wait() -> None:
            with self._settled:
                self._settled.wait_for(lambda: not unsettled(), _CONFIGURING)
                self._late |= unsettled()

        async with self._waiting:
            if unsettled():
                await asyncio.to_thread(wait)

    def note_delete(self, instance: str | None, urn: str = "") -> None:
        """Note for the delete under way whether it may come before the end of the program; see `undeclared_yet`.

        It does where the user asks for ``deleteBeforeReplace``: a resource of the program stands in the state, and was
        not created anew. Its instance tells it, because one that was renamed is deleted under its old name, and what
        an earlier run has left behind may have the same id. While any of the stack is pending, every delete is early:
        at the end of a program none is.

        Args:
            instance: what tells the resource in the state from every other.
            urn: the resource, where that is known.
        """
        standing = {each.removesuffix(PENDING) for each in [*self._standing.values()]}
        _before_the_end.set(bool(self._pending(urn)) or instance in standing)

    def _pending(self, urn: str) -> list[str]:
        """Return what is pending of a resource's stack."""
        standing = {**self._standing}  # another process may change it meanwhile
        return [other for other, each in standing.items() if each.endswith(PENDING) and _stack(other) == _stack(urn)]

    def join(self) -> None:
        """Let the other processes of the run find this one, and take over what they have noted.

        Raises:
            ConfigurationError: when no place for that can be had.
            Unavailable: when another one does not answer.
        """
        if not self._engine:
            return
        try:
            self._own = loopback.place(self._engine, f"{os.getpid()}-{secrets.token_hex(4)}.{_KIND}")
            self._serving.enter_context(loopback.answering(self._own, self._answer))
        except OSError as error:
            raise ConfigurationError(
                "the provider processes of a run find each other in the folder for temporary files, which cannot be "
                f"used ({error}); mend that, or name another folder in TMPDIR"
            ) from None
        loopback.sweep(self._own.parent)
        for other in self._others():
            answer = loopback.ask(other, None)
            if isinstance(answer, dict):
                told = self._told or ()
                answer["standing"] = {
                    urn: instance for urn, instance in answer.get("standing", {}).items() if urn not in told
                }
                self._hear(answer)
        self._told = None

    def leave(self) -> None:
        """Let nobody find this process any more."""
        self._serving.close()

    def _others(self) -> list[Path]:
        if self._own is None:
            return []
        run = self._own.name.partition(".")[0]
        return [place for place in self._own.parent.glob(f"{run}.*.{_KIND}") if place != self._own]

    def _tell(self, news: Callable[[], Mapping[str, Any]]) -> list[str]:
        """Tell the others; what they are told is made only where there are any."""
        others = self._others()
        told = news() if others else None
        found: list[str] = []
        for other in others:
            answer = loopback.ask(other, told)
            if answer is loopback.NO_ANSWER:
                with suppress(OSError):
                    other.unlink()  # that process has ended
            elif isinstance(answer, list):
                found += answer
        return found

    def _answer(self, news: Any) -> Any:
        if news is not None:
            if self._told is not None:
                self._told.update(news.get("standing", ()))
            return self._hear(news)
        with self._opening:
            claims = dict(self._claims)
        notes = {account_id: _written(each.everything()) for account_id, each in claims.items()}
        return {"notes": notes, "standing": dict(self._standing)}

    def _hear(self, news: Mapping[str, Any]) -> list[str]:
        for urn, instance in news.get("standing", {}).items():
            if instance is None:
                self._forget(urn)
            else:
                self._standing[urn] = instance
        notes = news.get("notes", {}).items()
        return [why for account_id, note in notes for why in self.claims(account_id).hear(_read(note))]


def _stack(urn: str) -> Sequence[str]:
    return urn.split("::")[:2]


def _is_provider(urn: str) -> bool:
    return urn.split("::")[2].startswith(_PROVIDERS)


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
