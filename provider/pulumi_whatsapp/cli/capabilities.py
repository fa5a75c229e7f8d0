"""``pulumi-whatsapp capabilities``: a table made from what each gateway declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..gateways.base import Capabilities
from ..gateways.registry import GATEWAYS
from ..settings import VALUES

if TYPE_CHECKING:
    from rich.table import Table

_NO = "-"


def rows() -> list[list[str]]:
    """Return the table: a row of titles, then one row a capability, one column a gateway."""
    gateways = list(GATEWAYS.values())
    table = [["", *(gateway.title for gateway in gateways)]]
    for title, cell in _CELLS.items():
        table.append([title, *(cell(gateway.capabilities) for gateway in gateways)])
    return table


def markdown() -> str:
    """Return the table in Markdown."""
    head, *body = rows()
    named = [[f"`{title}`" if title in VALUES else title, *cells] for title, *cells in body]
    lines = [head, ["---"] * len(head), *named]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def rich_table() -> Table:
    """Return the table for a terminal."""
    from rich import box
    from rich.table import Table

    head, *body = rows()
    table = Table(box=box.SIMPLE_HEAD)
    longest = max(len(word) for title, *_ in body for word in title.split())
    table.add_column(head[0], width=longest)  # 80 columns are enough then, and no word is cut
    for title in head[1:]:
        table.add_column(title)
    for line in body:
        table.add_row(*line)
    return table


def _yes(answer: bool) -> str:
    return "yes" if answer else _NO


def _number(number: int | None) -> str:
    return _NO if number is None else f"{number:,}"


def _setting(name: str) -> Callable[[Capabilities], str]:
    def cell(can: Capabilities) -> str:
        values = can.privacy.get(name, ())
        if not values:
            return _NO
        text = "yes" if set(values) == set(VALUES[name]) else ", ".join(values)
        return f"{text}, exceptions" if name in can.exceptions else text

    return cell


_CELLS: dict[str, Callable[[Capabilities], str]] = {
    "block and unblock: contacts a request": lambda can: _number(can.batch_size),
    "list who is blocked": lambda can: _yes(can.lists_blocked),
    "most contacts blocked": lambda can: _number(can.max_blocked),
    "only who wrote in the last 24 hours": lambda can: _yes(can.needs_recent_message),
    "contacts by LID": lambda can: _yes(can.takes_lid),
    "contacts by BSUID": lambda can: _yes(can.takes_bsuid),
    **{name: _setting(name) for name in VALUES},
    "read privacy settings": lambda can: _yes(can.reads_privacy),
    "read exceptions": lambda can: _yes(can.reads_exceptions),
    "requests a minute": lambda can: _number(can.requests_per_minute),
}
