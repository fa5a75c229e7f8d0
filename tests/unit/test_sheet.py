"""Excel workbooks: their cells, and what is no workbook."""

from __future__ import annotations

import io
import sys
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_whatsapp import InvalidInput, contacts_from_file

from .contact_files import ALL, A, B, C, Write, damaged, mistake, said_of, workbook

FILES: dict[str, tuple[str, str | bytes]] = {
    "excel": ("a.xlsx", workbook(["phone", "reason"], [A, "order 1881"], [B], [C, "threats, ticket 77"])),
    "excel, numbers": (
        "a.xlsx",
        workbook(
            [None, None, None],
            ["Since", "Reason", "Phone"],
            [datetime(2026, 1, 12), "order 1881", 5511987650001],  # noqa: DTZ001 - Excel knows no zones
            [],
            [None, None, 5511987650002.0],
            ["x", "threats, ticket 77", C],
        ),
    ),
    "excel, no heading": ("a.xlsm", workbook([A, "order 1881"], [B], [C, "threats, ticket 77"])),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_workbook_gives_the_same_contacts(kind: str, write: Write) -> None:
    assert contacts_from_file(write(*FILES[kind])) == ALL


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", workbook(), "a.xlsx: it is empty"),
        ("a.xlsx", b"PK no", "a.xlsx: it is no Excel workbook that can be read (File is not a zip file); save it anew"),
        ("a.xlsx", damaged(b"deflated data"), "a.xlsx: it is no Excel workbook that can be read (Error -3 while"),
        ("a.xlsx", damaged(method=99), "a.xlsx: it is no Excel workbook that can be read (That compr"),
        ("a.xlsx", damaged(flags=1), "a.xlsx: it is no Excel workbook that can be read (File '"),
        ("a.xlsx", workbook(["phone"], [A], [551198765000123456]), "a.xlsx, line 3: '5.511988E+17' is not a possible"),
        ("a.xlsx", workbook(["phone"], [datetime(2026, 1, 12)]), "a.xlsx, line 2: '2026-01-12 00:00:00' is not a"),  # noqa: DTZ001
        ("a.xlsx", workbook(["phone"], ["=B2&C2"]), "a.xlsx, line 2: it has a formula"),
        ("a.xlsx", workbook(["phone"], [True]), "a.xlsx, line 2: 'True' is not a possible"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(name: str, content: str | bytes, said: str, write: Write) -> None:
    assert mistake(write(name, content)).startswith(said)


def test_a_workbook_that_lies_about_its_size_is_read_whole(write: Write) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([A], [B], [C]))) as source, zipfile.ZipFile(file, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:A1"'))
    assert list(contacts_from_file(write("a.xlsx", file.getvalue()))) == [A, B, C]


def test_a_workbook_with_any_byte_changed_is_read_or_refused_in_one_line(write: Write) -> None:
    whole = workbook(["phone", "reason"], *([f"+55119876{index:05d}", "x" * index] for index in range(50)))

    @settings(max_examples=60)
    @given(st.dictionaries(st.integers(0, len(whole) - 1), st.integers(0, 255), min_size=1, max_size=20))
    def change(changes: dict[int, int]) -> None:
        file = bytearray(whole)
        for at, byte in changes.items():
            file[at] = byte
        try:
            contacts_from_file(write("a.xlsx", bytes(file)))
        except InvalidInput as error:
            assert len(str(error).splitlines()) <= 22  # noqa: PT017 - most are no workbook, and some are

    change()


def test_without_openpyxl_a_workbook_says_what_to_install(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    name = write("a.xlsx", workbook(["phone"], [A]))
    assert said_of(name) == (
        "a.xlsx: Excel workbooks need openpyxl: pip install 'pulumi-whatsapp[excel]', or save it as CSV"
    )
