"""A summary as Markdown, for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from .meaning import AccountSummary, Entry, Setting, Summary, Verb, count
from .printed import STREAMING

SHOWN: Final = 20
"""How many contacts of a kind are named before they are only counted: more would not be read."""

_MEANS_SOMETHING: Final = re.compile(r"[@#<>&`\\]|://|\bwww\.|\bGH-|\b(?=\d*[a-f])[0-9a-f]{7,40}\b")
"""What GitHub or GitLab makes a mention, a link, a reference or HTML of, and no backslash helps against."""
_MARKS: Final = re.compile(r"[*_\[\]|~!$]")
_HEADING: Final = {
    "preview": "What would happen on WhatsApp",
    "refresh": "What somebody has changed on WhatsApp",
    "update": "What has happened on WhatsApp",
}
_NOTHING: Final = {
    "preview": "Nobody is blocked or unblocked.",
    "refresh": "Nothing has changed, as far as the gateways can show it.",
    "update": "Nobody was blocked or unblocked.",
}
_VERBS: Final = {
    "preview": {Verb.UNBLOCKS: "**unblocks**", Verb.BLOCKS: "blocks", Verb.FAILS: "fails"},
    "update": {Verb.UNBLOCKS: "**unblocked**", Verb.BLOCKS: "blocked", Verb.FAILS: "**failed**"},
}
_COMMON: Final = {
    Verb.GONE: "**unblocked by hand**",
    Verb.STRANGER: "blocked by hand",
    Verb.STAYS: "stays blocked",
}


def markdown(summary: Summary, *, shown: int | None = SHOWN) -> str:
    """Return a summary as Markdown.

    Args:
        summary: what a run means.
        shown: how many contacts of a kind are named, or None for all.
    """
    of = f" ({_code(summary.stack)})" if summary.stack else ""
    lines = [f"### {_HEADING[summary.kind]}{of}", "", _headline(summary), ""]
    if summary.errors:
        lines += ["**It failed:**", "", *_items(summary.errors), ""]
    for account in summary.accounts.values():
        where = f"**{_code(account.name)}**" + (", a sandbox: nothing reaches WhatsApp" if account.sandbox else "")
        lines += [where, ""]
        lines += _contacts(account, summary.kind, shown)
        lines += _settings(account)
    if summary.unknown:
        lines += ["**What cannot be known here:**", "", *_items(summary.unknown), ""]
    if summary.notes:
        lines += ["<details><summary>What the provider said</summary>", ""]
        lines += [*_items(summary.notes), "", "</details>", ""]
    if summary.other:
        others = ", ".join(f"{number:,} {_text(op)}" for op, number in sorted(summary.other.items()))
        lines += [f"Other resources of the stack: {others}.", ""]
    if not summary.whole:
        lines += [
            f"<sub>Without {_code(STREAMING)}, Pulumi leaves out what an earlier run has left to be deleted.</sub>"
        ]
    return "\n".join(lines).rstrip() + "\n"


def _headline(summary: Summary) -> str:
    counts = {verb: summary.count(verb) for verb in Verb if any(entry.verb is verb for entry in summary.entries())}
    said = [f"{_words(summary.kind)[verb].strip('*')} {number}" for verb, number in counts.items()]
    settings = sum(len(account.settings) for account in summary.accounts.values())
    if settings:
        said.append(f"changes {settings:,} privacy setting{'s' if settings > 1 else ''}")
    if said:
        line = ", ".join(said)
        half = " It failed half way, so this may not be all." if summary.failed else ""
        return f"{line[0].upper()}{line[1:]}.{half}"
    if summary.failed:
        return "It is not known what it means for anybody, because it failed."
    return "It is known in part only." if summary.unknown else _NOTHING[summary.kind]


def _words(kind: str) -> dict[Verb, str]:
    return {**_COMMON, **_VERBS["update" if kind == "update" else "preview"]}


def _contacts(account: AccountSummary, kind: str, shown: int | None) -> Iterator[str]:
    words = _words(kind)
    if not account.entries:
        return
    yield from _row("", "contact", "reason", "resource", "")
    yield from _row(*["---"] * 5)
    for verb in Verb:
        entries = account.of(verb)
        first = entries if shown is None else entries[:shown]
        for entry in first:
            yield from _row(words[verb], _who(entry), _text(entry.reason), _resource(entry.resource), _text(entry.note))
        rest = entries[len(first) :]
        if rest:
            more = f"{count(rest)} more" if all(entry.count is not None for entry in rest) else "others"
            yield from _row(words[verb], more, "", "", "`--all` names them")
    yield ""


def _settings(account: AccountSummary) -> Iterator[str]:
    if not account.settings:
        return
    yield from _row("setting", "before", "after", "exceptions", "resource")
    yield from _row(*["---"] * 5)
    for each in account.settings:
        by_hand = " (by hand)" if each.outside else ""
        yield from _row(
            _code(each.setting),
            _code(each.before) or "not known",
            (_code(each.after) or "not known") + by_hand,
            _exceptions(each),
            _resource(each.resource),
        )
    yield ""


def _exceptions(setting: Setting) -> str:
    said = [("adds", setting.adds), ("removes", setting.removes)]
    return "; ".join(f"{verb} {_some(contacts)}" for verb, contacts in said if contacts)


def _some(contacts: Sequence[str]) -> str:
    named = ", ".join(map(_text, contacts[:SHOWN]))
    return f"{named} and {len(contacts) - SHOWN:,} more" if len(contacts) > SHOWN else named


def _who(entry: Entry) -> str:
    if entry.contact is not None:
        return _text(entry.contact)
    return "not shown" if entry.count is None else f"{entry.count:,} not named"


def _resource(label: str) -> str:
    kind, _, name = label.partition(" ")
    return f"{kind} {_code(name.strip(chr(39)))}"


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def _items(sentences: Iterable[str]) -> Iterator[str]:
    return (f"- {_text(sentence)}" for sentence in sentences)


def _text(text: str) -> str:
    """Return a text so that Markdown shows it as it is: nobody is mentioned by it, and no issue linked."""
    if _MEANS_SOMETHING.search(text):
        return _code(text)
    return _MARKS.sub(r"\\\g<0>", _seen(text))


def _code(text: str) -> str:
    if not text.strip():
        return ""
    return f"`{_seen(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _seen(text: str) -> str:
    """Return a text on one line, in which what is not seen is."""
    words = " ".join(text.split())
    return "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in words)
