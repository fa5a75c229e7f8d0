"""What the Pulumi CLI on PATH prints means the same as what was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.cli.summary.compare import compare
from pulumi_whatsapp.cli.summary.printed import read

from .pulumi_runs import PRINTED, Life


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
def test_the_cli_prints_what_was_recorded(tmp_path: Path) -> None:
    played = dict(Life(tmp_path).printed())
    assert set(played) == {path.stem for path in PRINTED.glob("*.json")}
    stopped = compare(read(played.pop("too-many")), {})  # how far it came by then differs
    assert stopped.failed
    assert "TooManyUnblocks" in stopped.errors[0]
    for name, printed in played.items():
        assert meaning(printed) == meaning((PRINTED / f"{name}.json").read_text()), name


def meaning(printed: str) -> Any:
    """Return what a run means, in no order: resources are compared beside each other."""
    summary = compare(read(printed), {}).as_json()
    return json.loads(json.dumps(_sorted(summary)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda item: json.dumps(item, sort_keys=True))
    return sorted(value.split()) if isinstance(value, str) else value
