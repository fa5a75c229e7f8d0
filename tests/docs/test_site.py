"""The site is built without a warning, has every page, and asks nothing of another server."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pulumi_whatsapp

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"]
    built = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(DOCS), str(folder / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stdout, built.stderr) == (0, "", "")
    return folder / "html"


class Loaded(HTMLParser):
    """What a browser fetches for a page: everything but where a link leads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses of a tag."""
        given = dict(attrs)
        leads = tag == "a" or (tag == "link" and given.get("rel") in {"next", "prev", "search", "index", "author"})
        if not leads:
            self.addresses += [given.get(name) or "" for name in ("src", "href", "srcset", "data", "action")]
        self.addresses += re.findall(r"url\(([^)]*)\)", given.get("style") or "")


def test_the_pages_ask_nothing_of_another_server(site: Path) -> None:
    elsewhere = re.compile(r"^[\"']?(?:\w+:)?//")
    pages = [*site.rglob("*.html")]
    assert pages
    assert {
        (page.name, address) for page in pages for address in Loaded(page).addresses if elsewhere.match(address)
    } == set()
    for sheet in site.rglob("*.css"):
        fetched = re.findall(r"(?:url\(|@import\s+)([^);]+)", sheet.read_text(encoding="utf-8"))
        assert [address for address in fetched if elsewhere.match(address)] == [], sheet.name
    for script in site.rglob("*.js"):
        text = re.sub(r"^\s*(?://|/?\*).*$", "", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
        asks = re.findall(r"(?:fetch|import|open|importScripts)\(\s*[\"'`](?:\w+:)?//[^\"'`]*", text)
        assert asks == [], script.name


def test_every_page_is_in_the_navigation(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    pages = {path.stem for path in DOCS.glob("[!_]*.md")} - {"index"}
    assert {name for name in pages if f'<a class="reference internal" href="{name}.html">' not in index} == set()


def test_the_reference_has_each_public_name(site: Path) -> None:
    reference = (site / "api.html").read_text(encoding="utf-8")
    described = set(re.findall(r'id="pulumi_whatsapp\.(?:errors\.)?(\w+)"', reference))
    assert set(pulumi_whatsapp.__all__) - described == set()
    assert "*args" not in reference  # what a resource is made with is told
    assert "The contact in canonical form: E.164" in reference
