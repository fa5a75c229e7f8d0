"""Contacts from files of every kind that people keep, and every mistake in them with its line."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pulumi
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_whatsapp import InvalidInput, contacts_from_file, topics_from_file
from pulumi_whatsapp.account.current import BlockedContacts
from pulumi_whatsapp.cli import contacts as exported
from pulumi_whatsapp.names import from_gateway, identity
from pulumi_whatsapp.phone import declarable

A, B, C = "+5511987650001", "+5511987650002", "+447400123456"
ALL = {A: "order 1881", B: "", C: "threats, ticket 77"}

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file into the working directory, and return its name."""
    monkeypatch.chdir(tmp_path)

    def written(name: str, content: str | bytes, encoding: str = "utf-8") -> str:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return name

    return written


def workbook(*rows: list[Any], title: str = "Blocked") -> bytes:
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


PLAIN_CSV = f'phone,reason\n{A},order 1881\n{B},\n{C},"threats, ticket 77"\n'
FILES: dict[str, tuple[str, str | bytes]] = {
    "commas": ("a.csv", PLAIN_CSV),
    "semicolons": ("a.csv", f"phone;reason\n{A};order 1881\n{B};\n{C};threats, ticket 77\n"),
    "tabs": ("a.tsv", f"phone\treason\n{A}\torder 1881\n{B}\t\n{C}\tthreats, ticket 77\n"),
    "tabs in a csv": ("a.csv", f"phone\treason\n{A}\torder 1881\n{B}\t\n{C}\tthreats, ticket 77\n"),
    "another separator": ("a.csv", f"sep=|\nphone|reason\n{A}|order 1881\n{B}|\n{C}|threats, ticket 77\n"),
    "separator said": ("a.csv", f"\ufeffsep=;\r\nphone;reason\r\n{A};order 1881\r\n{B};\r\n{C};threats, ticket 77\r\n"),
    "mark": ("a.csv", b"\xef\xbb\xbf" + PLAIN_CSV.encode()),
    "utf-16": ("a.csv", PLAIN_CSV.encode("utf-16")),
    "utf-16 big": ("a.csv", b"\xfe\xff" + PLAIN_CSV.encode("utf-16-be")),
    "utf-32": ("a.csv", PLAIN_CSV.encode("utf-32")),
    "crlf": ("a.csv", PLAIN_CSV.replace("\n", "\r\n")),
    "cr": ("a.csv", PLAIN_CSV.replace("\n", "\r")),
    "capitals": ("A.CSV", PLAIN_CSV.replace("phone,reason", " PHONE ,Reason")),
    "another order": ("a.csv", f'since,reason,phone\n2026,order 1881,{A}\n,,{B}\n,"threats, ticket 77",{C}\n'),
    "empty rows": ("a.csv", f'\n,\nphone,reason\n\n,,\n{A},order 1881\n  \n{B}\n{C},"threats, ticket 77"\n\n'),
    "no heading": ("a.csv", f'{A},order 1881\n{B}\n{C},"threats, ticket 77"\n'),
    "no heading, semicolons": ("a.csv", f"{A};order 1881\n{B};\n{C};threats, ticket 77\n"),
    "kept as text": ("a.csv", f'phone,reason\n"=""{A}""",order 1881\n\'{B},\n="{C}","threats, ticket 77"\n'),
    "spelt": (
        "a.csv",
        'phone,reason\n+55 (11) 98765-0001,order 1881\ntel:+5511987650002\n00447400123456,"threats, ticket 77"',
    ),
    "twice": ("a.csv", PLAIN_CSV + "+55 11 98765-0001,\n005511987650002,\n551187650001,order 1881\n"),
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
    "yaml map": ("a.yaml", f"# who\n{A}: order 1881\n{B}:\n{C}: threats, ticket 77\n"),
    "yaml, utf-16": ("a.yml", f"{A}: order 1881\n{B}: ~\n{C}: threats, ticket 77\n".encode("utf-16")),
    "yaml records": (
        "a.yml",
        f"- {{phone: {A}, reason: order 1881}}\n- phone: {B}\n- Phone: {C}\n  reason: threats, ticket 77\n  since: 1\n",
    ),
    "topics": (
        "a.yaml",
        f"orders:\n  {A}: order 1881\nnobody:\nothers:\n  - {B}\n  - {{phone: {C}, reason: 'threats, ticket 77'}}\n",
    ),
    "json map": ("a.json", json.dumps(ALL)),
    "json, tabs": ("a.json", json.dumps(ALL, indent="\t")),
    "json records": ("a.json", json.dumps([{"phone": contact, "reason": reason} for contact, reason in ALL.items()])),
    "json, numbers": (
        "a.json",
        f'[{{"phone":{A[1:]},"reason":"order\\u00201881"}},{B[1:]},{{"phone":"{C}","reason":"threats, ticket 77"}}]',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_file(kind: str, write: Write) -> None:
    assert contacts_from_file(write(*FILES[kind])) == ALL


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_one_contact_a_line(ending: str, write: Write) -> None:
    text = ending.join(["# who", "", f"{A}  # order 1881", f"\t{B}", "   # nobody", C])
    assert contacts_from_file(write("a.txt", text)) == dict.fromkeys((A, B, C), "")
    assert contacts_from_file(write("a.txt", text, "utf-16")) == dict.fromkeys((A, B, C), "")


def test_columns_have_the_names_that_the_program_says(write: Write) -> None:
    name = write("a.csv", f"Motivo;Telefone\nspam;{A}\n;{B}\n")
    assert contacts_from_file(name, phone="telefone", reason="motivo") == {A: "spam", B: ""}
    name = write("a.json", json.dumps([{"Telefone": A, "Motivo": "spam"}]))
    assert contacts_from_file(name, phone="telefone", reason="motivo") == {A: "spam"}


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "phone,reason\n"), ("a.yaml", "[]"), ("a.json", "{}"), ("a.txt", "# nobody\n"), ("a.yaml", "spam: []")],
)
def test_a_list_of_nobody(name: str, content: str, write: Write) -> None:
    assert contacts_from_file(write(name, content)) == {}


