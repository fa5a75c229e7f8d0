"""`make up`, `make preview`, `make refresh` and `make down`: a program of this repository, on its sandbox."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import yaml

import languages
from engine import HOME, ROOT, STACK, CliMissing, Engine, choose, cli_state, environment, local_state
from pulumi_whatsapp.gateways.registry import GATEWAYS

_COMMANDS = {
    "preview": [["preview", "--diff"]],
    "up": [["preview", "--diff"], ["up", "--yes", "--skip-preview"]],
    "refresh": [["refresh", "--yes", "--skip-preview", "--diff"]],
    "down": [["destroy", "--yes", "--skip-preview"]],
}
_QUICK_START = "quickstart"
"""The program of the repository's own ``Pulumi.yaml``."""
_NEEDS_STACK = {"refresh", "down"}
_UNCHANGED = re.compile(rb"^Resources:\n +\d+ unchanged\s*$", re.MULTILINE)
"""The summary of a preview that plans nothing, on either engine: what is to change would stand before it."""
_COLOUR = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def main() -> int:
    """Run what make was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=_COMMANDS)
    parser.add_argument("program", nargs="?", default="", help="a folder under programs/; the quick start when absent")
    options = parser.parse_args()
    if options.program == _QUICK_START:
        options.program = ""
    project = ROOT / "programs" / options.program if options.program else ROOT
    if not (project / "Pulumi.yaml").is_file():
        known = ", ".join(sorted([_QUICK_START, *(path.parent.name for path in ROOT.glob("programs/*/Pulumi.yaml"))]))
        print(f"error: there is no program {options.program!r}; there is: {known}", file=sys.stderr)
        return 1
    if options.action in _NEEDS_STACK and not (local_state(project).exists() or cli_state(project).exists()):
        print("error: nothing is up; start with `make up`", file=sys.stderr)
        return 1
    env = environment()
    try:
        engine = choose(project, env)
        languages.require(engine, project, env)
        languages.install(engine, project, env)
    except (CliMissing, languages.LanguageMissing) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"Engine: {engine.why}\n", flush=True)
    _prepare(engine, project, env)
    if sys.stdout.isatty():  # of a preview there is a copy: it is written into a pipe, which would be without colours
        env["FORCE_COLOR"] = "1"
    previewed = bytearray()
    for command in _COMMANDS[options.action]:
        remove = ["--remove"] if command[0] == "destroy" and engine.is_cli else []
        colour = ["--color", "always"] if "FORCE_COLOR" in env and engine.is_cli else []
        seen = previewed if command[0] == "preview" else None
        status = _run([*engine.command, *command, *remove, *colour, "--stack", STACK], project, env, seen)
        if status:
            return status
    if options.action == "down" and not engine.is_cli:
        _forget(project)
    unchanged = "unchanged " if _UNCHANGED.search(_COLOUR.sub(b"", previewed)) else ""
    print(_CLOSING[f"{unchanged}{options.action}"].format(**_names(engine, project, options.program)))
    return 0


def _prepare(engine: Engine, project: Path, env: Mapping[str, str]) -> None:
    """See that the stack is there."""
    if not engine.is_cli:
        _settings(project).touch()  # without it, the local engine makes no stack beside others
    elif not _quietly([*engine.command, "stack", "select", STACK], project, env):
        subprocess.run([*engine.command, "stack", "init", STACK], cwd=project, env=env, check=True, capture_output=True)
        if (left := local_state(project)).exists():
            _take_over(engine, project, left, env)


def _forget(project: Path) -> None:
    """Remove the local engine's stack, as the CLI's `destroy --remove` does."""
    local_state(project).unlink()
    _settings(project).unlink(missing_ok=True)


def _settings(project: Path) -> Path:
    return project / f"Pulumi.{STACK}.yaml"


def _take_over(engine: Engine, project: Path, left: Path, env: Mapping[str, str]) -> None:
    """Import what the local engine left, so that both never hold the same contacts."""
    export = [sys.executable, "-m", "pulumi_local_engine", "export", "--stack", STACK]
    state = subprocess.run(export, cwd=project, env=env, check=True, capture_output=True).stdout
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(state)
        file.flush()
        subprocess.run([*engine.command, "stack", "import", "--file", file.name], cwd=project, env=env, check=True)
    left.unlink()
    print("The state that the local engine left was taken over with `pulumi stack import`.\n", flush=True)


def _run(command: list[str], project: Path, env: Mapping[str, str], seen: bytearray | None = None) -> int:
    """Run a command of the engine; Ctrl-C is the engine's to deal with, so that it can save what was done.

    Args:
        seen: gets a copy of what is printed.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        if seen is None:
            return subprocess.Popen(command, cwd=project, env=env).wait()
        with subprocess.Popen(command, cwd=project, env=env, stdout=subprocess.PIPE) as process:
            assert process.stdout
            while chunk := os.read(process.stdout.fileno(), 65536):
                seen += chunk
                os.write(sys.stdout.fileno(), chunk)
        return process.returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _quietly(command: list[str], project: Path, env: Mapping[str, str]) -> bool:
    return subprocess.run(command, cwd=project, env=env, capture_output=True).returncode == 0


def _names(engine: Engine, project: Path, program: str) -> dict[str, str]:
    state = HOME / "backend" if engine.is_cli else local_state(project)
    folder = f"programs/{program or _QUICK_START}"
    choice = f" PROGRAM={program}" if program else ""
    return {
        "engine": "the Pulumi CLI" if engine.is_cli else "the package's local engine",
        "state": str(state.relative_to(ROOT)),
        "sandbox": str((project / ".sandbox" / "whatsapp.sqlite").relative_to(ROOT)),
        "folder": folder,
        "choice": choice,
        "by_hand": _by_hand(project, choice),
        "another": "list_from_csv" if program == "several_accounts" else "several_accounts",
    }


def _by_hand(project: Path, choice: str) -> str:
    """Return on which account, and then what, makes a refresh show something."""
    config = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    accounts = config.get("whatsapp:accounts", {}).get("value", {}).values()
    names = [config["whatsapp:gateway"], *(account["gateway"] for account in accounts)]
    gateways = [GATEWAYS[name] for name in names if name in GATEWAYS]
    shown = next((gateway.title for gateway in gateways if gateway.capabilities.lists_blocked), None)
    if shown is None:
        return "by hand (a refresh does not see it: this gateway cannot show who is blocked)"
    return f"on the {shown} account, as if on the phone, then `make refresh{choice}` and `make preview{choice}`"


_CLOSING = {
    "preview": "\nNothing was changed. `make up{choice}` does it.",
    "unchanged preview": "\nThere is nothing to change.",
    "unchanged up": "\nThere was nothing to change. `make down{choice}` takes back what the program declares.",
    "refresh": """
The state now says what is live, as far as the gateways can show it. `make preview{choice}` shows what `make up{choice}`
would mend.""",
    "down": "\nWhat the program declared is taken back, and the stack is gone. `make up{choice}` starts anew.",
    "up": """
What this did
  ran      {folder} with {engine}
  changed  {sandbox}: WhatsApp accounts in a file, which answer as the gateways do
  keeps    the stack's state in {state}; your own Pulumi login, stacks and environment were left alone

What to try next
  1. change a contact in {folder}, then `make preview{choice}`: one line for each contact that changes
  2. `.venv/bin/pulumi-whatsapp sandbox {sandbox}`, and open the page that it names:
     block or unblock somebody {by_hand}
  3. `make down{choice}` takes back what was declared; `make up PROGRAM={another}` runs another program""",
}


if __name__ == "__main__":
    sys.exit(main())
