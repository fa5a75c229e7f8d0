"""Random programs, random events on the phone and in the network, and what must hold after each run.

The machine keeps a model of its own beside the stack's state: who is declared, who may be the stack's, who must be.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .engine import How, Ran
from .people import PEOPLE, introduce, sent, who
from .programs import CONTACTS, LISTS, Programs, people
from .recorded import contacts, exclusive, owned, reasons, refused, sure
from .stage import FAULT_KINDS, hows

_SETTLES_AN_UNBLOCK = {"reject_unblock", "half_failed", "no_success"}
"""Faults that refuse an unblock for good: who is refused is let go."""


class Blocking(Programs):
    """Programs of contacts and lists on one gateway."""

    def __init__(self) -> None:
        super().__init__()
        self.maybe_ours: set[int] = set()  # were declared when a run began, and may not be let go yet
        self.ours: set[int] = set()  # are blocked by the stack, for certain
        self.drifted: set[int] = set()  # were unblocked behind the state's back, and no refresh has seen it
        introduce(self.phone)

    # the phone and the network

    @rule(person=people)
    def block_by_hand(self, person: int) -> None:
        """Block somebody on the phone."""
        self.phone.block(PEOPLE[person][0])
        self.drifted.discard(person)

    @rule(person=people)
    def unblock_by_hand(self, person: int) -> None:
        """Unblock somebody on the phone."""
        if person in self.live():
            self.phone.unblock(PEOPLE[person][0])
            self.drifted.add(person)

    @rule(person=people, recently=st.booleans())
    def write(self, person: int, recently: bool) -> None:
        """Let somebody have written in the last 24 hours, or not."""
        self.phone.contact(PEOPLE[person][0], messaged_recently=recently)

    @rule(
        kind=st.sampled_from(FAULT_KINDS),
        on=st.sampled_from(["block", "unblock", "list", None]),
        times=st.integers(1, 4),
        after=st.integers(0, 2),
    )
    def break_something(self, kind: str, on: str | None, times: int, after: int) -> None:
        """Ask for a fault; a listing that lies does so once."""
        if kind == "short_list":
            if any(fault.kind == kind for fault in self.phone.faults()):
                return
            times = 1
        self.fault(kind, on, times, after)

    # runs

    @rule(how=hows)
    def up(self, how: How) -> None:
        """Bring the program up, whatever happens meanwhile."""
        program = self.resources()
        before, theirs, recorded = self.live(), set(self.maybe_ours), self.recorded()
        self.maybe_ours |= self.declared
        clean = self.clean(how)
        ran = self.observe(lambda: self.engine.up(program, how))

        blocked, unblocked = self.sent("block"), self.sent("unblock")
        assert blocked <= self.declared, "somebody was blocked whom nobody declares"
        assert not unblocked & self.declared, "somebody was unblocked who is declared"
        if not self.exclusive:
            assert unblocked <= theirs, "somebody was unblocked who was never declared"
        ended = {person for entry in ran.deleted for person in owned(entry)}
        assert ended & self.declared & self.live() <= self.recorded(), "somebody moved, and no resource records it"
        if how.stop_after is not None or how.left_out is not None:
            # a list that gave somebody away may be updated, and the one that takes them not begun
            self.ours -= (recorded - self.recorded()) & self.declared
        self.settle(before, ran, how)
        if clean:
            self.converged(ran)

    @rule()
    def up_undisturbed(self) -> None:
        """Bring the program up when all is well."""
        self.phone.clear_faults()
        self.up(How())

    @rule(name=st.sampled_from(CONTACTS + LISTS), person=people, order=st.integers(0, 5))
    def move_to_one_left_out(self, name: str, person: int, order: int) -> None:
        """Let somebody move to a resource that the run leaves out."""
        self.up_undisturbed()
        self.declare(name, person, 0)
        (place,) = (place for place, declared in enumerate(self.program.values()) if person in declared.people)
        self.up(How(order=order, keep_going=True, left_out=place))

    @rule(kind=st.sampled_from(["lost_answer", "garbage", "outage"]), on=st.sampled_from(["block", "unblock"]))
    def up_disturbed(self, kind: str, on: str) -> None:
        """Bring the program up, and let every answer of one kind fail."""
        self.phone.clear_faults()
        self.phone.fault(kind, on=on, times=None)
        self.up(How())
        self.phone.clear_faults()

    @rule(how=hows, unknown=st.sampled_from([None, *CONTACTS, *LISTS]))
    def preview(self, how: How, unknown: str | None) -> None:
        """Preview the program, with something in it unknown."""
        if unknown in self.program and self.exclusive:
            unknown = None
        program = {name: declared.resource(name, unknown=name == unknown) for name, declared in self.program.items()}
        self.observe(lambda: self.engine.preview(program, how))
        assert {request.operation for request in self.world.requests()} <= {"list"}

    @rule(how=hows)
    def refresh(self, how: How) -> None:
        """Refresh the state."""
        before = self.live()
        clean = self.clean(how)
        ran = self.observe(lambda: self.engine.refresh(how))
        assert {request.operation for request in self.world.requests()} <= {"list"}
        self.seen(ran, refreshed=True)
        self.settle(before, ran, how)
        if clean:
            assert ran or all("twice in a row" in error for error in ran.errors.values()), ran

    @rule(how=hows)
    def destroy(self, how: How) -> None:
        """Destroy the stack."""
        before = self.live()
        clean = self.clean(how)
        ran = self.observe(lambda: self.engine.destroy(how))
        assert not self.sent("block")
        assert self.sent("unblock") <= self.maybe_ours, "somebody was unblocked who was never declared"
        # by a move that was cut short two resources have somebody, and only one of them may have ended
        self.drifted |= {person for entry in ran.deleted for person in owned(entry)} & before - self.live()
        self.settle(before, ran, how)
        if ran and clean:
            assert self.engine.state == []
            assert not self.ours & self.live(), "somebody who was declared is still blocked"
            self.ours.clear()
            self.maybe_ours.clear()
        if clean:
            assert ran or (how.refresh and any("twice in a row" in error for error in ran.errors.values())), ran

    # what holds

    def live(self) -> set[int]:
        """Who is blocked."""
        return who(self.phone.blocked())

    def sent(self, operation: str) -> set[int]:
        """Whom the last run named in requests."""
        return sent(self.world.requests(), operation)

    def observe(self, run: Callable[[], Ran]) -> Ran:
        """Run, and look for credentials and secret contacts in what is left behind."""
        hidden = self.hidden()
        self.phone.clear_requests()
        ran = run()
        said = self.said(ran)
        if not (self.exclusive or any(exclusive(entry) for entry in self.engine.state)):
            texts = " ".join([*said, *reasons(self.engine.state)])
            for person in hidden:
                assert PEOPLE[person][0].removeprefix("+") not in texts, f"a secret contact was named: {texts}"
        return ran

    def hidden(self) -> set[int]:
        """Return who is a secret wherever they are declared or recorded."""
        everywhere: dict[int, list[bool]] = {}
        for declared in self.program.values():
            for person in declared.people:
                everywhere.setdefault(person, []).append(declared.secret)
        for entry in self.engine.state:
            for person in who(contacts(entry)):
                everywhere.setdefault(person, []).append(bool(entry.outputs.get("secret")))
        return {person for person, secret in everywhere.items() if all(secret)}

    def settle(self, before: set[int], ran: Ran, how: How) -> None:
        """Check the state against the phone after any run, and take over what the run has settled."""
        now = self.live()
        let_go = {
            person
            for request in self.world.requests("unblock")
            if request.fault in _SETTLES_AN_UNBLOCK
            for person in sent([request], "unblock")
        }
        self.ours -= let_go | (before - now)
        self.ours -= refused(self.engine.state)
        self.ours &= now | self.recorded()
        self.drifted -= now
        if how.kill is not None or any(ran.steps.get(name) == "delete" for name in ran.errors):
            self.drifted |= before - now  # what a killed step, or a failed deletion, did is nowhere recorded
        if how.refresh:
            self.seen(ran, refreshed="read" in ran.steps.values())
        if how.kill is None:
            assert now - before <= self.recorded(), "somebody was blocked, and no resource records it"
            self.ours |= now - before
        certain = {person for entry in self.engine.state for person in sure(entry) if not entry.delete}
        assert certain & self.declared <= now | self.drifted, "somebody is recorded as blocked who is not"

    def seen(self, ran: Ran, *, refreshed: bool) -> None:
        """Take over what a refresh noticed."""
        if self.lists and refreshed:
            self.ours &= self.recorded() | self.live()
            if ran and self.clean(How()):
                self.ours -= self.drifted
                self.drifted.clear()

    def recorded(self) -> set[int]:
        """Who is the stack's by its state."""
        return {person for entry in self.engine.state for person in owned(entry)}

    def converged(self, ran: Ran) -> None:
        """Check what an update without any fault came to."""
        live = self.live()
        if not ran:
            failed = {state for failures in ran.failed.values() for state in failures.values()}
            refusals = [text for text in ran.errors.values() if "131047" in text]
            vanished = [text for text in ran.errors.values() if "twice in a row" in text]
            assert failed <= {"refused"} or all("131047" in why for why in reasons(self.engine.state)), ran
            assert len(refusals) + len(vanished) == len(ran.errors), ran
            return
        no = refused(self.engine.state)
        wanted = self.declared - no
        if self.exclusive:
            assert live - no == wanted, "the live list is not the declared one"
        else:
            assert wanted <= live | self.drifted, "somebody who is declared is not blocked"
            assert not (self.ours - self.declared) & live, "somebody who was let go is still blocked"
        assert self.recorded() == wanted, "the state does not hold what is declared"
        assert not any(entry.delete for entry in self.engine.state)
        steps = self.engine.preview(self.resources(), How()).steps
        assert set(steps.values()) <= {"same"}, f"a second preview is not empty: {steps}"
        self.ours = set(wanted)
        self.maybe_ours = set(self.declared)
