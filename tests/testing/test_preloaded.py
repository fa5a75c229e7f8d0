"""What the tests fork in place of a new process is one as any other; see `tests.preloaded`."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..preloaded import preloaded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")


def test_several_that_begin_at_once_are_not_mixed_up(tmp_path: Path) -> None:
    folders = [tmp_path / f"folder-{number}" for number in range(12)]

    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        folder.mkdir()
        command = [sys.executable, "-m", "pulumi_local_engine", "preview"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)

    with preloaded(), ThreadPoolExecutor(len(folders)) as pool:
        for folder, ran in zip(folders, pool.map(run, folders), strict=True):
            assert ran.returncode == 1
            assert f"{folder}" in ran.stderr
