"""``make tables``: writes the tables of the README and docs/faults.md from what the gateways declare."""

from __future__ import annotations

from pathlib import Path

from tests.contract import faults_page

from pulumi_whatsapp.cli.capabilities import accounts_markdown, keys_markdown, markdown

README = Path(__file__).resolve().parents[1] / "README.md"


def main() -> None:
    """Write them."""
    text = README.read_text(encoding="utf-8")
    for mark, table in (("capabilities", markdown()), ("gateways", accounts_markdown()), ("keys", keys_markdown())):
        head, begin, rest = text.partition(f"<!-- {mark} -->\n")
        _, end, tail = rest.partition(f"<!-- /{mark} -->")
        assert begin, mark
        assert end, mark
        text = f"{head}{begin}{table}{end}{tail}"
    README.write_text(text, encoding="utf-8")
    faults_page.PAGE.write_text(faults_page.page(), encoding="utf-8")


if __name__ == "__main__":
    main()
