"""What a program calls: the contacts of a file, each person once, with the country of national numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_whatsapp import InvalidInput, contacts_from_file, topics_from_file
from pulumi_whatsapp.account.current import BlockedContacts
from pulumi_whatsapp.cli import contacts as exported
from pulumi_whatsapp.names import from_gateway, key_of
from pulumi_whatsapp.phone import declarable

from .contact_files import ALL, PLAIN_CSV, A, B, Write, mistake, said_of

FILES: dict[str, tuple[str, str | bytes]] = {
    "spelt": (
        "a.csv",
        'phone,reason\n+55 (11) 98765-0001,order 1881\ntel:+5511987650002\n00447400123456,"threats, ticket 77"',
    ),
    "twice": ("a.csv", PLAIN_CSV + "+55 11 98765-0001,\n005511987650002,\n551187650001,order 1881\n"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_person_counts_once_in_whatever_spellings(kind: str, write: Write) -> None:
    assert contacts_from_file(write(*FILES[kind])) == ALL


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "phone,reason\n"), ("a.yaml", "[]"), ("a.json", "{}"), ("a.txt", "# nobody\n"), ("a.yaml", "spam: []")],
)
def test_a_file_may_list_nobody(name: str, content: str, write: Write) -> None:
    assert contacts_from_file(write(name, content)) == {}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xls", b"", "a.xls: a file of contacts is one of .csv, .tsv, .txt, .yaml, .yml, .json, .xlsx, .xlsm"),
        ("a.csv", f"phone,reason\n{A},a\n\n+55 11 98765-0001,b\n",
         f"a.csv, line 4: {A} stands in line 2, too, with another reason ('a', here 'b'); keep one of them"),
        ("a.csv", f"phone,reason\n{A},\n{A},a\n{A},b\n", f"a.csv, line 4: {A} stands in line 3, too, with another"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(name: str, content: str | bytes, said: str, write: Write) -> None:
    assert mistake(write(name, content)).startswith(said)


@pytest.mark.usefixtures("write")
def test_a_file_that_is_not_there_is_told_with_the_folder(tmp_path: Path) -> None:
    assert said_of("b.csv") == f"b.csv: there is no such file in {tmp_path}, the working directory"
    (tmp_path / "c.csv").mkdir()
    assert said_of("c.csv").startswith("c.csv: it cannot be read (")


# -- the country of national numbers


@pytest.fixture
def national(write: Write) -> str:
    return write("a.txt", "(11) 98765-0001\n")


def test_national_numbers_are_of_the_given_or_the_configured_country(
    national: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "set whatsapp:defaultRegion" in said_of(national)
    assert contacts_from_file(national, region="BR") == {A: ""}
    monkeypatch.setenv("WHATSAPP_GATEWAY", "zapi")  # credentials are not needed
    monkeypatch.setenv("WHATSAPP_DEFAULT_REGION", "BR")
    assert contacts_from_file(national) == {A: ""}
    assert (
        said_of(national, region="Brazil") == "region is 'Brazil'; it must be a country's two capital letters, e.g. BR"
    )


def test_a_number_that_two_accounts_read_otherwise_is_refused(
    national: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSAPP_GATEWAY", "zapi")
    monkeypatch.setenv("WHATSAPP_DEFAULT_REGION", "BR")
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_GATEWAY", "meta")
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_DEFAULT_REGION", "US")
    plain = write("b.txt", f"{A}\n")
    assert contacts_from_file(plain) == {A: ""}
    both = write("c.txt", "2125550123\n")  # a fixed line in Rio, or somebody in New York
    assert contacts_from_file(both, region="US") == {"+12125550123": ""}
    assert contacts_from_file(national, region="BR") == {A: ""}
    assert "accounts of this stack have different default regions" in said_of(both)
    assert "(+552125550123 with BR, +12125550123 with US); write it with + or give region=" in said_of(both)


# -- topics


def test_each_topic_has_its_contacts_and_one_list_has_them_all(write: Write) -> None:
    name = write("a.yaml", f"orders: {{{A}: order 1881, {B}: }}\nnobody:\nlist: [{A}]\n")
    assert topics_from_file(name) == {"orders": {A: "order 1881", B: ""}, "nobody": {}, "list": {A: ""}}
    assert contacts_from_file(name) == {A: "order 1881", B: ""}
    name = write("a.json", json.dumps({"orders": [{"phone": A, "reason": "\U0001f600 a/b \\ud83d"}], "nobody": None}))
    assert topics_from_file(name) == {"orders": {A: "\U0001f600 a/b \\ud83d"}, "nobody": {}}


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", PLAIN_CSV), ("a.yaml", f"{A}: spam\n"), ("a.yaml", f"- {A}\n")]
)
def test_a_file_without_topics_is_refused(name: str, content: str, write: Write) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.\w+: it has no topics, with contacts under each; contacts_from_file"):
        topics_from_file(write(name, content))


def test_mistakes_of_all_topics_are_said_at_once(write: Write) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.yaml has 2 mistakes:\n  line 1: 'bob' .*\n  line 2: 'eve' "):
        topics_from_file(write("a.yaml", "spam: [bob]\nabuse: [eve]\n"))


# -- what the package writes, it reads


@settings(max_examples=30)
@given(
    st.lists(st.from_regex(r"\A[0-9]{5,17}(@lid)?\Z"), max_size=8, unique_by=lambda name: key_of(from_gateway(name)))
)
def test_what_is_exported_is_read_back(tmp_path_factory: pytest.TempPathFactory, listed: list[str]) -> None:
    contacts = tuple(sorted(declarable(from_gateway(name)) for name in listed))
    blocked = BlockedContacts("sandbox/meta/1", contacts)
    folder = tmp_path_factory.mktemp("exported")
    (folder / "a.csv").write_text(exported.as_csv(blocked))
    (folder / "a.txt").write_text(exported.as_lines(blocked) or "# nobody")
    for name in ("a.csv", "a.txt"):
        read = contacts_from_file(folder / name)
        assert {key_of(contact) for contact in read} == {key_of(from_gateway(name)) for name in listed}
