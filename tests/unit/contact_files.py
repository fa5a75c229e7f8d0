"""Files of contacts, for tests of whichever kind of file."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pulumi
import pytest

from pulumi_whatsapp import InvalidInput, contacts_from_file

A, B, C = "+5511987650001", "+5511987650002", "+447400123456"
ALL = {A: "order 1881", B: "", C: "threats, ticket 77"}
PLAIN_CSV = f'phone,reason\n{A},order 1881\n{B},\n{C},"threats, ticket 77"\n'

Write = Callable[..., str]


def workbook(*rows: list[Any], title: str = "Blocked") -> bytes:
    """Return a workbook whose first sheet has these rows."""
    book = openpyxl.Workbook()
    book.active.title = title  # type: ignore[union-attr]
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.create_sheet("Notes").append(["nobody reads this"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def damaged(data: bytes = b"", *, method: int = zipfile.ZIP_DEFLATED, flags: int = 0) -> bytes:
    """Return a workbook of whose parts the first bytes, the way of compression or the flags are others."""
    file = bytearray(workbook([A]))
    for entry in re.finditer(rb"PK\x01\x02", bytes(file)):
        (name,) = struct.unpack_from("<H", file, entry.start() + 28)
        (begin,) = struct.unpack_from("<I", file, entry.start() + 42)
        for at in (begin + 6, entry.start() + 8):
            struct.pack_into("<HH", file, at, flags, method)
        file[begin + 30 + name : begin + 30 + name + len(data)] = data
    return bytes(file)


def mistake(name: str, **arguments: Any) -> str:
    """Return the one line that a file is refused with."""
    message = said_of(name, **arguments)
    assert len(message.splitlines()) == 1
    return message


def said_of(name: str, **arguments: Any) -> str:
    """Return what a file is refused with."""
    with pytest.raises(InvalidInput) as error:
        contacts_from_file(name, **arguments)
    assert isinstance(error.value, pulumi.RunError)  # so a program shows no traceback
    return str(error.value)
