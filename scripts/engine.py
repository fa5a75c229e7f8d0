"""The engine that `make` runs the programs with: the Pulumi CLI, or the local engine where there is none."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".pulumi-home"
STACK = "sandbox"

_INSTALL = """
import socket, sys, urllib.error
from pulumi.automation import PulumiCommand
socket.setdefaulttimeout(10)
try:
    PulumiCommand.install(root=sys.argv[1])
except urllib.error.HTTPError as error:
    sys.exit(f"get.pulumi.com answered with HTTP {error.code}")
except (urllib.error.URLError, ConnectionError, TimeoutError):
    sys.exit("get.pulumi.com cannot be reached")
"""
_INSTALL_SECONDS = 300


class CliMissing(Exception):
    """Only the Pulumi CLI can go on with the stack, and there is none."""


@dataclass(frozen=True)
class Engine:
    """What runs a program.

    Attributes:
        command: how its commands begin.
        is_cli: whether it is the Pulumi CLI.
        why: which one runs and why, in one line.
    """

    command: tuple[str, ...]
    is_cli: bool
    why: str


def environment() -> dict[str, str]:
    """Return what the engine gets to see: a Pulumi of this folder's own, and nothing of the user's.

    The user's ``WHATSAPP_…`` stay out as well: what runs on the sandbox must never reach a real account.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PULUMI_", "WHATSAPP_")) or name == "WHATSAPP_DEBUG"
    }
    scripts = Path(sys.executable).parent
    backend = HOME / "backend"
    backend.mkdir(parents=True, exist_ok=True)
    no_proxy = ",".join(filter(None, (kept.get("no_proxy") or kept.get("NO_PROXY"), "127.0.0.1,localhost")))
    return {
        **kept,
        "PATH": f"{scripts}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(scripts.parent),
        "PULUMI_HOME": str(HOME),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": STACK,  # the state holds no secret, but a stack needs a passphrase
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "NO_PROXY": no_proxy,  # the engine, the program and the provider talk over loopback
        "no_proxy": no_proxy,
    }


def local_state(project: Path) -> Path:
    """Return the file in which the local engine keeps the state of a project."""
    return project / ".pulumi-local" / f"{STACK}.json"


def cli_state(project: Path) -> Path:
    """Return the file in which the Pulumi CLI keeps the state of a project."""
    name = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))["name"]
    return HOME / "backend" / ".pulumi" / "stacks" / str(name) / f"{STACK}.json"


def choose(project: Path, env: Mapping[str, str]) -> Engine:
    """Return the engine: `pulumi` on PATH, else the official installer's, else the local one.

    Raises:
        CliMissing: there is no CLI, and the stack is one that it made.
    """
    on_path = shutil.which("pulumi", path=env["PATH"])
    if on_path and (version := _version(on_path, env)):
        return Engine((on_path,), True, f"Pulumi CLI {version}, found on PATH ({on_path})")
    folder = HOME / "cli"
    installed = folder / "bin" / "pulumi"
    if version := _version(str(installed), env):
        return Engine((str(installed),), True, f"Pulumi CLI {version}, installed here before ({installed})")
    local = (sys.executable, "-m", "pulumi_local_engine")
    if local_state(project).exists():
        return Engine(local, False, "the package's local engine, because it made this stack and no pulumi is on PATH")
    if cli_state(project).exists():
        raise CliMissing("this stack was made by the Pulumi CLI, which is not on PATH")
    print("No pulumi on PATH; trying the official installer …", flush=True)
    failure = _install(folder, env)
    if failure is None and (version := _version(str(installed), env)):
        return Engine(
            (str(installed),), True, f"Pulumi CLI {version}, just installed for this folder only ({installed})"
        )
    why = f"no pulumi is on PATH, and the official installer failed ({failure or 'what it installed does not run'})"
    return Engine(local, False, f"the package's local engine, because {why}")


def _version(command: str, env: Mapping[str, str]) -> str | None:
    try:
        done = subprocess.run([command, "version"], env=env, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _install(folder: Path, env: Mapping[str, str]) -> str | None:
    """Run the official installer through Pulumi's Automation API; returns why it failed, or None."""
    with tempfile.TemporaryFile("w+") as output:
        installer = subprocess.Popen(
            [sys.executable, "-c", _INSTALL, str(folder)],
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # it starts a shell, curl and tar; all of them stop with it
        )
        try:
            status = installer.wait(_INSTALL_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt) as error:
            os.killpg(installer.pid, signal.SIGKILL)
            installer.wait()
            if isinstance(error, KeyboardInterrupt):
                raise
            return f"not done after {_INSTALL_SECONDS} seconds"
        output.seek(0)
        lines = output.read().strip().splitlines()
    return None if status == 0 else lines[-1] if lines else f"exit status {status}"
