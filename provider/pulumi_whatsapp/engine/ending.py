"""How the provider asks the program what it declares beside what was checked, once the program has ended.

A run with ``--target`` or ``--exclude`` checks nothing of what it leaves out, so a delete cannot see whom those
resources declare; and a delete that comes before the program's end (``delete_before_replace``) cannot see the rest at
all. The program knows both. It answers from its end to the end of the run. A program of native resources answers
nothing: see `pulumi_whatsapp.engine.peers`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence, Set
from contextlib import AbstractContextManager
from typing import Any

from ..account.accounts import ProgramResource
from ..errors import Unavailable
from . import loopback
from .peers import undeclared_yet


def answering(engine: str, answer: Callable[[Set[str]], Sequence[Any]]) -> AbstractContextManager[None]:
    """Answer the provider while the block runs.

    Args:
        engine: the engine's address.
        answer: given the keys of the resources that were checked, returns what JSON can hold of the others.
    """
    return loopback.answering(loopback.place(engine, "program"), lambda checked: answer(set(checked)))


def ask(engine: str, checked: Set[str]) -> list[Any] | None:
    """Return what the program answers; None where no program answers: there is none, or it has not ended.

    Args:
        engine: the engine's address.
        checked: the keys of the resources that were checked.
    """
    try:
        answer = loopback.ask(loopback.place(engine, "program"), sorted(checked))
    except Unavailable:
        return None  # it is stopped
    return answer if isinstance(answer, list) else None


class Program:
    """The program of this run, as a provider process asks it; see `pulumi_whatsapp.account.accounts.Program`.

    It answers for dynamic resources alone. The native plugin asks it too: those may take over what the state has of the
    plugin's.

    Args:
        engine: the engine's address; empty where none is known.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine

    async def left_out(self, checked: Set[str]) -> Sequence[ProgramResource]:
        """Return what it declares beside what was checked, and that nobody knows the rest before it has ended.

        Raises:
            Unavailable: when it declares dynamic resources, and has not ended.
        """
        return [*await left_out(self._engine, checked), *undeclared_yet()]


async def left_out(engine: str, checked: Set[str]) -> Sequence[ProgramResource]:
    """Return what a program of dynamic resources declares beside what was checked; nothing where there is none.

    Args:
        engine: the engine's address.
        checked: the keys of the resources that were checked, in any process of the run: those of native resources are
            URNs, and no program answers for them.

    Raises:
        Unavailable: when there is such a program, and it has not ended.
    """
    own = {key for key in checked if not key.startswith("urn:")}
    told = await asyncio.to_thread(ask, engine, own)
    if told is not None:
        return [ProgramResource(**resource) for resource in told]
    if own:
        raise Unavailable(
            "nobody is unblocked and nothing is set back before the program has ended, because the rest of it may "
            "declare the same: remove delete_before_replace from the resource (a Pulumi CLI before 3.181 deletes after "
            "the program without waiting for it: update it)"
        )
    return ()
