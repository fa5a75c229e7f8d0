"""How long a preview of the quick start takes, beside one of as many dynamic resources that do nothing.

Both are up and unchanged, as they are most of the time; the runs alternate, so that the machine's moods meet both.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from _project import ENGINES, Project, compile_bytecode, found_engine

ROOT = Path(__file__).resolve().parent.parent
RESOURCES = 5  # as many as the quick start declares
TARGET = 1.5

NOTHING = f"""
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class NothingProvider(ResourceProvider):
    def create(self, props):
        return CreateResult("nothing", props)


class Nothing(Resource):
    def __init__(self, name):
        super().__init__(NothingProvider(), name, {{"text": name}})


for number in range({RESOURCES}):
    Nothing(f"nothing-{{number}}")
"""


def main() -> None:
    """Print both medians and their ratio."""
    found = found_engine()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default=found, help=f"default: {found}")
    parser.add_argument("--runs", type=int, default=7, help="pairs of previews; default: 7")
    options = parser.parse_args()
    compile_bytecode()

    with tempfile.TemporaryDirectory() as made:
        ours = Project(_quickstart(Path(made, "quickstart")), options.engine)
        nothing = Project(_nothing(Path(made, "nothing")), options.engine)
        for project in (ours, nothing):
            project.run("up")
            project.run("preview")  # the first one also fills caches
        pairs = [(ours.run("preview"), nothing.run("preview")) for _ in range(options.runs)]
    mine, theirs = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    ratio = mine / theirs
    print(f"preview of {RESOURCES} resources with {ENGINES[options.engine]}, medians of {options.runs} pairs of runs")
    print(f"  quick start                  {mine:6.2f} s")
    print(f"  dynamic resources of nothing {theirs:6.2f} s")
    print(f"  ratio                        {ratio:6.2f}   (target: at most {TARGET})")


def _quickstart(folder: Path) -> Path:
    shutil.copytree(ROOT / "programs" / "quickstart", folder / "programs" / "quickstart")
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    return folder


def _nothing(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: nothing\nruntime: python\n")
    (folder / "__main__.py").write_text(NOTHING)
    return folder


if __name__ == "__main__":
    main()
