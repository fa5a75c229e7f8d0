"""How the provider asks the program what it declares beside what was checked, once the program has ended.

A run with ``--target`` or ``--exclude`` checks nothing of what it leaves out, so a delete cannot see whom those
resources declare; and a delete that comes before the program's end (``delete_before_replace``) cannot see the rest at
all. The program knows both. It answers from its end to the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from contextlib import AbstractContextManager
from typing import Any

from ..engine import loopback
from ..errors import Unavailable


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
