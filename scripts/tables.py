"""``make tables``: writes the tables of the README, docs/faults.md and docs/sandbox.md from what the code declares."""

from __future__ import annotations

from pathlib import Path

from tests.contract import faults_page
from tests.docs import sandbox_page

from pulumi_whatsapp.cli.capabilities import accounts_markdown, keys_markdown, markdown

README = Path(__file__).resolve().parents[1] / "README.md"


def main() -> None:
    """Write them."""
    _write(README, {"capabilities": markdown(), "gateways": accounts_markdown(), "keys": keys_markdown()})
    _write(sandbox_page.PAGE, {sandbox_page.MARK: sandbox_page.table()})
    faults_page.PAGE.write_text(faults_page.page(), encoding="utf-8")


def _write(page: Path, tables: dict[str, str]) -> None:
    text = page.read_text(encoding="utf-8")
    for mark, table in tables.items():
        head, begin, rest = text.partition(f"<!-- {mark} -->\n")
        _, end, tail = rest.partition(f"<!-- /{mark} -->")
        assert begin, mark
        assert end, mark
        text = f"{head}{begin}{table}{end}{tail}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
