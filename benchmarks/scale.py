"""How long large block lists take, beside a resource of the same shape that does nothing.

Meta's wire format, served by the sandbox over HTTP on loopback. Each row is one run of each; the ratio is what counts.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path

from _project import ENGINES, Project, found_engine

from pulumi_whatsapp.sandbox import Sandbox, SandboxAccount
from pulumi_whatsapp.sandbox.server import running

NUMBER = "106540352242922"

NOTHING = """
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult


class NothingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def check(self, olds, news):
        contacts = news["contacts"]
        return CheckResult({"contacts": {contact: "" for contact in contacts}}, [])

    def diff(self, id, olds, news):
        return DiffResult(changes=olds["contacts"] != news["contacts"])

    def create(self, props):
        return CreateResult("nothing", dict(props))

    def read(self, id, props):
        return ReadResult(id, dict(props), dict(props))

    def update(self, id, olds, news):
        return UpdateResult(dict(news))


class Nothing(Resource, module="nothing", name="Nothing"):
    def __init__(self, name, *, contacts):
        super().__init__(NothingProvider(), name, {"contacts": contacts})
"""
LIST = """
import json
from pathlib import Path

{imports}

{make}("list", contacts=json.loads(Path("contacts.json").read_text()))
"""
SINGLE = """
import json
from pathlib import Path

{imports}

for contact in json.loads(Path("contacts.json").read_text()):
    {make}
"""


def main() -> None:
    """Print a table."""
    found = found_engine()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default=found, help=f"default: {found}")
    parser.add_argument("--full", action="store_true", help="64,000 contacts in a list and 1,000 single ones as well")
    options = parser.parse_args()
    lists = [1_000, 10_000, *([64_000] if options.full else [])]
    singles = [100, *([1_000] if options.full else [])]
    print(f"with {ENGINES[options.engine]}; seconds of ours, of a resource that does nothing, and the ratio")
    print(f"{'':34}{'ours':>8}{'nothing':>9}{'ratio':>7}  requests")
    for size in lists:
        ours = LIST.format(imports="import pulumi_whatsapp", make="pulumi_whatsapp.Blocklist")
        nothing = LIST.format(imports="from nothing import Nothing", make="Nothing")
        _compare(f"Blocklist of {size:,}", size, ours, nothing, options.engine)
    for size in singles:
        ours = SINGLE.format(
            imports="import pulumi_whatsapp", make="pulumi_whatsapp.BlockedContact(contact, phone=contact)"
        )
        nothing = SINGLE.format(imports="from nothing import Nothing", make="Nothing(contact, contacts=[contact])")
        _compare(f"{size:,} BlockedContacts", size, ours, nothing, options.engine)


def _compare(title: str, size: int, ours: str, nothing: str, engine: str) -> None:
    contacts = [f"+55119{70_000_000 + number}" for number in range(size)]
    with tempfile.TemporaryDirectory() as made:
        file = Path(made, "sandbox.sqlite")
        with running(file) as url:
            account = Sandbox(file).account("meta", NUMBER)
            mine = _project(Path(made, "ours"), ours, url, engine)
            theirs = _project(Path(made, "nothing"), nothing, url, engine)
            for step, command, declared in (
                ("up", "up", contacts),
                ("preview, no change", "preview", contacts),
                ("preview, one more", "preview", [*contacts, "+5511999999999"]),
                ("up, one more", "up", [*contacts, "+5511999999999"]),
                ("refresh", "refresh", [*contacts, "+5511999999999"]),
            ):
                _row(title, step, command, declared, (mine, theirs), Path(made), account)
            print(f"{title}: {mine.state_bytes() / size:.0f} state bytes per contact")
            _row(title, "destroy", "destroy", contacts, (mine, theirs), Path(made), account)


def _row(
    title: str,
    step: str,
    command: str,
    declared: list[str],
    projects: tuple[Project, Project],
    made: Path,
    account: SandboxAccount,
) -> None:
    seconds = []
    account.clear_requests()
    for name, project in zip(("ours", "nothing"), projects, strict=True):
        (made / name / "contacts.json").write_text(json.dumps(declared))
        seconds.append(project.run(command))
    mine, theirs = seconds
    sent = Counter(request.operation for request in account.requests())
    requests = ", ".join(f"{count} {operation}" for operation, count in sorted(sent.items())) or "none"
    print(f"{title + ': ' + step:<34}{mine:>8.2f}{theirs:>9.2f}{mine / theirs:>7.2f}  {requests}", flush=True)


def _project(folder: Path, program: str, url: str, engine: str) -> Project:
    folder.mkdir()
    config = {"gateway": "meta", "phoneNumberId": NUMBER, "token": "benchmark", "baseUrl": url}
    (folder / "Pulumi.yaml").write_text(
        json.dumps(
            {
                "name": "scale",
                "runtime": "python",
                "config": {f"whatsapp:{key}": {"value": value} for key, value in config.items()},
            }
        )
    )
    (folder / "__main__.py").write_text(program)
    (folder / "nothing.py").write_text(NOTHING)
    return Project(folder, engine)


if __name__ == "__main__":
    main()
