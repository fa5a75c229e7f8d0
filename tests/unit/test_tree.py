"""YAML and JSON: lists, maps, records and topics, and each mistake with its line."""

from __future__ import annotations

import json

import pytest
import yaml

from pulumi_whatsapp import contacts_from_file

from .contact_files import ALL, A, B, C, Write, mistake, said_of

FILES: dict[str, tuple[str, str | bytes]] = {
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
def test_each_tree_gives_the_same_contacts(kind: str, write: Write) -> None:
    assert contacts_from_file(write(*FILES[kind])) == ALL


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.yaml", "# nobody\n", "a.yaml: it is empty; a list of nobody is []"),
        ("a.json", "null", "a.json: it is empty"),
        ("a.json", "", "a.json, line 1: it is no JSON: Expecting value"),
        ("a.json", "[" * 100_000 + "]" * 100_000, "a.json: it is nested too deep; contacts stand in a list"),
        ("a.json", "[\n" + "5" * 5_000 + "]", "a.json, line 2: '5555"),
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
    assert mistake(write(name, content)).startswith(said)


@pytest.mark.parametrize(
    ("loader", "deep"),
    [
        *((loader, deep) for loader in ("CBaseLoader", "BaseLoader") for deep in ("[" * 900, "a: [" + "{b: " * 900)),
        ("CBaseLoader", "[" * 100_000),
        ("BaseLoader", "[" * 1_200),  # the one in Python is slow, and gives up earlier
    ],
)
def test_a_tree_that_is_nested_too_deep_is_refused_in_one_line(
    loader: str, deep: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi_whatsapp.files.tree._LOADER", getattr(yaml, loader))
    closed = deep + "".join({"[": "]", "{": "}"}.get(mark, "") for mark in reversed(deep))
    assert "\n" not in said_of(write("a.yaml", closed))
