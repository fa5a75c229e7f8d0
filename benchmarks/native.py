"""How long the native face takes beside the dynamic one: the same contacts, in the same run. It needs the Pulumi CLI.

The gateway is the sandbox over HTTP on loopback. Runs alternate, so that the machine's moods meet both.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from _gateway import Served, serving
from _project import Project, compile_bytecode
from _startup import first_answer, first_native_answer
from scale import LATENCY, PROGRAM, Case

FACES = {"native": "pulumi_whatsapp.native", "dynamic": "pulumi_whatsapp"}
LIST = 'Blocklist("list", contacts=contacts)'
SINGLE = "for contact in contacts:\n    BlockedContact(contact, phone=contact)"
TARGET = 1.2
TARGET_STARTUP = 1.3


def main() -> None:
    """Print a table of the seconds of both faces, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="runs of everything, whose medians are shown; default: 1")
    parser.add_argument("--full", action="store_true", help="64,000 contacts in a list and 1,000 single ones as well")
    options = parser.parse_args()
    if not shutil.which("pulumi"):
        print("the Pulumi CLI is not on PATH, and the local engine runs no plugins, so there is nothing to compare")
        return
    compile_bytecode()
    _print_startup(max(9, options.runs))
    print(f"{'':<46}{'native':>8}{'dynamic':>9}{'ratio':>7}   (target: at most {TARGET})")
    singles = [100, *([1_000] if options.full else [])]
    cases = [Case(size) for size in (10_000, *([64_000] if options.full else []))]
    cases += [Case(size, single=True, latency=LATENCY) for size in singles]
    for case in cases:
        _compare(case, options.runs)


def _print_startup(runs: int) -> None:
    with tempfile.TemporaryDirectory() as made, serving(Path(made), 0) as served:
        config = served.config("meta")
        pairs = [(first_native_answer(config), first_answer("ours", config)) for _ in range(runs)]
    native, dynamic = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    print(
        f"From the provider's start to its first answer: native {native:.2f} s, dynamic {dynamic:.2f} s: "
        f"{native / dynamic:.2f} (target: at most {TARGET_STARTUP})\n"
    )


def _compare(case: Case, runs: int) -> None:
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    requests: dict[str, dict[str, int]] = defaultdict(dict)
    for _ in range(runs):
        with ExitStack() as stack:
            made = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            faces = {face: _face(stack, made, case, face) for face in FACES}
            for step, command, declared in case.steps():
                for face, (project, served) in faces.items():
                    project.declare(declared)
                    served.forget()
                    seconds[step][face].append(project.run(command))
                    requests[step][face] = sum(served.requests.values())
    for step, measured in seconds.items():
        native, dynamic = (statistics.median(measured[face]) for face in FACES)
        sent = " / ".join(f"{requests[step][face]:,}" for face in FACES)
        title = f"{case}: {step}"
        print(f"{title:<46}{native:>8.2f}{dynamic:>9.2f}{native / dynamic:>7.2f}   {sent} requests", flush=True)


def _face(stack: ExitStack, made: Path, case: Case, face: str) -> tuple[Project, Served]:
    """Return a project of a face, and an account of its own: what one face has blocked costs the other no request."""
    folder = made / f"gateway-{face}"
    folder.mkdir()
    served = stack.enter_context(serving(folder, case.latency))
    program = PROGRAM.format(imports=f"from {FACES[face]} import BlockedContact, Blocklist")
    program += SINGLE if case.single else LIST
    config = served.config(case.gateway)
    return Project.written(made / face, "cli", program, config, plugins=_plugin(made)), served


def _plugin(folder: Path) -> Path:
    """Return a folder with the plugin's executable."""
    found = folder / "plugin"
    found.mkdir(exist_ok=True)
    executable = found / "pulumi-resource-whatsapp"
    executable.write_text(f'#!/bin/sh\nexec {sys.executable} -m pulumi_whatsapp.native "$@"\n')
    executable.chmod(0o755)
    return found


if __name__ == "__main__":
    main()