def _said(name: str, **arguments: Any) -> str:
    with pytest.raises(InvalidInput) as error:
        contacts_from_file(name, **arguments)
    assert isinstance(error.value, pulumi.RunError)  # so a program shows no traceback
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        # as a whole
        ("a.csv", "", "a.csv: it is empty; a list of nobody has the heading phone,reason alone"),
        ("a.csv", "\ufeff\n\n", "a.csv: it is empty"),
        ("a.txt", " \n", "a.txt: it is empty"),
        ("a.yaml", "# nobody\n", "a.yaml: it is empty; a list of nobody is []"),
        ("a.json", "null", "a.json: it is empty"),
        ("a.json", "", "a.json, line 1: it is no JSON: Expecting value"),
        ("a.xlsx", workbook(), "a.xlsx: it is empty"),
        ("a.xlsx", b"PK no", "a.xlsx: it is no Excel workbook that can be read (File is not a zip file); save it anew"),
        ("a.xlsx", damaged(b"deflated data"), "a.xlsx: it is no Excel workbook that can be read (Error -3 while"),
        ("a.xlsx", damaged(method=99), "a.xlsx: it is no Excel workbook that can be read (That compr"),
        ("a.xlsx", damaged(flags=1), "a.xlsx: it is no Excel workbook that can be read (File '"),
        ("a.json", "[" * 100_000 + "]" * 100_000, "a.json: it is nested too deep; contacts stand in a list"),
        ("a.json", "[\n" + "5" * 5_000 + "]", "a.json, line 2: '5555"),
        ("a.xls", b"", "a.xls: a file of contacts is one of .csv, .tsv, .txt, .yaml, .yml, .json, .xlsx, .xlsm"),
        ("a.csv", PLAIN_CSV.encode("utf-16-le"), "a.csv: it is no text, or UTF-16 without a byte order mark"),
        ("a.csv", f"phone,reason\n{A},\n{B},fraude não\n".encode("latin-1"), "a.csv, line 3: it is not UTF-8; save"),
        ("a.csv", b"\xff\xfe" + PLAIN_CSV.encode("utf-16-le") + b"\x00", "a.csv, line 5: it is not UTF-16"),
        # headings
        ("a.csv", "Telefone;Motivo\n", "a.csv, line 1: no column is called 'phone'; there is: Telefone, Motivo. Say"),
        ("a.csv", f"\n\nwho,why\n{A},\n", "a.csv, line 3: no column is called 'phone'; there is: who, why."),
        ("a.xlsx", workbook([], ["who", "why"], [A]), "a.xlsx, line 2: no column is called 'phone'; there is: who"),
        ("a.csv", f"phone;phone\n{A};{B}\n", "a.csv, line 1: columns 1 and 2 are both called 'phone'; rename"),
        ("a.csv", f"\nreason,Phone,,phone \na,{A},,\n", "a.csv, line 2: columns 2 and 4 are both called 'Phone'"),
        ("a.csv", f"phone,reason,Reason\n{A},a,b\n", "a.csv, line 1: columns 2 and 3 are both called 'reason'"),
        ("a.xlsx", workbook(["phone", "phone"], [A, B]), "a.xlsx, line 1: columns 1 and 2 are both called 'phone'"),
        # rows
        ("a.csv", f'phone,reason\n{A},"a\nb"\n{B},spam, twice\n', "a.csv, line 4: it has more columns than line 1"),
        ("a.csv", f"{A},spam\n{B},spam, twice\n", "a.csv, line 2: it has more columns than line 1; put quotes"),
        ("a.csv", "phone,reason\n,spam\n", "a.csv, line 2: it has no contact"),
        ("a.csv", "reason,phone\nspam\n", "a.csv, line 2: it has no contact"),
        ("a.csv", "phone,reason\n5.51199E+12,\n", "a.csv, line 2: '5.51199E+12' is not a possible phone"),
        ("a.csv", "phone,reason\n551187654321.0,\n", "a.csv, line 2: '551187654321.0' is not a possible phone number"),
        ("a.csv", "5.51199E+12;spam\n", "a.csv, line 1: '5.51199E+12' is not a possible"),
        ("a.csv", "phone,reason\n=B2&C2,\n", "a.csv, line 2: it has a formula; put the value in its place"),
        ("a.csv", f'phone,reason\n{A},spam\n"{B},spam\n{C},\n', "a.csv, line 3: its quotes or columns cannot be told"),
        ("a.csv", f"phone,reason\n{A},a\n\n+55 11 98765-0001,b\n",
         f"a.csv, line 4: {A} stands in line 2, too, with another reason ('a', here 'b'); keep one of them"),
        ("a.csv", f"phone,reason\n{A},\n{A},a\n{A},b\n", f"a.csv, line 4: {A} stands in line 3, too, with another"),
        ("a.txt", f"{A}\nbob\n", "a.txt, line 2: 'bob' is not a possible phone number: it is no phone number"),
        ("a.txt", f"{A};spam\n", rf"a.txt, line 1: '{A};spam' is not a possible phone number"),
        ("a.xlsx", workbook(["phone"], [A], [551198765000123456]), "a.xlsx, line 3: '5.511988E+17' is not a possible"),
        ("a.xlsx", workbook(["phone"], [datetime(2026, 1, 12)]), "a.xlsx, line 2: '2026-01-12 00:00:00' is not a"),  # noqa: DTZ001
        ("a.xlsx", workbook(["phone"], ["=B2&C2"]), "a.xlsx, line 2: it has a formula"),
        ("a.xlsx", workbook(["phone"], [True]), "a.xlsx, line 2: 'True' is not a possible"),
        # trees
        ("a.yaml", "abuse: {\n", "a.yaml, line 2: it is no YAML: "),
        ("a.yaml", f"{A}: a\n---\n{B}: b\n", "a.yaml, line 2: it is no YAML: "),
        ("a.yaml", "a: \x01", "a.yaml: it is no YAML: "),
        ("a.yaml", "spam", "a.yaml, line 1: it must be a list of contacts, or a map from contact to reason"),
        ("a.yaml", f"{A}: a\n{B}: b\n{A}: c\n", f"a.yaml, line 3: '{A}' stands twice, first in line 1"),
        ("a.yaml", f"spam: [{A}]\nabuse: [{B}]\nspam: [{C}]\n", "a.yaml, line 3: 'spam' stands twice, first in line 1"),
        ("a.yaml", f"spam: [{A}]\n{B}: fraud\n", f"a.yaml, line 2: '{B}' stands beside topics, and has no contacts"),
        ("a.yaml", f"- {A}\n- phon: {B}\n", "a.yaml, line 2: it has no 'phone'; there is: phon"),
        ("a.yaml", f"- phone: {A}\n  Phone: {B}\n", "a.yaml, line 2: 'phone' stands twice in a record"),
        ("a.yaml", f"- {A}\n-\n", "a.yaml, line 2: it has no contact"),
        ("a.yaml", f"- [{A}]\n", "a.yaml, line 1: a contact must be a text"),
        ("a.yaml", f"- {{phone: {A}, reason: [a]}}\n", "a.yaml, line 1: a reason must be a text"),
        ("a.yaml", f"? [{A}]\n: a\n", "a.yaml, line 1: a key must be a text"),
        ("a.json", f'{{\n"{A}": "a",\n"{A}": "a"\n}}', f"a.json, line 3: '{A}' stands twice, first in line 2"),
        ("a.json", f'{{\n"{A}": "a",\n}}', "a.json, line 3: it is no JSON: "),
        ("a.json", "[\n5.51199e12]", "a.json, line 2: '5.51199e12' is not a possible phone number"),
        ("a.json", "[\ntrue]", "a.json, line 2: 'true' is not a possible phone number"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(name: str, content: str | bytes, said: str, write: Write) -> None:
    message = _said(write(name, content))
    assert message.startswith(said)
    assert "\n" not in message


def test_all_mistakes_are_said_at_once(write: Write) -> None:
    rows = [f"{A},a", "bob,", ",spam", f"{B},", f"{A},b", "1,,,,"]
    message = _said(write("a.csv", "\n".join(["phone,reason", *rows])))
    assert message.splitlines()[0] == "a.csv has 4 mistakes:"
    assert re.findall(r"^  line (\d+): ", message, re.MULTILINE) == ["3", "4", "6", "7"]


def test_of_many_mistakes_twenty_are_shown(write: Write) -> None:
    message = _said(write("a.txt", "bob\n" * 64_000))
    assert len(message.splitlines()) == 22
    assert message.startswith("a.txt has 64000 mistakes:\n  line 1: 'bob'")
    assert message.endswith("\n  and 63980 more")


@pytest.mark.usefixtures("write")
def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert _said("b.csv") == f"b.csv: there is no such file in {tmp_path}, the working directory"
    (tmp_path / "c.csv").mkdir()
    assert _said("c.csv").startswith("c.csv: it cannot be read (")


def test_a_workbook_that_lies_about_its_size(write: Write) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook([A], [B], [C]))) as source, zipfile.ZipFile(file, "w") as target:
        for part in source.namelist():
            target.writestr(part, source.read(part).replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:A1"'))
    assert list(contacts_from_file(write("a.xlsx", file.getvalue()))) == [A, B, C]


@pytest.mark.parametrize("deep", ["[" * 900, "a: [" + "{b: " * 900, "[" * 100_000])
@pytest.mark.parametrize("loader", ["CBaseLoader", "BaseLoader"])
def test_a_tree_that_is_nested_too_deep(deep: str, loader: str, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi_whatsapp.files.tree._LOADER", getattr(yaml, loader))
    closed = deep + "".join({"[": "]", "{": "}"}.get(mark, "") for mark in reversed(deep))
    assert "\n" not in _said(write("a.yaml", closed))


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


def test_without_openpyxl(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    name = write("a.xlsx", workbook(["phone"], [A]))
    assert _said(name) == (
        "a.xlsx: Excel workbooks need openpyxl: pip install 'pulumi-whatsapp[excel]', or save it as CSV"
    )


def test_a_column_that_the_program_names_must_be_there(write: Write) -> None:
    assert _said(write("a.csv", f"phone,reason\n{A},a\n"), reason="motivo") == (
        "a.csv, line 1: no column is called 'motivo'; there is: phone, reason"
    )


# -- the country of national numbers


@pytest.fixture
def national(write: Write) -> str:
    return write("a.txt", "(11) 98765-0001\n")


def test_the_country_of_national_numbers(national: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "set whatsapp:defaultRegion" in _said(national)
    assert contacts_from_file(national, region="BR") == {A: ""}
    monkeypatch.setenv("WHATSAPP_GATEWAY", "zapi")  # credentials are not needed
    monkeypatch.setenv("WHATSAPP_DEFAULT_REGION", "BR")
    assert contacts_from_file(national) == {A: ""}
    assert _said(national, region="Brazil") == "region is 'Brazil'; it must be a country's two capital letters, e.g. BR"


def test_accounts_with_other_countries(national: str, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_GATEWAY", "zapi")
    monkeypatch.setenv("WHATSAPP_DEFAULT_REGION", "BR")
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_GATEWAY", "meta")
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_DEFAULT_REGION", "US")
    plain = write("b.txt", f"{A}\n")
    assert contacts_from_file(plain) == {A: ""}
    both = write("c.txt", "2125550123\n")  # a fixed line in Rio, or somebody in New York
    assert contacts_from_file(both, region="US") == {"+12125550123": ""}
    assert contacts_from_file(national, region="BR") == {A: ""}
    assert "accounts of this stack have different default regions" in _said(both)
    assert "(+552125550123 with BR, +12125550123 with US); write it with + or give region=" in _said(both)


# -- topics


def test_topics(write: Write) -> None:
    name = write("a.yaml", f"orders: {{{A}: order 1881, {B}: }}\nnobody:\nlist: [{A}]\n")
    assert topics_from_file(name) == {"orders": {A: "order 1881", B: ""}, "nobody": {}, "list": {A: ""}}
    assert contacts_from_file(name) == {A: "order 1881", B: ""}
    name = write("a.json", json.dumps({"orders": [{"phone": A, "reason": "\U0001f600 a/b \\ud83d"}], "nobody": None}))
    assert topics_from_file(name) == {"orders": {A: "\U0001f600 a/b \\ud83d"}, "nobody": {}}


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", PLAIN_CSV), ("a.yaml", f"{A}: spam\n"), ("a.yaml", f"- {A}\n")]
)
def test_a_file_without_topics(name: str, content: str, write: Write) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.\w+: it has no topics, with contacts under each; contacts_from_file"):
        topics_from_file(write(name, content))


def test_mistakes_of_all_topics_are_said_at_once(write: Write) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.yaml has 2 mistakes:\n  line 1: 'bob' .*\n  line 2: 'eve' "):
        topics_from_file(write("a.yaml", "spam: [bob]\nabuse: [eve]\n"))


# -- what the package writes, it reads


@settings(max_examples=30)
@given(
    st.lists(st.from_regex(r"\A[0-9]{5,17}(@lid)?\Z"), max_size=8, unique_by=lambda name: identity(from_gateway(name)))
)
def test_what_is_exported_is_read_back(tmp_path_factory: pytest.TempPathFactory, listed: list[str]) -> None:
    contacts = tuple(sorted(declarable(from_gateway(name)) for name in listed))
    blocked = BlockedContacts("sandbox/meta/1", contacts)
    folder = tmp_path_factory.mktemp("exported")
    (folder / "a.csv").write_text(exported.as_csv(blocked))
    (folder / "a.txt").write_text(exported.as_lines(blocked) or "# nobody")
    for name in ("a.csv", "a.txt"):
        read = contacts_from_file(folder / name)
        assert {identity(contact) for contact in read} == {identity(from_gateway(name)) for name in listed}


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
