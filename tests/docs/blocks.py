"""The fenced blocks of the README and the pages, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("[!_]*.md"))]
"""Without the Registry's own start page: `tests/native/test_schema.py` compares its programs with docs/examples."""
_FENCE: Final = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_TO_FILL_IN: Final = re.compile(r"<[^<>]+>")
_ENDS: Final = {";", "&&", "||", "|", "&"}
_REDIRECTS: Final = {">", ">>", "<", "2>"}


@dataclass(frozen=True)
class Block:
    """One fenced block, by the page and the line that it begins in."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """What a test of it is called."""
        return f"{self.page.name}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[2].strip(), found[3])
        for found in _FENCE.finditer(text)
    ]


BLOCKS: Final = [block for page in PAGES for block in blocks_of(page)]


def blocks_in(*languages: str) -> list[Block]:
    """Return the blocks in these languages."""
    return [block for block in BLOCKS if block.language in languages]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands of a shell block as words: without comments, and without what their output goes to."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(_TO_FILL_IN.sub("example.com", line), posix=True, punctuation_chars=True)
        words.whitespace_split = True
        command: list[str] = []
        skipped = False
        for word in words:
            if word in _ENDS:
                if command:
                    yield command
                command = []
            elif not skipped and word not in _REDIRECTS:
                command.append(word)
            skipped = word in _REDIRECTS
        if command:
            yield command
