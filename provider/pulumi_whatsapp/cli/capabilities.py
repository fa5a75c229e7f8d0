"""``pulumi-whatsapp capabilities``: a table made from what each gateway declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..config import ACCOUNT_KEYS, DEFAULT, described
from ..config.environment import variable
from ..gateways.base import Capabilities
from ..gateways.registry import GATEWAYS
from ..privacy_settings import VALUES

if TYPE_CHECKING:
    from rich.console import Console
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
    return _table(head, [[f"`{title}`" if title in VALUES else title, *cells] for title, *cells in body])


def as_json() -> dict[str, dict[str, Any]]:
    """Return what each gateway declares of itself, by the name that the configuration calls it."""
    return {
        name: {
            "title": gateway.title,
            "documentation": gateway.docs,
            "identity": list(gateway.requirements.identity),
            "credentials": list(gateway.requirements.credentials),
            **_plain(gateway.capabilities),
        }
        for name, gateway in GATEWAYS.items()
    }


def _plain(can: Capabilities) -> dict[str, Any]:
    return {
        field.name: sorted(value) if isinstance(value := getattr(can, field.name), frozenset) else value
        for field in fields(can)
    }


def accounts_markdown() -> str:
    """Return which keys an account has on each gateway, in Markdown."""
    asked = [(name, gateway.requirements) for name, gateway in GATEWAYS.items()]
    return _table(
        ["gateway", "who the account is", "credentials"],
        [[_keys(name), _keys(*needs.identity), _keys(*needs.credentials)] for name, needs in asked],
    )


def keys_markdown() -> str:
    """Return every key of an account, with its role, meaning and default, in Markdown."""
    return _table(
        ["key", "in the environment", "role", "meaning", "default"],
        [[_keys(key), _keys(variable(DEFAULT, key)), *described(key)] for key in ACCOUNT_KEYS],
    )


def drift_markdown() -> str:
    """Return what of a change by hand a refresh can find on each gateway, in Markdown."""
    finds: dict[str, Callable[[Capabilities], str]] = {
        "who was unblocked": lambda can: _yes(can.lists_blocked),
        "a setting": lambda can: _yes(can.reads_privacy),
        "an exception": lambda can: _yes(can.reads_exceptions),
    }
    return _table(
        ["gateway", *finds],
        [[each.title, *(find(each.capabilities) for find in finds.values())] for each in GATEWAYS.values()],
    )


def _table(head: list[str], body: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in [head, ["---"] * len(head), *body])


def _keys(*keys: str) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def rich_tables(console: Console) -> Iterator[Table]:
    """Return the table for a terminal: as several where it is too narrow for all gateways, so that no word is cut."""
    from rich.measure import Measurement

    every = rows()
    endless = console.options.update(max_width=10_000)
    first = 1
    while first < len(every[0]):
        for end in range(len(every[0]), first, -1):
            table = _rich_table([[line[0], *line[first:end]] for line in every])
            if Measurement.get(console, endless, table).minimum <= console.width or end == first + 1:
                yield table
                first = end
                break


def _rich_table(lines: list[list[str]]) -> Table:
    from rich import box
    from rich.table import Table

    head, *body = lines
    table = Table(box=box.SIMPLE_HEAD)
    longest = max(len(word) for title, *_ in body for word in title.split())
    table.add_column(head[0], width=longest)  # 80 columns are enough for five gateways then
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
