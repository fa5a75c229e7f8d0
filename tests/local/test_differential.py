"""The local engine does what the real CLI does, step by step and call by call."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from .runners import SUPPORT, ScenarioOnCli, ScenarioOnLocalEngine, play
from .scenarios import SCENARIOS, Scenario

RECORDED = Path(__file__).with_name("recorded")
_QUICK = [pytest.param(item, id=item.name, marks=[pytest.mark.slow] if item.slow else []) for item in SCENARIOS]
_ALL = [pytest.param(item, id=item.name) for item in SCENARIOS]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)


def _agree(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    assert [turn["command"] for turn in ours] == [turn["command"] for turn in theirs]
    for number, (mine, real) in enumerate(zip(ours, theirs, strict=True)):
        for aspect in ("errors", "exit", "steps", "failed", "changes", "calls", "state"):
            assert _told(mine, aspect) == _told(real, aspect), f"turn {number} ({mine['command']}): {aspect}"


def _told(turn: dict[str, Any], aspect: str) -> Any:
    """One aspect of a turn, without the steps of the default provider: the local engine has none for it."""
    if aspect != "steps":
        return turn[aspect]
    return [step for step in turn[aspect] if "::pulumi:providers:" not in step[1]]


@pytest.mark.parametrize("scenario", _QUICK)
def test_as_recorded_from_the_cli(scenario: Scenario, tmp_path: Path) -> None:
    recorded = json.loads((RECORDED / f"{scenario.name}.json").read_text())
    _agree(play(scenario, tmp_path / "project", ScenarioOnLocalEngine), recorded["turns"])


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pulumi"), reason="the Pulumi CLI is not on PATH: its recorded results are used")
@pytest.mark.parametrize("scenario", _ALL)
def test_the_cli_still_does_what_was_recorded(scenario: Scenario, tmp_path: Path) -> None:
    recorded = json.loads((RECORDED / f"{scenario.name}.json").read_text())
    _agree(play(scenario, tmp_path / "project", ScenarioOnCli), recorded["turns"])


def test_records_fit_the_scenarios() -> None:
    for scenario in SCENARIOS:
        recorded = json.loads((RECORDED / f"{scenario.name}.json").read_text())
        commands = [" ".join((turn.command, *turn.flags)) for turn in scenario.turns]
        assert [turn["command"] for turn in recorded["turns"]] == commands, scenario.name
        assert recorded["cli"], scenario.name
