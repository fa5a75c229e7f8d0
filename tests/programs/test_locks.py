"""What running a program installs is a part of what development does, in the same versions."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_one_lock_holds_the_other() -> None:
    run, develop = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert run.items() < develop.items()
    assert {"pulumi", "httpx", "pydantic"} <= run.keys()
    assert not {"pytest", "mypy", "ruff", "hypothesis"} & run.keys()
