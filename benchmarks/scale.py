"""How long many contacts take, beside a resource of the same shape that does nothing, in the same run.

The gateway is the sandbox over HTTP on loopback. Runs alternate, so that the machine's moods meet both.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from _gateway import Served, serving
from _project import ENGINES, Project, compile_bytecode, found_engine
from _startup import first_answer
from _table import Sample, head, row

LATENCY = 0.05

PROGRAM = """
import json
from pathlib import Path

{imports}

contacts = json.loads(Path("contacts.json").read_text())
"""
IMPORTS = {"ours": "from pulumi_whatsapp import BlockedContact, Blocklist", "nothing": "from _nothing import Nothing"}
LIST = {"ours": 'Blocklist("list", contacts=contacts)', "nothing": 'Nothing("list", contacts=contacts)'}
SINGLE = {
    "ours": "for contact in contacts:\n    BlockedContact(contact, phone=contact)",
    "nothing": "for contact in contacts:\n    Nothing(contact, contacts=contact)",
}


@dataclass(frozen=True)
class Case:
    """What is compared.

    Attributes:
        size: how many contacts.
        single: each a resource of its own.
        gateway: whose wire format.
        latency: seconds of each request.
    """

    size: int
    gateway: str = "meta"
    single: bool = False
    latency: float = 0.0

    def __str__(self) -> str:
        what = f"{self.size:,} BlockedContacts" if self.single else f"Blocklist of {self.size:,}"
        return f"{what}, {self.gateway}{f', {self.latency * 1000:.0f} ms' if self.latency else ''}"

    def contacts(self) -> list[str]:
        """Return as many numbers as there are contacts."""
        return [f"+55119{70_000_000 + number}" for number in range(self.size)]

    def steps(self) -> list[tuple[str, str, list[str]]]:
        """Return what is measured: its title, the command, and whom the program declares."""
        contacts = self.contacts()
        if self.single:
            return [(command, command, contacts) for command in ("up", "preview", "refresh", "destroy")]
        return [
            ("up, all but one", "up", contacts[:-1]),
            ("preview, no change", "preview", contacts[:-1]),
            ("preview, one more", "preview", contacts),
            ("up, one more", "up", contacts),
            ("preview, one fewer", "preview", contacts[:-1]),  # the list is replaced, and so is what does nothing
            ("up, one fewer", "up", contacts[:-1]),
            ("refresh", "refresh", contacts[:-1]),
            ("destroy", "destroy", contacts[:-1]),
        ]


def main() -> None:
    """Print a table."""
    found = found_engine()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default=found, help=f"default: {found}")
    parser.add_argument("--runs", type=int, default=1, help="runs of everything, whose medians are shown; default: 1")
    parser.add_argument("--full", action="store_true", help="64,000 contacts in a list and 1,000 single ones as well")
    options = parser.parse_args()
    compile_bytecode()
    print(f"With {ENGINES[options.engine]}, medians of {options.runs} runs.")
    _print_startup(max(9, options.runs))
    head()
    for case in _cases(full=options.full):
        _compare(case, options.engine, options.runs)


def _cases(*, full: bool) -> list[Case]:
    lists = [1_000, 10_000, *([64_000] if full else [])]
    singles = [100, *([1_000] if full else [])]
    return [
        *(Case(size, gateway) for gateway in ("meta", "360dialog") for size in lists),
        *(Case(size, single=True) for size in singles),
        *(Case(size, latency=LATENCY) for size in (lists if full else lists[:1])),
        *(Case(size, single=True, latency=LATENCY) for size in singles),
        Case(1_000, "zapi", latency=LATENCY),
    ]


def _print_startup(runs: int) -> None:
    with tempfile.TemporaryDirectory() as made, serving(Path(made), 0) as served:
        config = served.config("meta")
        pairs = [[first_answer(name, config) for name in ("ours", "nothing")] for _ in range(runs)]
    ours, nothing = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    print(
        f"From the provider's start to its first answer: {ours:.2f} s, nothing {nothing:.2f} s: {ours / nothing:.2f}\n"
    )


def _compare(case: Case, engine: str, runs: int) -> None:
    samples: dict[str, list[Sample]] = defaultdict(list)
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as made, serving(Path(made), case.latency) as served:
            _run(case, engine, Path(made), served, samples)
    for step, measured in samples.items():
        row(f"{case}: {step}", measured)


def _run(case: Case, engine: str, made: Path, served: Served, samples: dict[str, list[Sample]]) -> None:
    bodies = SINGLE if case.single else LIST
    config = served.config(case.gateway)
    ours, nothing = (
        Project.written(made / name, engine, PROGRAM.format(imports=IMPORTS[name]) + body, config)
        for name, body in bodies.items()
    )
    for step, command, declared in case.steps():
        for project in (ours, nothing):
            project.declare(declared)
        served.forget()
        mine = ours.measure(command)
        gateway, requests = served.busy, served.requests
        samples[step].append(Sample(mine, nothing.measure(command), gateway, requests))
        if step == "refresh" and not samples["destroy"]:
            bytes_each, floor = (project.state_bytes() / len(declared) for project in (ours, nothing))
            print(f"{f'{case}: state':<46}{bytes_each:>5.0f} bytes a contact, nothing {floor:.0f}", flush=True)


if __name__ == "__main__":
    main()
