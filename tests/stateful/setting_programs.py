"""Random edits of a program that sets privacy settings: valid at every moment, for no setting is declared twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from pulumi_whatsapp.lifecycle.inputs import UNKNOWN
from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES

from ..contract.stack import Declarations, DeclaredResource
from .people import PEOPLE
from .stage import Stage

NAMES = ("setting-1", "setting-2", "setting-3")
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "zapi": ("last_seen", "group_add", "default_message_timer"),
    "ryzeapi": ("last_seen", "group_add", "call_add"),
}
"""What programs declare, by gateway; the others of an account are nobody's."""

names = st.sampled_from(NAMES)
settings = st.integers(0, 2)
values = st.sampled_from((0, 1, 2, 2, 2, 3))
"""Places among a setting's values; the third is the one that has exceptions."""
people = st.integers(0, 4)


@dataclass(frozen=True)
class DeclaredSetting:
    """A resource of the program: person -> which spelling; values by their place among the setting's own."""

    setting: str
    value_at: int = 0
    people: dict[int, int] = field(default_factory=dict)
    mapped: bool = False
    exclusive: bool = False
    baseline_at: int | None = None
    keep: bool = False
    secret: bool = False
    excepts: bool = False
    """Whether the gateway changes this setting's exceptions."""

    @property
    def value(self) -> str:
        """What the setting shall be."""
        return self._value(self.value_at)

    @property
    def baseline(self) -> str | None:
        """What a destroy shall go back to."""
        return None if self.baseline_at is None else self._value(self.baseline_at)

    @property
    def listed(self) -> bool:
        """Whether the list of exceptions is in force, and may be declared."""
        return self.excepts and self.value == CONTACT_BLACKLIST

    def _value(self, place: int) -> str:
        known = VALUES[self.setting]
        return known[place % len(known)]

    def resource(self, unknown: str | None = None) -> DeclaredResource:
        """Return it as the program declares it, with one input unknown."""
        inputs: dict[str, Any] = {"setting": self.setting, "value": self.value}
        if self.keep:
            inputs["onDestroy"] = "keep"
        if self.baseline is not None:
            inputs["baseline"] = self.baseline
        if self.listed and (self.people or self.exclusive):
            spelt = [PEOPLE[person][spelling] for person, spelling in self.people.items()]
            inputs["exceptions"] = {contact: f"reason {contact[-2:]}" for contact in spelt} if self.mapped else spelt
            inputs["exceptionsMode"] = "exclusive" if self.exclusive else "additive"
            if self.secret:
                inputs["secret"] = True
        if unknown in inputs:
            inputs[unknown] = UNKNOWN
        return DeclaredResource("PrivacySetting", inputs)


class SettingPrograms(Stage):
    """Programs of privacy settings on one gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.known = SETTINGS[self.gateway]
        self.program: dict[str, DeclaredSetting] = {}

    @property
    def by_setting(self) -> dict[str, DeclaredSetting]:
        """The program's resources by what they set."""
        return {declared.setting: declared for declared in self.program.values()}

    def resources(self, unknown: str | None = None) -> Declarations:
        """Return the program."""
        return {name: declared.resource(unknown) for name, declared in self.program.items()}

    def _excepted(self, name: str) -> DeclaredSetting | None:
        declared = self.program.get(name)
        return declared if declared is not None and declared.excepts else None

    @initialize(
        chosen=st.tuples(values, values, values),
        excepted=st.sets(people, max_size=3),
        keep=st.sampled_from((False, False, True)),
        baseline=st.none() | values,
    )
    def begin(self, chosen: tuple[int, ...], excepted: set[int], keep: bool, baseline: int | None) -> None:
        """Declare every setting that there is: from nothing, most programs would stay nearly empty."""
        for name, setting, value in zip(NAMES, self.known, chosen, strict=True):
            self.declare(name, self.known.index(setting), value)
        self.choose_an_end(NAMES[0], baseline, keep)
        for person in excepted:
            self.make_an_exception(NAMES[1], person, 0)

    @rule(name=names, setting=settings, value=values)
    def declare(self, name: str, setting: int, value: int) -> None:
        """Declare a setting; whoever declared it gets this resource's one, or ends."""
        wanted = self.known[setting]
        old = self.program.pop(name, None)
        other = next((held for held, declared in self.program.items() if declared.setting == wanted), None)
        if other is not None:
            left = self.program.pop(other)
            if old is not None:
                self.program[other] = self._of(left, old.setting)
        self.program[name] = replace(self._of(old or DeclaredSetting(wanted), wanted), value_at=value)

    def _of(self, declared: DeclaredSetting, setting: str) -> DeclaredSetting:
        can = setting in self.world.gateway.capabilities.exceptions
        return replace(declared, setting=setting, excepts=can)

    @rule(name=names, value=values)
    def revalue(self, name: str, value: int) -> None:
        """Declare another value."""
        if name in self.program:
            self.program[name] = replace(self.program[name], value_at=value)

    @rule(name=names, person=people, spelling=st.integers(0, 2))
    def make_an_exception(self, name: str, person: int, spelling: int) -> None:
        """Except somebody, under the value that has exceptions."""
        declared = self._excepted(name)
        if declared is not None:
            everybody = {**declared.people, person: spelling % len(PEOPLE[person])}
            self.program[name] = replace(declared, people=everybody, value_at=2)

    @rule(name=names, person=people)
    def end_an_exception(self, name: str, person: int) -> None:
        """Except somebody no more."""
        if name in self.program:
            declared = self.program[name]
            left = {other: spelling for other, spelling in declared.people.items() if other != person}
            self.program[name] = replace(declared, people=left)

    @rule(name=names, mapped=st.booleans(), exclusive=st.booleans(), secret=st.booleans())
    def choose(self, name: str, mapped: bool, exclusive: bool, secret: bool) -> None:
        """Set how exceptions are declared."""
        declared = self._excepted(name)
        if declared is not None:
            self.program[name] = replace(declared, mapped=mapped, exclusive=exclusive, secret=secret)

    @rule(name=names, baseline=st.none() | values, keep=st.sampled_from((False, False, True)))
    def choose_an_end(self, name: str, baseline: int | None, keep: bool) -> None:
        """Set what a destroy does."""
        if name in self.program:
            self.program[name] = replace(self.program[name], baseline_at=baseline, keep=keep)

    @rule(name=names)
    def remove(self, name: str) -> None:
        """Take a resource out of the program."""
        self.program.pop(name, None)

    @rule(order=st.permutations(NAMES))
    def rename(self, order: list[str]) -> None:
        """Give the resources each other's names."""
        new = dict(zip(NAMES, order, strict=True))
        self.program = {new[name]: declared for name, declared in self.program.items()}

    @rule(one=names, other=names)
    def swap(self, one: str, other: str) -> None:
        """Let two resources exchange what they set, and keep all else."""
        if {one, other} <= self.program.keys():
            first, second = self.program[one], self.program[other]
            self.program[one] = self._of(first, second.setting)
            self.program[other] = self._of(second, first.setting)
