"""What a run means for people: the one form that both kinds of output are written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

NOTHING: Final = 0
FAILED: Final = 1
CHANGES: Final = 2
UNBLOCKS: Final = 3


class Verb(str, Enum):
    """What happens to a contact; the values are the names of the lists in the JSON output."""

    UNBLOCKS = "unblocks"
    """The run lets it go."""
    BLOCKS = "blocks"
    """The run blocks it."""
    FAILS = "fails"
    """It is not as declared: the gateway refused it, it was not reached, or a delete failed."""
    GONE = "unblocked_outside"
    """It was blocked by this stack, and is not any more: somebody unblocked it by hand."""
    STRANGER = "blocked_outside"
    """It is blocked and nobody declares it, where a list is exclusive."""
    STAYS = "stays"
    """A resource lets it go, and it stays blocked: another one declares it, or `retain_on_delete` holds."""


@dataclass(frozen=True)
class Entry:
    """One contact, or some that are not named.

    Attributes:
        verb: what happens to it.
        contact: who it is; of a secret one the last digits; None for those that are not named.
        resource: the resource that it is about.
        reason: why it is blocked, as the program says.
        note: what else is to be said of it.
        count: how many these are, or None where that is not shown either.
    """

    verb: Verb
    contact: str | None
    resource: str
    reason: str = ""
    note: str = ""
    count: int | None = 1


@dataclass(frozen=True)
class Setting:
    """A privacy setting that changes.

    Attributes:
        setting: its name.
        resource: the resource that it is about.
        before: the value before, empty where it is not known.
        after: the value afterwards, empty where it is not known.
        adds: contacts that become exceptions.
        removes: contacts that are exceptions no more.
        outside: whether somebody changed it by hand, which a refresh has found.
    """

    setting: str
    resource: str
    before: str
    after: str
    adds: Sequence[str] = ()
    removes: Sequence[str] = ()
    outside: bool = False


@dataclass
class AccountSummary:
    """What a run means for one account.

    Attributes:
        name: its public identity, e.g. ``zapi/3A5B9C``, or its name in the configuration where that is not known.
        entries: its contacts.
        settings: its privacy settings.
    """

    name: str
    entries: list[Entry] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)

    @property
    def sandbox(self) -> bool:
        """Whether nothing of it reaches WhatsApp."""
        return self.name.startswith("sandbox/")

    def of(self, verb: Verb) -> list[Entry]:
        """Return the contacts to which this happens."""
        return [entry for entry in self.entries if entry.verb is verb]


@dataclass
class Summary:
    """What a run means for people.

    Attributes:
        kind: ``preview``, ``refresh`` or ``update``.
        stack: e.g. ``demo/dev``.
        accounts: by name, only those of which there is something to say.
        unknown: what cannot be known before the update, a sentence each.
        may_unblock: whether the run may unblock somebody who is not known yet.
        errors: what failed.
        notes: what else was said.
        other: operation -> number of resources of other packages.
        changed: whether something changes that is no contact and no setting, e.g. a reason.
        failed: whether the run failed.
        whole: whether it has all that the run does; what an earlier run has left to be deleted may be missing.
    """

    kind: str
    stack: str
    accounts: dict[str, AccountSummary] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    may_unblock: bool = False
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)
    changed: bool = False
    failed: bool = False
    whole: bool = True

    def account(self, name: str) -> AccountSummary:
        """Return an account, a new one where it is the first time."""
        return self.accounts.setdefault(name, AccountSummary(name))

    def entries(self) -> Iterator[Entry]:
        """Return the contacts of all accounts."""
        return (entry for account in self.accounts.values() for entry in account.entries)

    def count(self, verb: Verb) -> str:
        """Return how many contacts it happens to, for people."""
        entries = [entry for entry in self.entries() if entry.verb is verb]
        return count(entries)

    @property
    def changes(self) -> bool:
        """Whether anything of this package changes, or has changed."""
        settings = any(account.settings for account in self.accounts.values())
        return settings or self.changed or any(entry.verb is not Verb.STAYS for entry in self.entries())

    @property
    def unblocks(self) -> bool:
        """Whether the run unblocks somebody, or may."""
        return self.may_unblock or any(entry.verb is Verb.UNBLOCKS for entry in self.entries())

    def exit_code(self, *, detailed: bool) -> int:
        """Return the exit status: 1 for a failed run; if it is to be ``detailed``, 3 or 2 for one that changes."""
        if self.failed:
            return FAILED
        if not detailed:
            return NOTHING
        return UNBLOCKS if self.unblocks else CHANGES if self.changes else NOTHING

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with every contact."""
        return {
            "kind": self.kind,
            "stack": self.stack,
            "failed": self.failed,
            "whole": self.whole,
            "changes": self.changes,
            "unblocks": self.unblocks,
            "accounts": [
                {
                    "account": account.name,
                    "sandbox": account.sandbox,
                    **{verb.value: [_entry(entry) for entry in account.of(verb)] for verb in Verb},
                    "settings": [
                        {
                            "setting": each.setting,
                            "before": each.before or None,
                            "after": each.after or None,
                            "adds": list(each.adds),
                            "removes": list(each.removes),
                            "outside": each.outside,
                            "resource": each.resource,
                        }
                        for each in account.settings
                    ],
                }
                for account in self.accounts.values()
            ],
            "unknown": self.unknown,
            "errors": self.errors,
            "notes": self.notes,
            "other": self.other,
        }


def count(entries: Iterable[Entry]) -> str:
    """Return how many contacts these are, for people; a list that is a secret may not show its number."""
    counts = [entry.count for entry in entries]
    known = sum(number for number in counts if number is not None)
    if None not in counts:
        return f"{known:,}"
    return f"{known:,} and more" if known else "some"


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "contact": entry.contact,
        "count": entry.count,
        "reason": entry.reason,
        "note": entry.note,
        "resource": entry.resource,
    }
