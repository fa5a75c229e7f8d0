"""How long a preview of the quick start takes, beside one of as many dynamic resources that do nothing.

Both are up and unchanged, as they are most of the time; the runs alternate, so that the machine's moods meet both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


class Project:
    """A project with a stack that is up, in a folder and a Pulumi of its own.

    Args:
        folder: where it lies.
        command: how the engine's commands begin.
    """

    def __init__(self, folder: Path, command: list[str]) -> None:
        self._folder = folder
        self._command = command
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WHATSAPP_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        (folder / "backend").mkdir()
        if command[0] == "pulumi":
            self._run("stack", "init", "bench")
        self._run("up", "--yes", "--skip-preview", "--stack", "bench")
        self.preview()  # the first one also fills caches

    def preview(self) -> float:
        """Run a preview; returns its seconds."""
        began = time.perf_counter()
        self._run("preview", "--stack", "bench")
        return time.perf_counter() - began

    def _run(self, *arguments: str) -> None:
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [*self._command, *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            if done.returncode:
                output.seek(0)
                sys.exit(f"error: {' '.join([*self._command, *arguments])} failed:\n{output.read()}")


def main() -> None:
    """Print both medians and their ratio."""
    found = "cli" if shutil.which("pulumi") else "local"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["cli", "local"], default=found, help=f"default: {found}")
    parser.add_argument("--runs", type=int, default=7, help="pairs of previews; default: 7")
    options = parser.parse_args()
    command = ["pulumi"] if options.engine == "cli" else [sys.executable, "-m", "pulumi_whatsapp.local"]

    with tempfile.TemporaryDirectory() as made:
        ours = Project(_quickstart(Path(made, "quickstart")), command)
        nothing = Project(_nothing(Path(made, "nothing")), command)
        pairs = [(ours.preview(), nothing.preview()) for _ in range(options.runs)]
    mine, theirs = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    ratio = mine / theirs
    engine = "the Pulumi CLI" if options.engine == "cli" else "the local engine"
    print(f"preview of {RESOURCES} resources with {engine}, medians of {options.runs} pairs of runs")
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
