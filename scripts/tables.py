"""``make tables``: writes the tables of the pages from what the code declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import faults_page
import reference
import sandbox_page
from pulumi_whatsapp.cli.capabilities import accounts_markdown, drift_markdown, keys_markdown, markdown

DOCS = Path(__file__).resolve().parents[1] / "docs"
TABLES: Mapping[Path, Mapping[str, Callable[[], str]]] = {
    DOCS / "configuration.md": {"gateways": accounts_markdown, "keys": keys_markdown},
    DOCS / "gateways.md": {"capabilities": markdown},
    DOCS / "installation-configuration.md": {"gateways": accounts_markdown, "keys": keys_markdown},
    DOCS / "ci.md": {"drift": drift_markdown},
    DOCS / "commands.md": {"commands": reference.commands},
    DOCS / "sandbox.md": {"sandbox faults": sandbox_page.faults},
    **{DOCS / page: reference.tables(resource) for page, resource in reference.PAGES.items()},
}


def main() -> None:
    """Write them."""
    for page, tables in TABLES.items():
        text = page.read_text(encoding="utf-8")
        for mark, table in tables.items():
            head, begin, rest = text.partition(f"<!-- {mark} -->\n")
            _, end, tail = rest.partition(f"<!-- /{mark} -->")
            assert begin, mark
            assert end, mark
            text = f"{head}{begin}{table()}{end}{tail}"
        page.write_text(text, encoding="utf-8")
    (DOCS / "faults.md").write_text(faults_page.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
