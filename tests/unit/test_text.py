"""The encoding of a file, and files with one contact a line."""

from __future__ import annotations

import pytest

from pulumi_whatsapp import contacts_from_file

from .contact_files import ALL, PLAIN_CSV, A, B, C, Write, mistake

FILES: dict[str, tuple[str, str | bytes]] = {
    "mark": ("a.csv", b"\xef\xbb\xbf" + PLAIN_CSV.encode()),
    "utf-16": ("a.csv", PLAIN_CSV.encode("utf-16")),
    "utf-16 big": ("a.csv", b"\xfe\xff" + PLAIN_CSV.encode("utf-16-be")),
    "utf-32": ("a.csv", PLAIN_CSV.encode("utf-32")),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_encoding_gives_the_same_contacts(kind: str, write: Write) -> None:
    assert contacts_from_file(write(*FILES[kind])) == ALL


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", " \n", "a.txt: it is empty"),
        ("a.csv", PLAIN_CSV.encode("utf-16-le"), "a.csv: it is no text, or UTF-16 without a byte order mark"),
        ("a.csv", f"phone,reason\n{A},\n{B},fraude não\n".encode("latin-1"), "a.csv, line 3: it is not UTF-8; save"),
        ("a.csv", b"\xff\xfe" + PLAIN_CSV.encode("utf-16-le") + b"\x00", "a.csv, line 5: it is not UTF-16"),
        ("a.txt", f"{A}\nbob\n", "a.txt, line 2: 'bob' is not a possible phone number: it is no phone number"),
        ("a.txt", f"{A};spam\n", rf"a.txt, line 1: '{A};spam' is not a possible phone number"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(name: str, content: str | bytes, said: str, write: Write) -> None:
    assert mistake(write(name, content)).startswith(said)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_text_has_one_contact_a_line_and_comments(ending: str, write: Write) -> None:
    text = ending.join(["# who", "", f"{A}  # order 1881", f"\t{B}", "   # nobody", C])
    assert contacts_from_file(write("a.txt", text)) == dict.fromkeys((A, B, C), "")
    assert contacts_from_file(write("a.txt", text, "utf-16")) == dict.fromkeys((A, B, C), "")
