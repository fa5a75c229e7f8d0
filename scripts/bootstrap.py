"""Make `.venv` with what the lock holds, and the package in it. Any Python 3 runs this, to say which one is needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"
"""What is installed for development is what it holds, so that `make audit` looks at the same."""
MADE = VENV / ".made"
"""Exists once all is installed; make compares it with pyproject.toml and the lock."""


def main() -> None:
    """Make the environment anew."""
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
    print(f"Installing pulumi-whatsapp into {VENV.name} (Python {sys.version.split()[0]}) …", flush=True)
    try:
        venv.create(VENV, clear=True, with_pip=True)
        _install("--require-hashes", "--requirement", str(LOCK))
        _install("--no-deps", "--editable", str(ROOT))
    except (OSError, subprocess.CalledProcessError, KeyboardInterrupt) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(f"error: {VENV.name} could not be made: {error or 'interrupted'}")
    MADE.touch()


def _install(*what: str) -> None:
    subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", "--quiet", *what], check=True)


if __name__ == "__main__":
    main()
