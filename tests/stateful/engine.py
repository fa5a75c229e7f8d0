"""What Pulumi's engine does in one run, in small: registrations, then deletions, with the state saved after each step.

A step that fails changes nothing in the state. A process that is killed leaves the state as its last finished step did,
although the step under way may have taken effect.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from pulumi_whatsapp.account.accounts import Accounts, ProgramResource
from pulumi_whatsapp.account.claims import Declarer
from pulumi_whatsapp.dynamic.blocked_contact import BlockedContactProvider
from pulumi_whatsapp.dynamic.blocklist import BlocklistProvider
from pulumi_whatsapp.dynamic.privacy_setting import PrivacySettingProvider
from pulumi_whatsapp.errors import Unavailable, WhatsAppError
from pulumi_whatsapp.lifecycle import contact
from pulumi_whatsapp.lifecycle.inputs import Inputs, Props
from pulumi_whatsapp.lifecycle.protocol import Lifecycle

from ..contract.stack import Declarations, DeclaredResource
from .network import Kill, MortalWorld

_PROVIDERS: Mapping[str, Any] = {
    "BlockedContact": BlockedContactProvider,
    "Blocklist": BlocklistProvider,
    "PrivacySetting": PrivacySettingProvider,
}

_INSTANCES = count()


@dataclass(frozen=True)
class How:
    """How a run goes.

    Attributes:
        order: seeds the order in which the engine hears of resources.
        parallel: whether steps are under way at once; the engine compares one resource after the other all the same.
        refresh: read everything first.
        keep_going: after a failed step go on with the others, deletions included (``--continue-on-error``).
        targets: the names that the run is about (``--target``); of all others nothing is checked.
        replaced: the names that are replaced whatever the comparison says (``--replace``).
        delete_first: a replacement deletes before it creates, as a transformation may ask.
        skipped: do no step of the resource in this place of the program: what it depends on has failed.
        raises_after: the program raises after so many resources.
        stop_after: begin no step after so many: Ctrl-C.
        kill: kill the process.
    """

    order: int = 0
    parallel: bool = False
    refresh: bool = False
    keep_going: bool = False
    targets: frozenset[str] | None = None
    replaced: frozenset[str] = frozenset()
    delete_first: bool = False
    skipped: int | None = None
    raises_after: int | None = None
    stop_after: int | None = None
    kill: Kill | None = None

    def aims_at(self, name: str) -> bool:
        """Return whether the run is about a resource."""
        return self.targets is None or name in self.targets


@dataclass
class StateEntry:
    """A resource in the state; ``delete`` marks one whose replacement exists, ``instance`` tells it from any other."""

    name: str
    kind: str
    instance: str
    inputs: Props
    outputs: Props
    delete: bool = False


@dataclass
class RunRecord:
    """What came of a run.

    Attributes:
        steps: what was begun, by name; what was replaced before has a name of its own.
        errors: what a step raised, by name.
        failed: who is not as declared, by the name of a resource that was created or updated: the program then fails.
        compared: what a resource was compared with, as it was then.
        refreshed: whether everything was read.
        read: what a refresh has recorded anew.
        written: what was created or updated, and recorded.
        deleted: what was deleted, with the outputs that it had.
        undone: what a deletion was begun of, and is still there.
        early: how many requests to unblock came before the deletions.
        cut: whether the process was killed, or the run interrupted.
    """

    steps: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    compared: dict[str, StateEntry] = field(default_factory=dict)
    refreshed: bool = False
    read: list[StateEntry] = field(default_factory=list)
    written: list[StateEntry] = field(default_factory=list)
    deleted: list[StateEntry] = field(default_factory=list)
    undone: list[StateEntry] = field(default_factory=list)
    early: int = 0
    cut: bool = False

    def __bool__(self) -> bool:
        """Whether all went well."""
        return not (self.errors or self.failed or self.cut)


class ModelEngine:
    """One stack and its state."""

    def __init__(self, world: MortalWorld) -> None:
        self.world = world
        self.state: list[StateEntry] = []

    def up(self, program: Declarations, how: How) -> RunRecord:
        """Make it so."""
        return self._run(lambda run: run.up(), how, program)

    def preview(self, program: Declarations, how: How) -> RunRecord:
        """Return the step that each resource would get."""
        real, self.state = self.state, deepcopy(self.state)
        try:
            return self._run(lambda run: run.preview(), how, program)
        finally:
            self.state = real

    def refresh(self, how: How) -> RunRecord:
        """Read every resource."""
        return self._run(lambda run: run.read_all(), how)

    def destroy(self, how: How) -> RunRecord:
        """Delete every resource. The program does not run."""
        return self._run(lambda run: run.destroy(), how)

    def _run(self, work: Callable[[_Run], Awaitable[None]], how: How, program: Declarations | None = None) -> RunRecord:
        ran = RunRecord()
        answers = self.world.program = _Answers(self, program or {})

        async def run(accounts: Accounts) -> bool:
            await work(_Run(self, accounts, how, ran, answers))
            return True

        if not self.world.process(run, how.kill):
            ran.cut = True
        if not answers.ended:
            ran.early = len(self.world.requests("unblock"))
        return ran


class _Answers:
    """The program, as the provider asks it; see `pulumi_whatsapp.account.accounts.Program`.

    Args:
        engine: whose state has the ids.
        program: what it declares; a destroy runs none.
    """

    def __init__(self, engine: ModelEngine, program: Declarations) -> None:
        self._engine = engine
        self.program = program
        self.ended = False

    async def left_out(self, checked: Set[str]) -> Sequence[ProgramResource]:
        """Return the program's resources beside those that were checked."""
        if not self.ended:
            raise Unavailable("the program has not ended")
        return [self._told(name, resource) for name, resource in self.program.items() if name not in checked]

    def _told(self, name: str, resource: DeclaredResource) -> ProgramResource:
        inputs = resource.inputs
        there = (entry.instance for entry in self._engine.state if entry.name == name and not entry.delete)
        contacts = [inputs["phone"]] if "phone" in inputs else inputs.get("contacts")
        return ProgramResource(_label(name, resource), None, True, contacts, inputs.get("setting"), next(there, None))


