"""Random edits of a program that blocks: it is valid at every moment, for nobody is declared twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pulumi_whatsapp.lifecycle.inputs import UNKNOWN

from ..contract.stack import Declarations, DeclaredResource
from .people import EVERYBODY, PEOPLE
from .stage import Stage

CONTACTS = ("contact-1", "contact-2", "contact-3")
LISTS = ("list-1", "list-2")
NAMES = CONTACTS + LISTS

people = st.sampled_from(EVERYBODY)


@dataclass(frozen=True)
class DeclaredPeople:
    """A resource of the program: person -> which spelling."""

    people: dict[int, int] = field(default_factory=dict)
    exclusive: bool = False
    lenient: bool = False
    secret: bool = False

    def resource(self, name: str, *, unknown: bool = False) -> DeclaredResource:
        """Return it as the program declares it."""
        spelt = [PEOPLE[person][spelling] for person, spelling in self.people.items()]
        inputs: dict[str, Any] = {"secret": True} if self.secret else {}
        if name in CONTACTS:
            return DeclaredResource("BlockedContact", {**inputs, "phone": UNKNOWN if unknown else spelt[0]})
        if self.exclusive:
            inputs["mode"] = "exclusive"
        if self.lenient:
            inputs["allowFailures"] = True
        return DeclaredResource("Blocklist", {**inputs, "contacts": [*spelt, UNKNOWN] if unknown else spelt})


class Programs(Stage):
    """Programs of contacts and lists."""

    def __init__(self) -> None:
        super().__init__()
        self.lists = self.world.gateway.capabilities.lists_blocked  # so that a list may be exclusive
        self.program: dict[str, DeclaredPeople] = {}

    @property
    def declared(self) -> set[int]:
        """Whom the program declares."""
        return {person for declared in self.program.values() for person in declared.people}

    @property
    def exclusive(self) -> bool:
        """Whether the program's only resource is an exclusive list."""
        return any(declared.exclusive for declared in self.program.values())

    def resources(self) -> Declarations:
        """Return the program."""
        return {name: declared.resource(name) for name, declared in self.program.items()}

    @rule(name=st.sampled_from(CONTACTS + LISTS * 2), person=people, spelling=st.integers(0, 2))
    def declare(self, name: str, person: int, spelling: int) -> None:
        """Declare somebody, who moves from wherever they are declared now."""
        if self.exclusive:
            name = next(iter(self.program))
        self.drop(person, but=name)
        old = self.program.get(name, DeclaredPeople())
        others = {} if name in CONTACTS else old.people
        self.program[name] = replace(old, people={**others, person: spelling % len(PEOPLE[person])})

    @rule(person=people)
    def forget(self, person: int) -> None:
        """Take somebody out of the program."""
        self.drop(person)

    def drop(self, person: int, but: str | None = None) -> None:
        """Take somebody out of every resource but one."""
        for name, declared in list(self.program.items()):
            if person in declared.people and name != but:
                left = {other: spelling for other, spelling in declared.people.items() if other != person}
                if left or name in LISTS:
                    self.program[name] = replace(declared, people=left)
                else:
                    del self.program[name]

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: str) -> None:
        """Take a resource out of the program."""
        self.program.pop(name, None)

    @rule(names=st.sampled_from([CONTACTS, LISTS]), order=st.permutations(range(3)))
    def rename(self, names: tuple[str, ...], order: list[int]) -> None:
        """Give the contacts, or the lists, each other's names."""
        held = [self.program.pop(name, None) for name in names]
        for name, place in zip(names, [place for place in order if place < len(names)], strict=True):
            declared = held[place]
            if declared is not None:
                self.program[name] = declared

    @rule(exclusive=st.booleans(), lenient=st.booleans(), secret=st.booleans(), name=st.sampled_from(LISTS))
    def choose(self, exclusive: bool, lenient: bool, secret: bool, name: str) -> None:
        """Set a list's options; an exclusive one takes over everybody who is declared."""
        old = self.program.get(name, DeclaredPeople())
        chosen = DeclaredPeople(old.people, exclusive and self.lists, lenient, secret)
        if chosen.exclusive:
            everybody = {person: at for declared in self.program.values() for person, at in declared.people.items()}
            self.program = {name: replace(chosen, people=everybody)}
        elif name in self.program:
            self.program[name] = chosen
