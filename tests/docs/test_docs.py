"""What the documentation says is what the code does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import faults_page
import pulumi_whatsapp
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.names import key_of
from pulumi_whatsapp.privacy_settings import VALUES
from tables import TABLES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROVIDER = ROOT / "provider"


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def sources(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py")))


@pytest.mark.parametrize(
    ("path", "mark", "made"), [(path, mark, made) for path, tables in TABLES.items() for mark, made in tables.items()]
)
def test_the_tables_are_fresh(path: Path, mark: str, made: Callable[[], str]) -> None:
    table = path.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n")[2].partition(f"<!-- /{mark} -->")[0]
    assert table == made(), "run make tables"


def test_the_page_about_faults_is_fresh() -> None:
    assert page("faults.md") == faults_page.page(), "run make tables"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_setting_and_value_is_documented() -> None:
    rows = [line.split("|") for line in page("privacy-setting.md").splitlines() if line.startswith("| `")]
    for setting, values in VALUES.items():
        cells = next(cells for _, names, *cells in rows if f"`{setting}`" in names)
        assert re.findall(r"`(\w+)`", cells[0]) == list(values)


def test_every_error_is_documented() -> None:
    documented = page("errors.md")
    errors = [
        name
        for name in pulumi_whatsapp.__all__
        if isinstance(thing := getattr(pulumi_whatsapp, name), type) and issubclass(thing, Exception)
    ]
    unnamed = {"WhatsAppError", "GatewayError"}  # roots, never raised as such on a page of their own
    assert [name for name in errors if name not in unnamed and name not in documented] == []


def test_each_gateway_has_its_section() -> None:
    sections = re.findall(r"^## (.+)", page("gateways.md"), re.MULTILINE)
    assert sorted(sections[2:]) == sorted(gateway.title for gateway in GATEWAYS.values())


@pytest.mark.parametrize("name", GATEWAYS)
def test_the_pages_of_a_gateway_are_named_in_its_section(name: str) -> None:
    gateway = GATEWAYS[name]
    section = page("gateways.md").partition(f"## {gateway.title}\n")[2].partition("\n## ")[0]
    assert gateway.docs in section
    assert "**Nobody says**" in section


def test_every_code_and_text_that_a_gateway_reads_is_explained() -> None:
    read = sources(PROVIDER / "pulumi_whatsapp" / "gateways")
    keys = re.findall(r'^ {4}(?:"([^"]+)"|([0-9]+)): Meaning\(|: Final = ([0-9]{6})$', read, re.MULTILINE)
    codes = {"".join(key) for key in keys}
    documented = page("gateways.md")
    assert codes
    assert {code for code in codes if not re.search(rf"(?<!\w){re.escape(code)}(?!\w)", documented)} == set()


def test_every_corner_of_the_sdk_that_is_reached_into_is_listed() -> None:
    sdk = (PROVIDER / "pulumi_whatsapp" / "sdk.py").read_text()
    corners = re.findall(r"^from (pulumi\.\S+) import (.+)$", sdk, re.MULTILINE)
    documented = page("engine.md").partition("## Private corners of the SDK\n")[2].partition("\n## ")[0]
    assert corners
    assert {module for module, _ in corners if f"`{module}`" not in documented} == set()
    names = {name.partition(" as ")[0].strip() for _, imported in corners for name in imported.split(",")}
    assert {name for name in names if name not in documented} == set()


def test_recordings_and_tests_that_the_pages_name_exist() -> None:
    for name in ("engine.md", "gateways.md", "identities.md"):
        for path in re.findall(r"`((?:tests|recorded)/[\w./-]+)`", page(name)):
            found = ROOT / path.replace("recorded/", "tests/local/recorded/", 1)
            assert found.exists(), f"{name} names {path}"


def test_numbers_that_are_called_one_person_are() -> None:
    table = page("identities.md").partition("<!-- one key -->")[2].partition("<!-- /one key -->")[0]
    rows = [re.findall(r"`(\+?\d+)`", row) for row in table.splitlines() if "`" in row]
    assert rows
    assert [row for row in rows if key_of(row[0]) != key_of(row[1])] == []
