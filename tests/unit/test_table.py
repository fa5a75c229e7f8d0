"""CSV files and rows of a spreadsheet: separators, headings, columns, and each mistake with its line."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_whatsapp import contacts_from_file

from .contact_files import ALL, PLAIN_CSV, A, B, C, Write, mistake, said_of, workbook

FILES: dict[str, tuple[str, str | bytes]] = {
    "commas": ("a.csv", PLAIN_CSV),
    "semicolons": ("a.csv", f"phone;reason\n{A};order 1881\n{B};\n{C};threats, ticket 77\n"),
    "tabs": ("a.tsv", f"phone\treason\n{A}\torder 1881\n{B}\t\n{C}\tthreats, ticket 77\n"),
    "tabs in a csv": ("a.csv", f"phone\treason\n{A}\torder 1881\n{B}\t\n{C}\tthreats, ticket 77\n"),
    "another separator": ("a.csv", f"sep=|\nphone|reason\n{A}|order 1881\n{B}|\n{C}|threats, ticket 77\n"),
    "separator said": ("a.csv", f"\ufeffsep=;\r\nphone;reason\r\n{A};order 1881\r\n{B};\r\n{C};threats, ticket 77\r\n"),
    "crlf": ("a.csv", PLAIN_CSV.replace("\n", "\r\n")),
    "cr": ("a.csv", PLAIN_CSV.replace("\n", "\r")),
    "capitals": ("A.CSV", PLAIN_CSV.replace("phone,reason", " PHONE ,Reason")),
    "another order": ("a.csv", f'since,reason,phone\n2026,order 1881,{A}\n,,{B}\n,"threats, ticket 77",{C}\n'),
    "empty rows": ("a.csv", f'\n,\nphone,reason\n\n,,\n{A},order 1881\n  \n{B}\n{C},"threats, ticket 77"\n\n'),
    "no heading": ("a.csv", f'{A},order 1881\n{B}\n{C},"threats, ticket 77"\n'),
    "no heading, semicolons": ("a.csv", f"{A};order 1881\n{B};\n{C};threats, ticket 77\n"),
    "kept as text": ("a.csv", f'phone,reason\n"=""{A}""",order 1881\n\'{B},\n="{C}","threats, ticket 77"\n'),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_table_gives_the_same_contacts(kind: str, write: Write) -> None:
    assert contacts_from_file(write(*FILES[kind])) == ALL


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "", "a.csv: it is empty; a list of nobody has the heading phone,reason alone"),
        ("a.csv", "\ufeff\n\n", "a.csv: it is empty"),
        ("a.csv", "Telefone;Motivo\n", "a.csv, line 1: no column is called 'phone'; there is: Telefone, Motivo. Say"),
        ("a.csv", f"\n\nwho,why\n{A},\n", "a.csv, line 3: no column is called 'phone'; there is: who, why."),
        ("a.xlsx", workbook([], ["who", "why"], [A]), "a.xlsx, line 2: no column is called 'phone'; there is: who"),
        ("a.csv", f"phone;phone\n{A};{B}\n", "a.csv, line 1: columns 1 and 2 are both called 'phone'; rename"),
        ("a.csv", f"\nreason,Phone,,phone \na,{A},,\n", "a.csv, line 2: columns 2 and 4 are both called 'Phone'"),
        ("a.csv", f"phone,reason,Reason\n{A},a,b\n", "a.csv, line 1: columns 2 and 3 are both called 'reason'"),
        ("a.xlsx", workbook(["phone", "phone"], [A, B]), "a.xlsx, line 1: columns 1 and 2 are both called 'phone'"),
        ("a.csv", f'phone,reason\n{A},"a\nb"\n{B},spam, twice\n', "a.csv, line 4: it has more columns than line 1"),
        ("a.csv", f"{A},spam\n{B},spam, twice\n", "a.csv, line 2: it has more columns than line 1; put quotes"),
        ("a.csv", "phone,reason\n,spam\n", "a.csv, line 2: it has no contact"),
        ("a.csv", "reason,phone\nspam\n", "a.csv, line 2: it has no contact"),
        ("a.csv", "phone,reason\n5.51199E+12,\n", "a.csv, line 2: '5.51199E+12' is not a possible phone"),
        ("a.csv", "phone,reason\n551187654321.0,\n", "a.csv, line 2: '551187654321.0' is not a possible phone number"),
        ("a.csv", "5.51199E+12;spam\n", "a.csv, line 1: '5.51199E+12' is not a possible"),
        ("a.csv", "phone,reason\n=B2&C2,\n", "a.csv, line 2: it has a formula; put the value in its place"),
        ("a.csv", f'phone,reason\n{A},spam\n"{B},spam\n{C},\n', "a.csv, line 3: its quotes or columns cannot be told"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(name: str, content: str | bytes, said: str, write: Write) -> None:
    assert mistake(write(name, content)).startswith(said)


def test_columns_have_the_names_that_the_program_says(write: Write) -> None:
    name = write("a.csv", f"Motivo;Telefone\nspam;{A}\n;{B}\n")
    assert contacts_from_file(name, phone="telefone", reason="motivo") == {A: "spam", B: ""}
    name = write("a.json", json.dumps([{"Telefone": A, "Motivo": "spam"}]))
    assert contacts_from_file(name, phone="telefone", reason="motivo") == {A: "spam"}


def test_a_column_that_the_program_names_must_be_there(write: Write) -> None:
    assert said_of(write("a.csv", f"phone,reason\n{A},a\n"), reason="motivo") == (
        "a.csv, line 1: no column is called 'motivo'; there is: phone, reason"
    )


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([A, B, C, "123456789012345@lid"]), st.text(max_size=8)), st.sampled_from(",;\t"))
def test_a_csv_of_any_reasons_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, contacts: dict[str, str], mark: str
) -> None:
    reasons = {contact: reason.strip().lstrip("='") for contact, reason in contacts.items()}
    path = tmp_path_factory.mktemp("written") / "a.csv"
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file, delimiter=mark).writerows([("phone", "reason"), *reasons.items()])
    if b"\0" not in path.read_bytes():
        read = contacts_from_file(path)
        assert list(read) == list(reasons)
        for contact, reason in reasons.items():
            assert read[contact] == reason.encode("utf-8", "replace").decode().strip()