class _Run:
    def __init__(self, engine: ModelEngine, accounts: Accounts, how: How, ran: RunRecord, answers: _Answers) -> None:
        self._engine = engine
        self._world = engine.world
        self._accounts = accounts
        self._how = how
        self._ran = ran
        self._answers = answers
        self._program = answers.program
        self._begun = 0
        self._planning = asyncio.Lock()

    async def up(self) -> None:
        ran, how = self._ran, self._how
        if how.refresh:
            await self.read_all()
            if ran.errors or ran.cut:
                return
        heard = self._shuffled(self._program)[: how.raises_after]
        await self._each(heard, self._register)
        if how.raises_after is not None:
            ran.errors["the program"] = "it raised"
        if ran.cut or how.raises_after is not None or (ran.errors and not how.keep_going):
            return
        await self._delete_all([entry for entry in self._engine.state if self._goes(entry)])

    async def preview(self) -> None:
        self._accounts.preview = True
        if self._how.refresh:
            await self.read_all()
            if self._ran.errors or self._ran.cut:
                return

        async def plan(name: str) -> None:
            if self._how.aims_at(name):
                self._ran.steps[name], _ = await self._plan(name)

        await self._each(self._shuffled(self._program), plan)
        for entry in self._engine.state:
            if self._goes(entry):
                self._ran.steps[_of(entry)] = "delete"

    async def read_all(self) -> None:
        async def read(entry: StateEntry) -> None:
            self._ran.steps[_of(entry)] = "read"
            outputs = await self._read(entry)
            if outputs is not None:  # for its display, the engine compares what it has read with the last inputs
                await self._lifecycle(entry.kind).diff(_saved(outputs), _saved(entry.inputs), self._accounts)
            if self._world.wire.dead:
                return
            if outputs is None:
                self._engine.state.remove(entry)
            else:
                entry.outputs = _saved(outputs)
                given = {name: entry.outputs[name] for name in self._given_back(entry) if name in entry.outputs}
                entry.inputs = given or entry.inputs
                self._ran.read.append(entry)

        await self._each([entry for entry in self._engine.state if self._how.aims_at(entry.name)], read)
        self._ran.refreshed = self._how.targets is None and bool(self._ran)

    async def destroy(self) -> None:
        if self._how.refresh:
            await self.read_all()
            if self._ran.errors or self._ran.cut:
                return
        await self._delete_all([entry for entry in self._engine.state if self._how.aims_at(entry.name)])

    def _goes(self, entry: StateEntry) -> bool:
        return self._how.aims_at(entry.name) and (entry.delete or entry.name not in self._program)

    async def _delete_all(self, entries: Sequence[StateEntry]) -> None:
        self._answers.ended = True
        self._ran.early = len(self._world.requests("unblock"))

        async def delete(entry: StateEntry) -> None:
            if self._begins(_of(entry), "delete"):
                await self._delete(entry)

        await self._each(self._shuffled(entries), delete)

    async def _delete(self, entry: StateEntry) -> None:
        self._ran.undone.append(entry)
        await self._lifecycle(entry.kind).delete(entry.instance, _saved(entry.outputs), self._accounts)
        if not self._world.wire.dead:
            self._ran.undone.remove(entry)
            self._engine.state.remove(entry)
            self._ran.deleted.append(entry)

    async def _register(self, name: str) -> None:
        if not self._how.aims_at(name):
            return
        async with self._planning:
            step, news = await self._plan(name)
        if self._how.skipped is not None and list(self._program).index(name) == self._how.skipped:
            self._ran.errors[name] = "skipped"
            return
        if not self._begins(name, step) or step == "same":
            return
        old = self._current(name)
        if step == "replace" and old is not None and self._how.delete_first:
            await self._delete(old)
        resource = self._lifecycle(self._program[name].kind)
        if step == "update" and old is not None:
            outputs = await resource.update(_saved(old.outputs), news, self._accounts)
        else:
            _, outputs = await resource.create(news, self._accounts)
        if not self._world.wire.dead:
            self._write(name, step, old, news, outputs)

    def _write(self, name: str, step: str, old: StateEntry | None, news: Props, outputs: Props) -> None:
        if step == "replace" and old is not None:
            old.delete = True
        if step == "update" and old is not None:
            entry = old
            entry.inputs, entry.outputs = _saved(news), _saved(outputs)
        else:
            entry = StateEntry(name, self._program[name].kind, str(next(_INSTANCES)), _saved(news), _saved(outputs))
            self._engine.state.append(entry)
        self._ran.written.append(entry)
        failed = {who: failure["state"] for who, failure in (outputs.get("failed") or {}).items()}
        if news.get("allowFailures"):
            failed = {who: state for who, state in failed.items() if state != "refused"}
        if failed:
            self._ran.failed[name] = failed

    async def _plan(self, name: str) -> tuple[str, Props]:
        resource, old = self._program[name], self._current(name)
        inputs = self._check(name, _saved(old.inputs) if old else {})
        if old is None:
            if self._accounts.preview:
                await self._lifecycle(resource.kind).announce(inputs)
            return "create", inputs.checked
        if name not in self._how.replaced:
            self._ran.compared[name] = deepcopy(old)
            found = await self._lifecycle(old.kind).diff(_saved(old.outputs), inputs.checked, self._accounts)
            if not found.replaces:
                return "update" if found.changes else "same", inputs.checked
        return "replace", self._check(name, {}).checked

    def _check(self, name: str, olds: Props) -> Inputs:
        resource = self._program[name]
        given = dict(resource.inputs)
        secret = bool(given.pop("secret", False))
        by = Declarer(name, _label(name, resource), self._accounts.preview, secret)
        inputs = self._lifecycle(resource.kind).check(given, olds, self._accounts, by)
        assert not inputs.failures, inputs.failures
        return inputs

    def _current(self, name: str) -> StateEntry | None:
        return next((entry for entry in self._engine.state if entry.name == name and not entry.delete), None)

    def _begins(self, name: str, step: str) -> bool:
        stop = self._how.stop_after
        if stop is not None and self._begun >= stop:
            self._ran.cut = True
            return False
        self._begun += step != "same"
        self._ran.steps[name] = step
        return True

    def _shuffled(self, items: Any) -> list[Any]:
        shuffled = list(items)
        random.Random(self._how.order).shuffle(shuffled)
        return shuffled

    async def _each(self, items: Sequence[Any], work: Callable[[Any], Awaitable[None]]) -> None:
        async def safely(item: Any) -> None:
            try:
                await work(item)
            except WhatsAppError as error:
                self._ran.errors[item if isinstance(item, str) else _of(item)] = str(error)

        if self._how.parallel:
            await asyncio.gather(*map(safely, items))
            return
        for item in items:
            await safely(item)
            if self._ran.cut or (self._ran.errors and not self._how.keep_going):
                return

    async def _read(self, entry: StateEntry) -> Props | None:
        held = _saved(entry.outputs)
        seen = contact.read_seen(held, self._accounts) if entry.kind == "BlockedContact" else None
        return seen or await self._lifecycle(entry.kind).read(held, self._accounts)

    def _lifecycle(self, kind: str) -> Lifecycle:
        found: Lifecycle = _PROVIDERS[kind].lifecycle
        return found

    def _given_back(self, entry: StateEntry) -> Sequence[str]:
        names: Sequence[str] = _PROVIDERS[entry.kind].inputs
        return names


def _of(entry: StateEntry) -> str:
    return f"{entry.name} (replaced)" if entry.delete else entry.name


def _label(name: str, resource: DeclaredResource) -> str:
    return f"{resource.kind} {name!r}"


def _saved(props: Props) -> Props:
    """Return properties as a state file gives them back; nothing that is unknown can stand in one."""
    found: Props = json.loads(json.dumps({key: value for key, value in props.items() if value is not None}))
    return found
