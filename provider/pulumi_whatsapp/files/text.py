"""Text files: their encoding, and those that have one contact a line."""

from __future__ import annotations

import codecs
import io
import re
from typing import Final

from .entries import Content, Entry

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")


class NoText(ValueError):
    """A file is no text in an encoding that it tells; ``line`` is where that shows."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def decoded(data: bytes) -> str:
    """Return a file's text: by its byte order mark, else as UTF-8. Other encodings cannot be told from each other.

    Raises:
        NoText: when it is none.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in data:
        raise NoText(0, "it is no text, or UTF-16 without a byte order mark; save it as UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(encoding, "ignore").count("\n") + 1
        raise NoText(line, f"it is not {encoding.removesuffix('-sig').upper()}; save the file as UTF-8") from None


def read_lines(text: str) -> Content:
    """Return the contacts of a text, one a line; what follows a ``#`` is a comment."""
    content = Content()
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        contact = _COMMENT.sub("", line).strip()
        if contact:
            content.entries.append(Entry(number, contact))
    if not text.strip():
        content.fail(0, "it is empty; a list of nobody is a comment alone, e.g. # nobody")
    return content
