"""What the tests fork in place of a new process is one as any other; see `tests.preloaded`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..preloaded import preloaded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")


@pytest.fixture(autouse=True, scope="module")
def _forked() -> Iterator[None]:
    with preloaded():
        yield


def test_several_that_begin_at_once_are_not_mixed_up(tmp_path: Path) -> None:
    folders = [tmp_path / f"folder-{number}" for number in range(12)]

    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        folder.mkdir()
        command = [sys.executable, "-m", "pulumi_local_engine", "preview"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)

    with ThreadPoolExecutor(len(folders)) as pool:
        for folder, ran in zip(folders, pool.map(run, folders), strict=True):
            assert ran.returncode == 1
            assert f"{folder}" in ran.stderr


def test_a_process_of_a_copy_has_the_modules_of_the_copy(tmp_path: Path) -> None:
    package = tmp_path / "pulumi_whatsapp"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("print('the copy')")
    command = [sys.executable, "-m", "pulumi_whatsapp"]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert ran.stdout == "the copy\n"


def test_what_is_forked_has_its_own_children_forked(tmp_path: Path) -> None:
    """An engine starts a program and a provider: all three have what was loaded, and end with it."""
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("import sys\nassert 'h11' in sys.modules\n")
    command = [sys.executable, "-m", "pulumi_local_engine", "preview"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
