"""What a program in another language than Python needs before the Pulumi CLI can run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from engine import Engine

PLUGIN: Final = Path(sys.executable).with_name("pulumi-resource-whatsapp")
_TITLES: Final = {"yaml": "YAML", "nodejs": "TypeScript"}
_NEEDS: Final = {"yaml": ("pulumi-language-yaml",), "nodejs": ("pulumi-language-nodejs", "node", "npm")}
"""The first of each comes with the CLI."""


class LanguageMissing(Exception):
    """What runs a program's language is not on this machine."""


def require(engine: Engine, project: Path, env: Mapping[str, str]) -> None:
    """See that a program can be run.

    Raises:
        LanguageMissing: what is missing.
    """
    runtime = _runtime(project)
    if runtime not in _NEEDS:
        return
    title = _TITLES[runtime]
    if not engine.is_cli:
        raise LanguageMissing(f"a program in {title} needs the Pulumi CLI, and there is only {engine.why}")
    beside = Path(engine.command[0]).resolve().parent
    path = os.pathsep.join([str(beside), env["PATH"]])
    missing = [name for name in _NEEDS[runtime] if shutil.which(name, path=path) is None]
    if missing:
        raise LanguageMissing(f"a program in {title} needs what is not on PATH: {', '.join(missing)}")


def install(engine: Engine, project: Path, env: Mapping[str, str]) -> None:
    """Generate the SDK of a TypeScript program, and install what it needs; nothing where that was done.

    Raises:
        LanguageMissing: npm could not do it.
    """
    if _runtime(project) != "nodejs" or (project / "node_modules" / "pulumi-whatsapp" / "bin").exists():
        return
    print("Generating the SDK and installing the packages of npm (once, a minute) …", flush=True)
    generate = ["package", "gen-sdk", str(PLUGIN), "--language", "nodejs", "--local", "--out", "sdk"]
    for command in ([*engine.command, *generate], ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error"]):
        done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise LanguageMissing(f"{' '.join(command[:3])} failed: {why[0] if why else done.returncode}")


def _runtime(project: Path) -> str:
    runtime = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))["runtime"]
    return str(runtime["name"] if isinstance(runtime, dict) else runtime)
