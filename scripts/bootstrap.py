"""Make `.venv` with what a lock holds, and the package in it. Any Python 3 runs this, to say which one is needed.

``bootstrap.py run`` installs what running a program needs, ``bootstrap.py develop`` the tools of development as well.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = {"run": ROOT / "requirements.lock", "develop": ROOT / "requirements-dev.lock"}
"""What is installed is what they hold, so that `make audit` looks at the same. The second has all of the first."""
MADE = {"run": VENV / ".ready", "develop": VENV / ".made"}
"""Exist once all is installed; make compares them with pyproject.toml and the lock."""


def main() -> None:
    """Make the environment; one that can run a program already gets the tools of development in addition."""
    purpose = sys.argv[1]
    if sys.version_info < (3, 10):  # noqa: UP036 - this is the place that says so
        sys.exit(
            f"error: Python 3.10 or later is needed, and {sys.executable} is {sys.version.split()[0]}; "
            "name another one: make PYTHON=python3.12 …"
        )
    try:
        import ensurepip  # noqa: F401 - Debian and Ubuntu leave it out of their python3
    except ModuleNotFoundError:
        sys.exit(
            f"error: {sys.executable} cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv"
        )
    locked = sum("==" in line for line in LOCKS[purpose].read_text(encoding="utf-8").splitlines())
    grows = purpose == "develop" and _is_fresh()
    what = "the tools of development" if grows else "pulumi-whatsapp"
    print(
        f"Installing {what} into {VENV.name} of this folder: up to {locked} packages from PyPI, for Python "
        f"{sys.version.split()[0]}; this takes a minute or two …",
        flush=True,
    )
    try:
        if not grows:
            venv.create(VENV, clear=True, with_pip=True)
        _install("--require-hashes", "--requirement", str(LOCKS[purpose]))
        _install("--no-deps", "--editable", str(ROOT))
    except (OSError, subprocess.CalledProcessError, KeyboardInterrupt) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"error: {VENV.name} could not be made: {error or 'interrupted'}")
    for each in ("run", purpose):
        MADE[each].touch()


def _is_fresh() -> bool:
    """Return whether what is installed for running is what its lock holds."""
    ready, needs = MADE["run"], (LOCKS["run"], ROOT / "pyproject.toml")
    return ready.exists() and all(ready.stat().st_mtime >= each.stat().st_mtime for each in needs)


def _install(*what: str) -> None:
    subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", "--quiet", *what], check=True)


if __name__ == "__main__":
    main()
