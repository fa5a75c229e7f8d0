"""Makes ``docs/faults.md`` from what the fault tests expect."""

from __future__ import annotations

from typing import Final

from fault_matrix import CASES, KINDS, LIFECYCLES, LISTINGS, Case, Expected, expected, requests_of
from pulumi_whatsapp.gateways.registry import GATEWAYS

_REQUESTS: Final = {
    "block": "Blocking",
    "unblock": "Unblocking",
    "list": "Reading the block list",
    "privacy_write": "Setting a privacy setting",
    "privacy_read": "Reading privacy settings and exceptions",
}
_TRIES: Final = {
    "once": "no",
    "again": "`maxRetries` times, after waits",
    "looked up": "`maxRetries` times, each time only ",
    "read again": f"{LISTINGS - 1} times, from the first page",
}
_ENDS: Final = {
    ("block", "nothing"): "what it held before; a list that is replaced holds who is new as `pending`",
    ("list", "nothing"): "what it held before; a list that is replaced holds who is new as `pending`",
    ("unblock", "nothing"): "what it held before: the delete fails, and the next run does it again",
    ("block", "pending"): "the contact as `pending`: tried again by the next `up`",
    ("block", "unknown"): "the contact as `unknown`: tried again by the next `up`, unblocked on removal",
    ("unblock", "unknown"): "what it held before: the delete fails, and the next run does it again",
    ("block", "refused"): "the contact as `refused`: tried again by the next `up`, never unblocked",
    ("privacy_write", "unknown"): "the value as `unknown`: set again by the next `up`",
}

_SHORT: Final = {
    "list": (
        "once: who is missing is looked for in a second listing",
        "`… contacts are no longer on the block list of …, twice in a row: …`",
        "what it held before; where at most three contacts or half of them are missing, the list is believed",
    ),
    "privacy_read": (
        "no",
        "`<gateway> shows no exceptions of …`",
        "what it held before; exceptions are added and removed all the same",
    ),
}

_HEAD: Final = """# Faults

What happens when a gateway, or the way to it, fails. The tests try every line of these tables, once and for good, on
each resource that makes the request, and this page is made from them (`make tables`).

Always: nobody is recorded as blocked who is not, nobody whom a stack has blocked is forgotten, nobody else is touched,
and the next `pulumi up` without the fault ends as declared. A fault that happens once and is tried again is not seen at
all; the tables say what happens when it stays. What the state holds as `pending`, `unknown` or `refused` fails the run,
once everything else of it is done. `…` stands for what differs.
"""


def page() -> str:
    """Return the page."""
    parts = [_HEAD]
    for operation, title in _REQUESTS.items():
        parts.append(f"## {title}\n")
        parts.append("| what goes wrong | on | tried again | the user reads | the state then holds |")
        parts.append("| --- | --- | --- | --- | --- |")
        able = [name for name, gateway in GATEWAYS.items() if operation in _asked(gateway.capabilities)]
        rows: dict[tuple[str, ...], list[str]] = {}
        for case in CASES.values():
            for want, names in _alike(case, operation, able).items():
                rows.setdefault(_row(case, operation, want, names, able), []).append(case.text)
        parts += [f"| {'; '.join(texts)} | {' | '.join(row)} |" for row, texts in rows.items()]
        parts.append("")
    return "\n".join(parts)


def _asked(can: object) -> set[str]:
    return {
        operation
        for kind in KINDS
        for lifecycle in LIFECYCLES
        for operation in requests_of(kind, lifecycle, can)  # type: ignore[arg-type]
    }


def _alike(case: Case, operation: str, able: list[str]) -> dict[Expected, list[str]]:
    """Return each expectation with the gateways that share it."""
    found: dict[Expected, list[str]] = {}
    for name in able:
        if case.happens_on(name) and operation in case.operations:
            gateway = GATEWAYS[name]
            several = gateway.capabilities.batch_size > 1
            found.setdefault(expected(case, operation, gateway, several=several), []).append(name)
    return found


def _row(case: Case, operation: str, want: Expected, names: list[str], able: list[str]) -> tuple[str, ...]:
    """Return where a fault happens, whether it is tried again, what the user reads, and what the state holds."""
    on = "each" if names == able else ", ".join(GATEWAYS[name].title for name in names)
    if case.kind == "short_list":
        return (on, *_SHORT[operation])
    if want.ends == "done" and case.kind in {"lost_answer", "garbage"}:
        first = "" if want.tries == "once" else f"{_TRIES[want.tries]}; "
        return on, f"{first}reading tells that it was done", "nothing", "what is declared"
    tries = _TRIES[want.tries]
    if want.ends == "done":
        return on, tries, "nothing", "what is declared"
    if want.tries == "looked up":
        tries += "who is not on the list yet" if operation == "block" else "who is still on the list"
    says = want.says.format(title="<gateway>", credentials="<credential>", identity="<identity>")
    return on, tries, f"`{says}`", _ENDS.get((operation, want.ends), "what it held before")
