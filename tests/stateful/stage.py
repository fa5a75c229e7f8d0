"""What every state machine here runs on: one account, one stack, and how runs may go."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import FAULTS

from ..contract.world import SECRET
from .engine import How, ModelEngine, RunRecord
from .network import Kill, MortalWorld

FAULT_KINDS = [kind for kind in FAULTS if kind not in {"forbidden", "not_found", "repeated_cursor", "half_applied"}]


def hows(names: Sequence[str]) -> st.SearchStrategy[How]:
    """Return how runs may go, in programs of these names."""
    seldom = st.none() | st.none() | st.none()
    some = st.frozensets(st.sampled_from(names), min_size=1, max_size=3)
    return st.builds(
        How,
        order=st.integers(0, 5),
        parallel=st.booleans(),
        refresh=st.booleans(),
        keep_going=st.booleans(),
        targets=seldom | some,
        replaced=st.just(frozenset()) | st.just(frozenset()) | some,
        delete_first=st.sampled_from((False, False, False, True)),
        skipped=seldom | st.integers(0, 2),
        raises_after=seldom | st.integers(0, 3),
        stop_after=seldom | st.integers(0, 2),
        kill=st.none() | st.builds(Kill, at=st.integers(0, 6), done=st.booleans()),
    )


class Stage(RuleBasedStateMachine):
    """One account on one gateway, and one stack on it."""

    gateway: ClassVar[str]
    steps: ClassVar[int] = 0
    """How many rules were run so far."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = MortalWorld(GATEWAYS[self.gateway], self.folder)
        self.phone = self.world.phone
        self.engine = ModelEngine(self.world)

    def teardown(self) -> None:
        """Clean up."""
        self.world.sandbox.close()
        shutil.rmtree(self.folder)

    def check_invariants(self, *arguments: Any, **keywords: Any) -> None:
        """Count the step that has just been run."""
        type(self).steps += 1
        super().check_invariants(*arguments, **keywords)

    def fault(self, kind: str, on: str | None, times: int, after: int) -> None:
        """Ask for a fault, where it can happen."""
        with suppress(ValueError):
            self.phone.fault(kind, on=on, times=times, after=after)

    def clean(self, how: How) -> bool:
        """Return whether nothing disturbs a run."""
        whole = replace(
            how, kill=None, stop_after=None, skipped=None, raises_after=None, targets=None, delete_first=False
        )
        return how == whole and not self.phone.faults()

    def said(self, ran: RunRecord) -> list[str]:
        """Return what the last run told, and look for credentials there and in the state."""
        report = self.world.report
        said = [*report.infos, *report.warnings, *report.statuses, *ran.errors.values()]
        state = [repr((entry.inputs, entry.outputs)) for entry in self.engine.state]
        assert not any(SECRET in text for text in (*said, *state)), "a credential leaked"
        return said
