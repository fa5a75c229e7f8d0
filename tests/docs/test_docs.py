"""What the documentation says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pulumi_whatsapp
from pulumi_whatsapp.account_config import ACCOUNT_KEYS
from pulumi_whatsapp.cli.capabilities import markdown
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.settings import VALUES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_capabilities_table_is_fresh() -> None:
    table = README.partition("<!-- capabilities -->\n")[2].partition("<!-- /capabilities -->")[0]
    assert table.strip() == markdown().strip(), "run pulumi-whatsapp capabilities --markdown"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_configuration_key_is_documented() -> None:
    assert {key for key in ACCOUNT_KEYS if f"`{key}`" not in README} == set()


@pytest.mark.parametrize("name", GATEWAYS)
def test_every_gateway_s_keys_are_documented(name: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{name}`"))
    needs = GATEWAYS[name].requirements
    assert [key for key in (*needs.identity, *needs.credentials) if f"`{key}`" not in row] == []


def test_every_setting_and_value_is_documented() -> None:
    for setting, values in VALUES.items():
        row = next(line for line in README.splitlines() if line.startswith("| `") and f"`{setting}`" in line)
        assert re.findall(r"`(\w+)`", row.split("|")[2]) == list(values)


def test_every_error_is_documented() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    errors = [
        name
        for name in pulumi_whatsapp.__all__
        if isinstance(thing := getattr(pulumi_whatsapp, name), type) and issubclass(thing, Exception)
    ]
    unnamed = {"WhatsAppError", "GatewayError"}  # roots, never raised as such on a page of their own
    assert [name for name in errors if name not in unnamed and name not in page] == []


def test_programs_in_the_readme_are_python() -> None:
    programs = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert programs
    for program in programs:
        compile(program, "README.md", "exec")
