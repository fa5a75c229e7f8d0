"""Record what the real CLI does in every scenario: ``python -m tests.local.record [name …]``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from .runners import SUPPORT, ScenarioOnCli, play
from .scenarios import SCENARIOS

RECORDED = Path(__file__).with_name("recorded")


def main(names: list[str]) -> None:
    """Record the scenarios of these names, or all."""
    os.environ["PYTHONPATH"] = str(SUPPORT)
    RECORDED.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        if names and scenario.name not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            turns = play(scenario, Path(folder) / "project", ScenarioOnCli)
        content = {"cli": ScenarioOnCli.version(), "scenario": scenario.name, "turns": turns}
        (RECORDED / f"{scenario.name}.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
        sys.stdout.write(f"{scenario.name}: {[turn['exit'] for turn in turns]}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
