"""Random programs, random events on the phone and in the network, and what must hold after each run.

The machine keeps a model of its own beside the stack's state: who is declared, who may be the stack's, who must be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .engine import How, RunRecord
from .network import Kill
from .people import OWN_ID, PEOPLE, introduce, sent, who
from .programs import NAMES, Programs, people
from .recorded import contacts, exclusive, owned, reasons, surely_blocked, told_to_go, undecided
from .stage import FAULT_KINDS, hows

_CUTS = (
    How(stop_after=1),
    How(raises_after=1),
    How(raises_after=5),
    How(kill=Kill(at=0, done=False)),
    How(kill=Kill(at=1, done=True)),
)
"""How a run may end before its deletions do."""


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
            self.world.forget([person])
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

    @rule(how=hows(NAMES), previewed=st.booleans())
    def up(self, how: How, previewed: bool) -> None:
        """Bring the program up, whatever happens meanwhile."""
        program = self.resources()
        promised = self.promised(how) if previewed and not self.phone.faults() else None
        before, theirs, was = self.live(), set(self.maybe_ours), list(self.engine.state)
        aimed = {person for name, one in self.program.items() if how.aims_at(name) for person in one.people}
        self.maybe_ours |= aimed
        clean = self.clean(how)
        settled = not undecided(was)
        ran = self.observe(lambda: self.engine.up(program, how))

        blocked, unblocked = self.sent("block"), self.sent("unblock")
        assert ran.early == 0, "somebody was unblocked by another step than a delete"
        assert blocked <= aimed, "somebody was blocked whom nothing of the run declares"
        assert not unblocked & self.declared, "somebody was unblocked who is declared"
        assert unblocked <= theirs | self.named(ran, before), "somebody was unblocked who is nobody's"
        assert promised is None or unblocked <= promised, "somebody was unblocked whom the preview did not name"
        ended = {person for entry in ran.deleted for person in owned(entry)}
        assert ended & self.declared & self.live() <= self.recorded(), "somebody moved, and no resource records it"
        self.settle(before, ran, how)
        if clean:
            # a new exclusive list leaves strangers be, and so does one of which somebody may be among them
            only = settled and any(exclusive(old) for old in ran.compared.values())
            self.converged(ran, only=only or before <= theirs | self.declared)

    def promised(self, how: How) -> set[int]:
        """Preview a run; returns who may be unblocked by it, by what the preview shows."""
        uncut = replace(how, kill=None, stop_after=None, raises_after=None, skipped=None)
        ran = self.observe(lambda: self.engine.preview(self.resources(), uncut))
        named = told_to_go(self.world.report.infos)
        # an id that no rule explains may be known to what goes alone, or to nobody before somebody is blocked
        goes = any(entry.delete or entry.name not in self.program for entry in self.engine.state)
        unknown = OWN_ID if goes or self.exclusive else set()
        left = named & self.declared - unknown
        assert not left or how.targets is not None, f"a preview lets somebody go who is declared: {left}"
        rows = set()  # a list that is replaced names who goes; of all else the row says it
        for entry in self.engine.state:
            step = ran.steps.get(entry.name)
            told = step == "replace" and entry.kind == "Blocklist" and entry.name not in how.replaced
            if entry.delete or step == "delete" or (step == "replace" and not told):
                rows |= owned(entry)
        return named | rows

    def named(self, ran: RunRecord, before: set[int]) -> set[int]:
        """Return the strangers that a run may unblock: it compared an exclusive list that stays one."""
        stays = any(
            exclusive(old) and name in self.program and self.program[name].exclusive
            for name, old in ran.compared.items()
        )
        return before if stays else set()

    @rule()
    def up_undisturbed(self) -> None:
        """Bring the program up when all is well."""
        self.phone.clear_faults()
        self.up(How(), previewed=True)

    @rule(name=st.sampled_from(NAMES), person=people, order=st.integers(0, 5), checked=st.booleans())
    def move_to_one_left_out(self, name: str, person: int, order: int, checked: bool) -> None:
        """Let somebody move to a resource that the run skips, or does not even check."""
        self.up_undisturbed()
        self.declare(name, person, 0)
        (takes,) = (taker for taker, declared in self.program.items() if person in declared.people)
        how = How(order=order, keep_going=True)
        if checked:
            self.up(replace(how, skipped=list(self.program).index(takes)), previewed=False)
        else:
            self.up(replace(how, targets=frozenset(NAMES) - {takes}), previewed=True)

    @rule(name=st.sampled_from(NAMES), person=people, cut=st.sampled_from(_CUTS), refreshed=st.booleans())
    def come_back(self, name: str, person: int, cut: How, refreshed: bool) -> None:
        """Let somebody go in a run that is cut short, and declare them again before what is left is deleted."""
        self.up_undisturbed()
        self.drop(person)
        self.up(cut, previewed=False)
        if refreshed:
            self.refresh(How())
        self.declare(name, person, 0)
        self.up_undisturbed()

    @rule(kind=st.sampled_from(["lost_answer", "garbage", "outage"]), on=st.sampled_from(["block", "unblock"]))
    def up_disturbed(self, kind: str, on: str) -> None:
        """Bring the program up, and let every answer of one kind fail."""
        self.phone.clear_faults()
        self.phone.fault(kind, on=on, times=None)
        self.up(How(), previewed=False)
        self.phone.clear_faults()

    @rule(how=hows(NAMES), unknown=st.sampled_from([None, *NAMES]))
    def preview(self, how: How, unknown: str | None) -> None:
        """Preview the program, with something in it unknown."""
        if unknown in self.program and self.exclusive:
            unknown = None
        program = {name: declared.resource(name, unknown=name == unknown) for name, declared in self.program.items()}
        self.observe(lambda: self.engine.preview(program, how))
        assert {request.operation for request in self.world.requests()} <= {"list"}

    @rule(how=hows(NAMES))
    def refresh(self, how: How) -> None:
        """Refresh the state."""
        before = self.live()
        clean = self.clean(how)
        ran = self.observe(lambda: self.engine.refresh(how))
        assert {request.operation for request in self.world.requests()} <= {"list"}
        self.settle(before, ran, how)
        if clean:
            assert ran or all("twice in a row" in error for error in ran.errors.values()), ran

    @rule(how=hows(NAMES))
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

    def observe(self, run: Callable[[], RunRecord]) -> RunRecord:
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

    def settle(self, before: set[int], ran: RunRecord, how: How) -> None:
        """Check the state against the phone after any run, and take over what the run has settled."""
        now = self.live()
        self.world.forget(before - now)
        self.ours -= before - now
        assert self.ours & now <= self.recorded(), "somebody is blocked by the stack, and no resource records it"
        self.drifted -= now
        if how.kill is not None or ran.undone:
            self.drifted |= before - now  # what a killed step, or a failed deletion, did is nowhere recorded
        if ran.refreshed:
            self.seen(ran)
        if how.kill is None:
            assert now - before <= self.recorded(), "somebody was blocked, and no resource records it"
            self.ours |= now - before
        certain = {person for entry in self.engine.state for person in surely_blocked(entry) if not entry.delete}
        assert certain & self.declared <= now | self.drifted, "somebody is recorded as blocked who is not"

    def seen(self, ran: RunRecord) -> None:
        """Take over what a refresh noticed."""
        if self.lists and ran and self.clean(How()):
            self.ours -= self.drifted
            self.drifted.clear()

    def recorded(self) -> set[int]:
        """Who is the stack's by its state."""
        return {person for entry in self.engine.state for person in owned(entry)}

    def converged(self, ran: RunRecord, *, only: bool) -> None:
        """Check what an update without any fault came to.

        Args:
            ran: the update.
            only: whether an exclusive list has let everybody go whom nobody declares.
        """
        if ran.errors:
            assert all("twice in a row" in text for text in ran.errors.values()), ran
            return
        failed = who(contact for entry in self.engine.state for contact in entry.outputs.get("failed") or ())
        assert all("131047" in why for why in reasons(self.engine.state)), "somebody failed without a reason"
        live, wanted = self.live(), self.declared - failed
        assert wanted <= live | self.drifted, "somebody who is declared is not blocked"
        assert not (self.ours - self.declared) & live, "somebody who was let go is still blocked"
        assert not (self.exclusive and only) or live - failed == wanted, "the live list is not the declared one"
        assert self.recorded() - failed == wanted, "the state does not hold what is declared"
        assert not any(entry.delete for entry in self.engine.state)
        self.ours = set(wanted)
        self.maybe_ours = set(self.declared)
        if ran and (only or not self.exclusive):
            self.still()

    def still(self) -> None:
        """Check that there is nothing left to do."""
        steps = self.observe(lambda: self.engine.preview(self.resources(), How())).steps
        assert set(steps.values()) <= {"same"}, f"a second preview is not empty: {steps}"
        assert self.observe(lambda: self.engine.up(self.resources(), How()))
        assert {request.operation for request in self.world.requests()} <= {"list"}, "a second update sends something"
