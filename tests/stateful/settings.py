"""Random programs of privacy settings, random events on the phone and in the network, and what must hold after each.

The machine keeps a model of its own beside the stack's state: who may be, and who is, excepted by the stack, what
stood before a resource was created, and what changed behind the state's back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pulumi_whatsapp.privacy_settings import CONTACT_BLACKLIST, VALUES

from .engine import How, RunRecord, StateEntry
from .people import PEOPLE
from .setting_programs import NAMES, SettingPrograms, names, people, values
from .setting_records import Look, SettingWrite, digits_of, failed, held, look, surely_excepted, writes
from .stage import FAULT_KINDS, hows

_NOBODYS = "about"
"""A setting that no program declares."""


class Settings(SettingPrograms):
    """Programs of privacy settings on one gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.can = self.world.gateway.capabilities
        self.declared_once: set[str] = set()
        self.maybe_ours: defaultdict[str, set[int]] = defaultdict(set)  # were declared, and may not be let go yet
        self.ours: defaultdict[str, set[int]] = defaultdict(set)  # are excepted by the stack, for certain
        self.gone: defaultdict[str, set[int]] = defaultdict(set)  # ended behind the state's back
        self.drifted: set[str] = set()  # have another value, behind the state's back
        self.left: dict[int, set[str]] = {}  # resource -> the values that it may have left
        self.origin: dict[int, tuple[str, str]] = {}  # resource -> what stood before it, and its first value
        self.by_hand: set[str] = set()  # changed on the phone, or by a killed run, since their resource was created

    # the phone and the network

    @rule(setting=st.integers(0, 3), value=values)
    def set_by_hand(self, setting: int, value: int) -> None:
        """Set a value on the phone."""
        name = (*self.known, _NOBODYS)[setting]
        self.phone.set_privacy(name, VALUES[name][value % len(VALUES[name])])
        self.drifted.add(name)
        self.by_hand.add(name)

    @rule(setting=st.integers(0, 3), person=people)
    def except_by_hand(self, setting: int, person: int) -> None:
        """Except somebody on the phone."""
        name = (*self.known, _NOBODYS)[setting]
        if CONTACT_BLACKLIST in VALUES[name]:
            self.phone.add_exceptions(name, PEOPLE[person][0])
            self.gone[name].discard(person)

    @rule(setting=st.integers(0, 3), person=people)
    def end_by_hand(self, setting: int, person: int) -> None:
        """Except somebody no more, on the phone."""
        name = (*self.known, _NOBODYS)[setting]
        if CONTACT_BLACKLIST in VALUES[name] and person in self.look().excepted[name]:
            self.phone.remove_exceptions(name, PEOPLE[person][0])
            self.ours[name].discard(person)
            self.gone[name].add(person)

    @rule(
        kind=st.sampled_from([*FAULT_KINDS, "half_applied"]),
        on=st.sampled_from(["privacy_read", "privacy_write", "privacy_write", None]),
        times=st.integers(1, 4),
        after=st.integers(0, 2),
    )
    def break_something(self, kind: str, on: str | None, times: int, after: int) -> None:
        """Ask for a fault."""
        self.fault(kind, on, times, after)

    # runs

    @rule(how=hows(NAMES))
    def up(self, how: How) -> None:
        """Bring the program up, whatever happens meanwhile."""
        program, by_setting = self.resources(), self.by_setting
        theirs = {setting: set(who) for setting, who in self.maybe_ours.items()}
        for setting, declared in by_setting.items():
            self.declared_once.add(setting)
            if declared.listed:
                self.maybe_ours[setting] |= declared.people.keys()
        before, clean = self.look(), self.clean(how)
        ran = self.observe(lambda: self.engine.up(program, how))

        for write in self.writes():
            setting, wanted = write.setting, by_setting.get(write.setting)
            assert wanted or before.of(setting), f"{setting} was written, which is neither declared nor recorded"
            listed = wanted is not None and wanted.listed
            declares = set(wanted.people) if wanted and listed else set()
            assert write.added <= declares, "somebody was excepted whom nobody declares"
            assert not write.removed & declares, "an exception was ended that is declared"
            if not (wanted and listed and wanted.exclusive):
                assert write.removed <= theirs.get(setting, set()), "a foreign exception was ended"
        self.settle(before, ran, how, clean=clean)
        moved = {entry.outputs["setting"] for entry in ran.deleted if entry.outputs["onDestroy"] != "keep"}
        assert moved & by_setting.keys() <= self.recorded(), "a setting moved, and no resource records it"
        if clean and not ran.errors:
            self.converged(before)
        elif clean:  # of exceptions that cannot be removed under the new value only the old resource knows
            assert all("stay on WhatsApp's list of exceptions" in text for text in ran.errors.values()), ran

    @rule()
    def up_undisturbed(self) -> None:
        """Bring the program up when all is well."""
        self.phone.clear_faults()
        self.up(How())

    @rule(kind=st.sampled_from(["lost_answer", "garbage", "outage"]), blind_after=st.none() | st.integers(0, 2))
    def up_disturbed(self, kind: str, blind_after: int | None) -> None:
        """Bring the program up, and let every answer to a change fail, and to a question too."""
        self.phone.clear_faults()
        self.phone.fault(kind, on="privacy_write", times=None)
        if blind_after is not None:
            self.phone.fault("outage", on="privacy_read", times=None, after=blind_after)
        self.up(How())
        self.phone.clear_faults()

    @rule(
        name=names,
        person=people,
        value=st.sampled_from((0, 1, 3)),
        kind=st.sampled_from(["lost_answer", "outage"]),
        comes_back=st.none() | st.booleans(),
    )
    def leave_the_list(self, name: str, person: int, value: int, kind: str, comes_back: bool | None) -> None:
        """Let the answer fail that ends the value which has exceptions; go back to it without them, by either way."""
        if self._excepted(name) is None:
            return
        self.make_an_exception(name, person, 0)
        self.choose_an_end(name, 2, keep=False)
        self.up_undisturbed()
        self.revalue(name, value)
        self.up_disturbed(kind, None)
        if comes_back:
            self.program[name] = replace(self.program[name], value_at=2, people={})
            self.up_undisturbed()
        elif comes_back is not None:
            self.destroy_undisturbed()

    @rule(name=names, value=values, by_hand=st.none() | values, refreshed=st.booleans(), blind=st.booleans())
    def lose_an_answer(self, name: str, value: int, by_hand: int | None, refreshed: bool, blind: bool) -> None:
        """Let an answer be lost for good, a person change the value, and the stack end."""
        if name not in self.program:
            return
        self.up_undisturbed()
        self.revalue(name, value)
        self.up_disturbed("lost_answer" if blind else "outage", 0 if blind else None)
        if by_hand is not None:
            self.set_by_hand(self.known.index(self.program[name].setting), by_hand)
        self.destroy(How(refresh=refreshed))

    @rule(
        order=st.permutations(NAMES),
        name=names,
        value=values,
        how=st.sampled_from(("fails", "is skipped", "is left out")),
        run=st.integers(0, 5),
    )
    def take_over(self, order: list[str], name: str, value: int, how: str, run: int) -> None:
        """Let one setting move to a resource that cannot set it."""
        self.up_undisturbed()
        self.rename(order)
        self.revalue(name, value)
        names = list(self.program)
        if name not in names:
            return
        if how == "fails":
            self.phone.fault("unauthorized", on="privacy_write", times=None)
        skipped = names.index(name) if how == "is skipped" else None
        targets = frozenset(NAMES) - {name} if how == "is left out" else None
        self.up(How(order=run, keep_going=True, skipped=skipped, targets=targets))
        self.phone.clear_faults()

    @rule(how=hows(NAMES), unknown=st.none() | st.sampled_from(["value", "exceptions", "baseline"]))
    def preview(self, how: How, unknown: str | None) -> None:
        """Preview the program, with something in it unknown."""
        before = self.look()
        self.observe(lambda: self.engine.preview(self.resources(unknown), how))
        self.only_read(before)
        exclusive = any(declared.listed and declared.exclusive for declared in self.program.values())
        if not exclusive and not how.refresh:
            assert not self.world.requests(), "a preview asked the gateway, and had nothing to ask"

    @rule(how=hows(NAMES))
    def refresh(self, how: How) -> None:
        """Refresh the state."""
        before, clean = self.look(), self.clean(how)
        ran = self.observe(lambda: self.engine.refresh(how))
        self.only_read(before)
        self.settle(before, ran, how, clean=clean)
        if clean:
            assert ran, ran

    @rule(how=hows(NAMES))
    def destroy(self, how: How) -> None:
        """Destroy the stack."""
        before, clean = self.look(), self.clean(how)
        theirs = {setting: set(who) for setting, who in self.maybe_ours.items()}
        ours = {setting: set(who) for setting, who in self.ours.items()}
        ran = self.observe(lambda: self.engine.destroy(how))
        for write in self.writes():
            assert before.of(write.setting), f"{write.setting} was written, which is not recorded"
            assert not write.added, "somebody was excepted"
            assert write.removed <= theirs.get(write.setting, set()), "a foreign exception was ended"
        self.settle(before, ran, how, clean=clean)
        if clean:
            assert ran, ran
            assert self.engine.state == []
            self.given_back(before, ours)

    @rule()
    def destroy_undisturbed(self) -> None:
        """Destroy the stack when all is well."""
        self.phone.clear_faults()
        self.destroy(How())

    # what holds

    def look(self) -> Look:
        """Return what stands now."""
        return look(self.phone, self.engine.state)

    def writes(self) -> list[SettingWrite]:
        """Return what the last run sent; nobody's settings are left alone."""
        found = writes(self.world.requests())
        assert {write.setting for write in found} <= self.declared_once, "a setting was written that was never declared"
        return found

    def only_read(self, before: Look) -> None:
        """Check that the last run changed nothing on the phone."""
        assert {request.operation for request in self.world.requests()} <= {"privacy_read"}
        now = self.look()
        assert (now.values, now.excepted) == (before.values, before.excepted)

    def observe(self, run: Callable[[], RunRecord]) -> RunRecord:
        """Run, and look for credentials and secret contacts in what is left behind."""
        hidden = self.hidden()
        self.phone.clear_requests()
        ran = run()
        said = [*self.said(ran), *(why for entry in self.engine.state for why in failed(entry).values())]
        named = {number for person in hidden for number in digits_of(person) if number in " ".join(said)}
        assert not named, f"a secret contact was named: {said}"
        return ran

    def hidden(self) -> set[int]:
        """Return who is a secret wherever they are declared or recorded, unless they may be found as somebody else."""
        everywhere: defaultdict[int, list[bool]] = defaultdict(list)
        for declared in self.program.values():
            if declared.listed:
                for person in self._names(declared.setting, set(declared.people), exclusive=declared.exclusive):
                    everywhere[person].append(declared.secret)
        for entry in self.engine.state:
            exclusive = entry.outputs.get("exceptionsMode") == "exclusive"
            for person in self._names(entry.outputs["setting"], held(entry), exclusive=exclusive):
                everywhere[person].append(bool(entry.outputs.get("secret")))
        return {person for person, secret in everywhere.items() if all(secret)}

    def _names(self, setting: str, people: set[int], *, exclusive: bool) -> set[int]:
        return people | self.look().excepted[setting] if exclusive else people

    def current(self, entry: StateEntry) -> bool:
        """Return whether the program declares a resource of the state, as it is there."""
        declared = self.program.get(entry.name)
        return not entry.delete and declared is not None and declared.setting == entry.outputs["setting"]

    def settle(self, before: Look, ran: RunRecord, how: How, *, clean: bool) -> None:
        """Check the state against the phone after any run, and take over what the run has settled."""
        now = self.look()
        for setting in VALUES:
            was = before.of(setting)
            ended = [entry for entry in was if not now.holds(entry)]
            undone = [entry for entry in was if any(entry is other for other in ran.undone)]
            lasting = [entry for entry in now.of(setting) if not entry.delete]
            if now.values[setting] != before.values[setting]:
                recorded = any(
                    entry.outputs["value"] == now.values[setting] or "value" in failed(entry) for entry in lasting
                )
                if how.kill is not None or undone:
                    self.drifted.add(setting)
                    self.by_hand.add(setting)
                else:
                    assert recorded or ended, f"{setting} was changed, and no resource records it"
            self.settle_exceptions(setting, before, now, ran, unrecorded=how.kill is not None or bool(undone))
            if ended:  # by a move, what only the old resource knew is forgotten
                still = {person for entry in now.of(setting) for person in held(entry)}
                self.ours[setting] &= still
                self.maybe_ours[setting] &= still
            if ran.refreshed and ran and clean and self.can.reads_privacy:
                self.drifted.discard(setting)
            if any(not self.current(entry) and entry.outputs["value"] != now.values[setting] for entry in lasting):
                self.drifted.add(setting)  # by a move that was cut short
            elif all(entry.outputs["value"] == now.values[setting] for entry in lasting):
                self.drifted.discard(setting)
        for entry in ran.read:
            live = before.values[entry.outputs["setting"]]
            if self.can.reads_privacy and live in self.left[id(entry)]:
                self.left[id(entry)] = {live}
        for entry in ran.written:
            maybe = self.left.get(id(entry), {before.values[entry.outputs["setting"]]})
            self.left[id(entry)] = {entry.inputs["value"]} | (maybe if "value" in failed(entry) else set())
        for entry in now.entries:
            if not before.holds(entry):
                setting = entry.outputs["setting"]
                self.origin[id(entry)] = before.values[setting], entry.outputs["value"]
                self.by_hand.discard(setting)

    def settle_exceptions(self, setting: str, before: Look, now: Look, ran: RunRecord, *, unrecorded: bool) -> None:
        """Check who is excepted against what is recorded."""
        if setting not in now.excepted:
            return
        here, there = now.excepted[setting], before.excepted[setting]
        lasting = [entry for entry in now.of(setting) if not entry.delete]
        if unrecorded:
            self.gone[setting] |= there - here
        else:
            recorded = {person for entry in lasting for person in held(entry)}
            assert here - there <= recorded, f"an exception of {setting} was made, and no resource records it"
            self.ours[setting] |= here - there
        self.ours[setting] &= here
        for entry in lasting:
            if not self.current(entry):
                self.gone[setting] |= (there - here) & held(entry)
        self.gone[setting] -= here
        certain = {person for entry in lasting if self.current(entry) for person in surely_excepted(entry)}
        assert certain <= here | self.gone[setting], "somebody is recorded as excepted who is not"
        if ran and now.values[setting] == CONTACT_BLACKLIST and here and ran.refreshed:
            self.gone[setting] -= certain

    def converged(self, before: Look) -> None:
        """Check what an update without any fault came to."""
        now = self.look()
        wrote = {write.setting for write in self.writes()}
        entries = {entry.outputs["setting"]: entry for entry in now.entries}
        assert len(entries) == len(now.entries), "a setting has two resources"
        assert entries.keys() == self.by_setting.keys()
        ours = {setting: set(who) for setting, who in self.ours.items()}
        for setting, declared in self.by_setting.items():
            entry, live = entries[setting], now.values[setting]
            assert not failed(entry)
            assert entry.outputs["value"] == declared.value
            assert live == declared.value or (setting in self.drifted and setting not in wrote), "a value is not live"
            self.remembered(entry)
            if declared.listed and live == CONTACT_BLACKLIST:
                self.excepted(setting, now)
                self.maybe_ours[setting] = set(declared.people)
                self.ours[setting] = declared.people.keys() & now.excepted[setting]
        self.given_back(before, ours)
        self.phone.clear_requests()
        steps = self.engine.preview(self.resources(), How()).steps
        assert set(steps.values()) <= {"same"}, f"a second preview is not empty: {steps}"
        self.only_read(now)

    def excepted(self, setting: str, now: Look) -> None:
        """Check who is excepted under the value that has exceptions."""
        declared, live = self.by_setting[setting], now.excepted[setting]
        wanted = set(declared.people)
        if declared.exclusive:
            assert live == wanted, "the exceptions are not the declared ones"
        assert wanted <= live | self.gone[setting], "somebody who is declared is not excepted"
        assert not (self.ours[setting] - wanted) & live, "somebody who was let go is still excepted"

    def remembered(self, entry: StateEntry) -> None:
        """Check that a resource knows what stood before it, where that can be read."""
        if not self.can.reads_privacy:
            assert entry.outputs.get("previous") is None
            return
        origin, first = self.origin[id(entry)]
        previous, setting = entry.outputs.get("previous"), entry.outputs["setting"]
        if previous is None:
            told = setting in self.by_hand or entry.outputs["value"] == origin
            assert first == origin, "what stood before is forgotten"
            assert told, "what stood before is forgotten"
        else:
            assert previous == origin, "what stood before is another value"

    def given_back(self, before: Look, ours: dict[str, set[int]]) -> None:
        """Check the settings whose resources a run without any fault has ended, all of them."""
        now = self.look()
        for setting in {entry.outputs["setting"] for entry in before.entries} - self.recorded():
            ended = before.of(setting)
            was, live = before.values[setting], now.values[setting]
            targets = {self.target(entry, was) for entry in ended}
            if len(ended) > 1:
                assert live in {was, *targets, *(entry.outputs.get("previous") for entry in ended)}
            else:
                assert live in targets, "the wrong value was given back"
            if live == CONTACT_BLACKLIST and self.can.reads_exceptions and len(ended) == 1:
                self.exceptions_given_back(ended[0], before, now, ours.get(setting, set()))
            self.maybe_ours[setting].clear()
            self.ours[setting].clear()
            self.gone[setting].clear()
            self.drifted.discard(setting)

    def exceptions_given_back(self, entry: StateEntry, before: Look, now: Look, ours: set[int]) -> None:
        """Check the exceptions of a setting that still has some after its resource has ended."""
        setting = entry.outputs["setting"]
        if entry.inputs.get("onDestroy") != "keep" and entry.inputs.get("baseline") == CONTACT_BLACKLIST:
            assert not ours & now.excepted[setting], "somebody who was declared is still excepted"
        else:
            assert now.excepted[setting] == before.excepted[setting]

    def recorded(self) -> set[str]:
        """Return which settings have a resource in the state."""
        return {entry.outputs["setting"] for entry in self.engine.state}

    def target(self, entry: StateEntry, live: str) -> str:
        """Return what the end of a resource leaves, by the value that stands before."""
        to = entry.inputs.get("baseline") or entry.outputs.get("previous")
        if entry.inputs.get("onDestroy") == "keep" or to is None:
            return live
        return live if self.can.reads_privacy and live not in self.left[id(entry)] else str(to)
