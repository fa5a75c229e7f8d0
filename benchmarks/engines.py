"""How long the local engine takes beside the Pulumi CLI, with dynamic resources that do nothing."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from _project import ENGINES, Project, compile_bytecode

PROGRAM = """
from nothing import Nothing

for number in range({count}):
    Nothing(f"nothing-{{number}}")
"""
NOTHING = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class NothingProvider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult("nothing", dict(props))


class Nothing(Resource, module="nothing", name="Nothing"):
    def __init__(self, name):
        super().__init__(NothingProvider(), name, {"text": name})
"""
COMMANDS = ("up", "up", "preview", "refresh", "destroy")
TITLES = ("create", "no-change up", "preview", "refresh", "destroy")


def main() -> None:
    """Print a table of both engines' seconds and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="1,000 resources as well, which takes minutes with the CLI")
    options = parser.parse_args()
    if not shutil.which("pulumi"):
        print("the Pulumi CLI is not on PATH, so the local engine has nothing to be compared with")
        return
    compile_bytecode()
    print(f"{'':26}{'local':>8}{'CLI':>8}{'ratio':>7}")
    for count in [1, 100, *([1_000] if options.full else [])]:
        with tempfile.TemporaryDirectory() as made:
            projects = [_project(Path(made, engine), count, engine) for engine in reversed(ENGINES)]
            for title, command in zip(TITLES, COMMANDS, strict=True):
                local, cli = (project.run(command) for project in projects)
                print(f"{f'{count:,} resources: {title}':<26}{local:>8.2f}{cli:>8.2f}{local / cli:>7.2f}", flush=True)


def _project(folder: Path, count: int, engine: str) -> Project:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: nothing\nruntime: python\n")
    (folder / "nothing.py").write_text(NOTHING)
    (folder / "__main__.py").write_text(PROGRAM.format(count=count))
    return Project(folder, engine)


if __name__ == "__main__":
    main()
