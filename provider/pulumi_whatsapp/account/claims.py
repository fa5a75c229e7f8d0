"""What the resources of this run declare of one account, and which of them have it.

Claims are made by `check` alone: what counts is what the engine deploys, after transformations and ``ignore_changes``.
Deletes come last, when every resource of the program was checked, and ask here who is still declared.

One run may have several provider processes: one for each explicit provider and for each version of the plugin. Each has
its own claims and tells the others of every change, because a delete in one may be of a contact that a resource of
another declares.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypedDict

from ..names import Contact, Key, Names, People, Person, key_of, kind, kinds, last_digits

SEE_ALL: Final = "run it without --target, --exclude and --run-program"
"""What to do where a run leaves out a resource: a run that deploys or destroys everything leaves out none."""


@dataclass(frozen=True)
class Declarer:
    """A resource of the program, as `check` is told of it.

    Attributes:
        key: tells it from the program's other resources, for this run; in the order of the program.
        label: what messages call it: ``Blocklist 'spam'``.
        preview: whether the run is a preview.
        secret: whether its contacts are a secret.
        hidden: its other inputs that are a secret.
    """

    key: str
    label: str
    preview: bool = False
    secret: bool = False
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Declared:
    """What one resource declares: contacts to block, or a privacy setting with its exceptions."""

    by: Declarer
    contacts: Mapping[Key, Contact] = field(default_factory=dict)
    exclusive: bool = False
    setting: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """What the program declares in resources that this run leaves out (``--target``, ``--exclude``).

    Attributes:
        contacts: contact -> the resource that declares it.
        settings: privacy setting -> the resource that declares it.
        unknown: why it is not known of all resources what they declare, if it is not.
        running: why nothing is taken back yet, where the program has not ended.
    """

    contacts: Mapping[Key, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    unknown: str | None = None
    running: str | None = None


class Note(TypedDict, total=False):
    """What one process tells another of an account; each part adds to what is known of it."""

    declared: Iterable[Declared]
    people: Iterable[Names]
    """The names of one person each."""
    answered: Iterable[Key]
    """The people of whom an answer takes the place of what was on record."""
    refused: Iterable[Key]
    maybe: Iterable[Key]
    remaining: Iterable[Key]
    held: Iterable[Key]
    settings_held: Mapping[str, str]
    strangers: Iterable[Key]
    foreseen: Iterable[Key]
    unblocks: int


Tell = Callable[[Note], Sequence[str]]
"""Tells the other processes of the run; returns what contradicts it there, a sentence each."""


class Claims:
    """What this run declares of one account. Claims come from `check`, on any thread.

    Args:
        account_id: the account's public identity.
        tell: tells the other provider processes of the run what changes; by default there are none.
    """

    def __init__(self, account_id: str, tell: Tell = lambda _note: ()) -> None:
        self._id = account_id
        self._tell = tell
        self._lock = threading.Lock()
        self._resources: dict[str, Declared] = {}
        self._elsewhere: set[str] = set()
        self._exclusive: Declared | None = None
        self._contacts: dict[Key, Declared] = {}
        self._settings: dict[str, Declared] = {}
        self._kinds = 0
        self._people = People()
        self._recorded: dict[Key, Callable[[Key], Person]] = {}
        self._maybe: set[Key] = set()
        self._refused: set[Key] = set()
        self._held: set[Key] = set()
        self._settings_held: dict[str, str] = {}
        self._remaining: set[Key] = set()
        self._going: dict[Key, str] = {}
        self._strangers: set[Key] = set()
        self._foreseen: set[Key] = set()
        self._unblocks = 0
        self._own_unblocks = 0

    # -- what the processes of one run tell each other

    def everything(self) -> Note:
        """Return all that this process has noted itself, for one that begins later."""
        with self._lock:
            return Note(
                declared=[each for key, each in self._resources.items() if key not in self._elsewhere],
                people=self._people.groups(),
                refused=[*self._refused],
                maybe=[*self._maybe],
                remaining=[*self._remaining],
                held=[*self._held],
                settings_held={**self._settings_held},
                strangers=[*self._strangers],
                foreseen=[*self._foreseen],
                unblocks=self._own_unblocks,
            )

    def hear(self, note: Note) -> list[str]:
        """Take over what another process of the run has noted; returns what contradicts it here, a sentence each."""
        found = []
        with self._lock:
            for declared in note.get("declared", ()):
                self._elsewhere.add(declared.by.key)
                found.append(self._declare(declared))
            for names in note.get("people", ()):
                self._people.join(*names)
            self._add(note)
        return [why for why in found if why is not None]

    def _note(self, note: Note) -> None:
        with self._lock:
            self._add(note)
        self._tell(note)

    def _add(self, note: Note) -> None:
        answered = set(note.get("answered", ()))
        self._refused -= answered
        self._maybe -= answered
        self._refused.update(note.get("refused", ()))
        self._maybe.update(note.get("maybe", ()))
        self._remaining.update(note.get("remaining", ()))
        self._held.update(note.get("held", ()))
        self._settings_held.update(note.get("settings_held", {}))
        self._strangers.update(note.get("strangers", ()))
        self._foreseen.update(note.get("foreseen", ()))
        self._unblocks += note.get("unblocks", 0)

    # -- what check declares

    def declare(self, declared: Declared) -> str | None:
        """Claim what a resource declares; returns why it cannot be declared, or None.

        A second check of one resource, as for a replacement, takes the place of the first.
        """
        with self._lock:
            self._elsewhere.discard(declared.by.key)
            if self._resources.get(declared.by.key) == declared:
                return None
            why = self._declare(declared)
        told = self._tell(Note(declared=[declared]))  # also what is refused is declared, and nobody lets go of it
        return why if why is not None else next(iter(told), None)

    def _declare(self, declared: Declared) -> str | None:
        before = self._resources.pop(declared.by.key, None)
        if before is not None:  # another resource may declare the same: it was refused, and its claim stands
            self._exclusive = next((each for each in self._lists() if each.exclusive), None)
            self._contacts = {key: each for each in self._lists() for key in each.contacts}
            self._settings = {each.setting: each for each in self._resources.values() if each.setting is not None}
            self._kinds = kinds(self._contacts)
        why = self._conflict(declared)
        self._resources[declared.by.key] = declared
        if declared.exclusive:
            self._exclusive = declared
        for key in declared.contacts if declared.setting is None else ():
            self._contacts[key] = declared
            self._kinds |= kind(key)
        if declared.setting is not None:
            self._settings[declared.setting] = declared
        return why

    def _conflict(self, declared: Declared) -> str | None:
        if declared.setting is not None:
            other = self._settings.get(declared.setting)
            if other is None:
                return None
            one, two = _in_order(other, declared)
            return (
                f"{declared.setting} is declared twice for {self._id}: by {one.by.label} and by {two.by.label}; "
                "remove one of them"
            )
        other = self._exclusive or next((each for each in self._lists() if declared.exclusive), None)
        if other is not None:
            one, two = (declared, other) if declared.exclusive else (other, declared)
            return (
                f"{one.by.label} is an exclusive list of {self._id}, and {two.by.label} is a block resource of the "
                "same account: an exclusive list must be the only one. Move the contacts into it, or make it additive"
            )
        for key in declared.contacts:
            twin = self._contacts.get(key)
            if twin is not None:
                return self._twice(key, *_in_order(twin, declared))
        return None

    def _lists(self) -> Iterator[Declared]:
        return (each for each in self._resources.values() if each.setting is None)

    def _twice(self, key: Key, one: Declared, two: Declared) -> str:
        contact, spelt = two.contacts[key], one.contacts[key]
        hidden = one.by.secret or two.by.secret
        also = f", as {spelt}," if spelt != contact and not hidden else ""
        shown = last_digits(contact) if hidden else contact
        return (
            f"{shown} is declared twice for {self._id}: by {one.by.label}{also} and by {two.by.label}; remove it from "
            "one of them"
        )

    def learn(self, people: People) -> None:
        """Take over which names are one person's."""
        if people:
            with self._lock:  # another process may ask for them meanwhile
                self._people.merge(people)
            self._tell(Note(people=people.groups()))

    # -- what the state has of it

    def compared(
        self,
        blocked: Iterable[Key],
        who: Callable[[Key], Person],
        maybe: Iterable[Key],
        remaining: Iterable[Key],
        refused: Iterable[Key],
    ) -> None:
        """Note what a compared resource has on record: a create asks no gateway for them again.

        Args:
            blocked: who is blocked, by all known names.
            who: tells what is known of them.
            maybe: whose answer was lost.
            remaining: who remains in that resource.
            refused: of whom the gateway has said no for good.
        """
        self._recorded.update(dict.fromkeys(blocked, who))
        self._note(Note(refused=[*refused], maybe=[*maybe], remaining=[*remaining]))

    def remains(self, names: Names) -> bool:
        """Return whether a contact remains in the resource that had it."""
        return not self._remaining.isdisjoint(names)

    def foretold(self, keys: Iterable[Key], label: str) -> None:
        """Note which contacts a preview has named as unblocked by a resource."""
        self._going.update(dict.fromkeys(keys, label))

    def taken_over(self, declared: Declared) -> dict[Contact, str]:
        """Return which of a resource's contacts the preview has named as unblocked by another one, and by which.

        The engine has resources checked one after the other, so the one that gives may be compared before the one that
        takes is known.
        """
        if not self._going:
            return {}
        found = {contact: self._going.pop(key) for key, contact in declared.contacts.items() if key in self._going}
        return {contact: label for contact, label in found.items() if label != declared.by.label}

    def recorded(self, names: Names) -> Person | None:
        """Return what is known of a contact that a compared resource has on record as blocked; None where none has."""
        for name in self.names(*names):
            who = self._recorded.get(name)
            if who is not None:
                return who(name)
        return None

    def may_be_blocked(self, names: Names) -> bool:
        """Return whether a resource that this run compared has a contact on record whose answer was lost."""
        return bool(self._maybe) and not self._maybe.isdisjoint(self.names(*names))

    def tried(self, everybody: Iterable[Key], refused: Iterable[Key], lost: Iterable[Key]) -> None:
        """Note what became of contacts now; it takes the place of what was on record.

        Args:
            everybody: of whom an answer tells something, by all known names.
            refused: of whom the gateway has said no for good.
            lost: whose answer was lost.
        """
        self._note(Note(answered=[*everybody], refused=[*refused], maybe=[*lost]))

    def refused(self, key: Key) -> bool:
        """Return whether the gateway has said no to a contact for good."""
        return key in self._refused

    # -- who has it

    def hold(self, keys: Iterable[Key]) -> None:
        """Note whom a declared resource owns: by its record, or because this run has blocked them for it."""
        self._note(Note(held=[*keys]))

    def hold_setting(self, setting: str, value: str) -> None:
        """Note that a declared resource has a privacy setting at this value."""
        if setting in self._settings:
            self._note(Note(settings_held={setting: value}))

    # -- what a delete asks

    def declarer(self, *names: Key) -> str | None:
        """Return the resource that declares a contact, under any of its names."""
        declared = self._contacts.get(names[0])
        if declared is not None:
            return declared.by.label
        found = (self._contacts.get(name) for name in self.names(*names))
        return next((declared.by.label for declared in found if declared is not None), None)

    def held(self, *names: Key) -> bool:
        """Return whether the resource that declares a contact owns it."""
        return not self._held.isdisjoint(self.names(*names))

    def names(self, *names: Key) -> Names:
        """Return all that a contact is known by, these names first."""
        return self._people.all_names(*names)

    @property
    def kinds(self) -> int:
        """The kinds of names by which contacts were declared in this run."""
        return self._kinds

    def setting(self, setting: str) -> Declared | None:
        """Return what this run declares of a privacy setting."""
        return self._settings.get(setting)

    def setting_value(self, setting: str) -> str | None:
        """Return the value at which a privacy setting is held; None where its resource has not set it."""
        return self._settings_held.get(setting)

    def declared_contacts(self) -> dict[Key, Contact]:
        """Return everybody whom this run declares."""
        with self._lock:  # another process may declare somebody meanwhile
            return {key: declared.contacts[key] for key, declared in self._contacts.items()}

    def label_of(self, contacts: Iterable[Contact]) -> str | None:
        """Return what messages call the list of these contacts; None before it was checked, as in a refresh."""
        first = next(iter(contacts), None)
        if first is not None:
            return self.declarer(key_of(first))
        with self._lock:
            empty = [each.by.label for each in self._lists() if not each.contacts]
        return " or ".join(empty) or None

    def checked(self) -> set[str]:
        """Return the keys of all resources that the run has checked, in whichever process."""
        with self._lock:
            return set(self._resources)

    # -- strangers

    def name_strangers(self, keys: Iterable[Key]) -> None:
        """Note the strangers of an exclusive list that the comparison has named as unblocked.

        A refresh compares what the state declares, before any check: that names nobody.
        """
        if self._exclusive is not None:
            self._note(Note(strangers=[*keys]))

    def strangers(self) -> set[Key]:
        """Return them: nobody else is unblocked as a stranger."""
        return self._strangers

    # -- how many this run unblocks

    def foresee_unblocks(self, people: Iterable[Key]) -> int:
        """Note whom the deletes of this run will unblock; returns how many they are by now."""
        self._note(Note(foreseen=[*people]))
        return len(self._foreseen)

    @property
    def unblocks(self) -> int:
        """How many this run has unblocked, or is about to."""
        return self._unblocks

    def take_unblocks(self, count: int) -> None:
        """Note how many are about to be unblocked."""
        self._own_unblocks += count
        self._note(Note(unblocks=count))


def _in_order(one: Declared, two: Declared) -> list[Declared]:
    """Return two resources in the program's order: the engine may check them in any."""
    return sorted((one, two), key=lambda declared: declared.by.key)
