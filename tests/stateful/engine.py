"""What Pulumi's engine does in one run, in small: registrations, then deletions, with the state saved after each step.

A step that fails changes nothing in the state. A process that is killed leaves the state as its last finished step did,
although the step under way may have taken effect.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_whatsapp.account.accounts import Accounts
from pulumi_whatsapp.errors import WhatsAppError
from pulumi_whatsapp.lifecycle import blocklist, contact, privacy
from pulumi_whatsapp.lifecycle.diff import Diff
from pulumi_whatsapp.lifecycle.inputs import Inputs, Props

from ..contract.stack import Resource
from .network import Kill, MortalWorld

_MODULES: Mapping[str, Any] = {"BlockedContact": contact, "Blocklist": blocklist, "PrivacySetting": privacy}

Program = Mapping[str, Resource]


@dataclass(frozen=True)
class How:
    """How a run goes.

    Attributes:
        order: seeds the order in which the engine hears of resources.
        parallel: whether steps are under way at once.
        refresh: read everything first.
        keep_going: after a failed step go on with the others, deletions included.
        left_out: do no step of the resource in this place of the program, as if what it depends on had failed.
        stop_after: begin no step after so many: Ctrl-C.
        kill: kill the process.
    """

    order: int = 0
    parallel: bool = False
    refresh: bool = False
    keep_going: bool = False
    left_out: int | None = None
    stop_after: int | None = None
    kill: Kill | None = None


@dataclass
class Entry:
    """A resource in the state; ``delete`` marks one whose replacement exists."""

    name: str
    kind: str
    inputs: Props
    outputs: Props
    delete: bool = False


@dataclass
class Ran:
    """What came of a run.

    Attributes:
        steps: what was begun, by name.
        errors: what a step raised, by name.
        failed: who is not as declared, by the name of a resource that was created or updated: the program then fails.
        read: what a refresh has recorded anew.
        written: what was created or updated, and recorded.
        deleted: what was deleted, with the outputs that it had.
        cut: whether the process was killed, or the run interrupted.
    """

    steps: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    failed: dict[str, dict[str, str]] = field(default_factory=dict)
    read: list[Entry] = field(default_factory=list)
    written: list[Entry] = field(default_factory=list)
    deleted: list[Entry] = field(default_factory=list)
    cut: bool = False

    def __bool__(self) -> bool:
        """Whether all went well."""
        return not (self.errors or self.failed or self.cut)


class Engine:
    """One stack and its state."""

    def __init__(self, world: MortalWorld) -> None:
        self.world = world
        self.state: list[Entry] = []

    def up(self, program: Program, how: How) -> Ran:
        """Make it so."""
        return self._run(lambda run: run.up(program), how)

    def preview(self, program: Program, how: How) -> Ran:
        """Return the step that each resource would get."""
        return self._run(lambda run: run.preview(program), how)

    def refresh(self, how: How) -> Ran:
        """Read every resource."""
        return self._run(lambda run: run.read_all(), how)

    def destroy(self, how: How) -> Ran:
        """Delete every resource."""
        return self._run(lambda run: run.destroy(), how)

    def _run(self, work: Callable[[_Run], Awaitable[None]], how: How) -> Ran:
        ran = Ran()

        async def run(accounts: Accounts) -> bool:
            await work(_Run(self, accounts, how, ran))
            return True

        if not self.world.process(run, how.kill):
            ran.cut = True
        return ran


class _Run:
    def __init__(self, engine: Engine, accounts: Accounts, how: How, ran: Ran) -> None:
        self._engine = engine
        self._world = engine.world
        self._accounts = accounts
        self._how = how
        self._ran = ran
        self._begun = 0

    async def up(self, program: Program) -> None:
        if self._how.refresh:
            await self.read_all()
            if self._ran.errors or self._ran.cut:
                return
        await self._each(list(program), lambda name: self._register(name, program))
        ran = self._ran
        if ran.cut or ran.failed or (ran.errors and not self._how.keep_going):
            return
        await self._delete_all([entry for entry in self._engine.state if entry.delete or entry.name not in program])

    async def preview(self, program: Program) -> None:
        async def plan(name: str) -> None:
            step, _ = await self._plan(name, program)
            self._ran.steps[name] = step

        await self._each(list(program), plan)
        for entry in self._engine.state:
            if entry.delete or entry.name not in program:
                self._ran.steps[entry.name] = "delete"

    async def read_all(self) -> None:
        async def read(entry: Entry) -> None:
            self._ran.steps[entry.name] = "read"
            outputs = await self._read(entry)
            if self._world.wire.dead:
                return
            if outputs is None:
                self._engine.state.remove(entry)
            else:
                entry.outputs = _saved(outputs)
                self._ran.read.append(entry)

        await self._each([entry for entry in self._engine.state if not entry.delete], read)

    async def destroy(self) -> None:
        if self._how.refresh:
            await self.read_all()
            if self._ran.errors or self._ran.cut:
                return
        await self._delete_all(list(self._engine.state))

    async def _delete_all(self, entries: Sequence[Entry]) -> None:
        async def delete(entry: Entry) -> None:
            if self._begins(entry.name, "delete"):
                await _MODULES[entry.kind].delete(_saved(entry.outputs), self._accounts, self._world.report)
                if not self._world.wire.dead:
                    self._engine.state.remove(entry)
                    self._ran.deleted.append(entry)

        await self._each(entries, delete)

    async def _register(self, name: str, program: Program) -> None:
        step, news = await self._plan(name, program)
        if self._how.left_out is not None and list(program).index(name) == self._how.left_out:
            self._ran.errors[name] = "left out"
            return
        if not self._begins(name, step) or step == "same":
            return
        old = self._current(name)
        kind = program[name].kind
        if step == "update" and old is not None:
            outputs = await self._update(old, news)
        else:
            outputs = await self._create(kind, news)
        if self._world.wire.dead:
            return
        if step == "replace" and old is not None:
            old.delete = True
        if step == "update" and old is not None:
            entry = old
            entry.inputs, entry.outputs = _saved(news), _saved(outputs)
        else:
            entry = Entry(name, kind, _saved(news), _saved(outputs))
            self._engine.state.append(entry)
        self._ran.written.append(entry)
        failed = {who: failure["state"] for who, failure in (outputs.get("failed") or {}).items()}
        if news.get("allowFailures"):
            failed = {who: state for who, state in failed.items() if state != "refused"}
        if failed:
            self._ran.failed[name] = failed

    async def _plan(self, name: str, program: Program) -> tuple[str, Props]:
        resource, old = program[name], self._current(name)
        if resource.kind == "Blocklist":
            self._tell_of_others(name, program)
        inputs: Inputs = _MODULES[resource.kind].check(
            dict(resource.inputs), _saved(old.inputs) if old else {}, self._accounts
        )
        assert not inputs.failures, inputs.failures
        if resource.kind == "Blocklist" and old is None:
            await blocklist.announce(inputs, self._world.report)
        if resource.kind == "PrivacySetting" and old is None:
            privacy.announce(inputs, self._world.report)
        if old is None:
            return "create", inputs.checked
        found = await self._diff(old, inputs.checked)
        return "replace" if found.replaces else "update" if found.changes else "same", inputs.checked

    def _tell_of_others(self, name: str, program: Program) -> None:
        """Claim what the program's other resources declare, as the transient input of a list does."""
        for other, resource in program.items():
            if other != name and resource.kind != "PrivacySetting":
                _MODULES[resource.kind].check(dict(resource.inputs), {}, self._accounts)

    def _current(self, name: str) -> Entry | None:
        return next((entry for entry in self._engine.state if entry.name == name and not entry.delete), None)

    def _begins(self, name: str, step: str) -> bool:
        stop = self._how.stop_after
        if stop is not None and self._begun >= stop:
            self._ran.cut = True
            return False
        self._begun += step != "same"
        self._ran.steps[name] = step
        return True

    async def _each(self, items: Sequence[Any], work: Callable[[Any], Awaitable[None]]) -> None:
        items = list(items)
        random.Random(self._how.order).shuffle(items)

        async def safely(item: Any) -> None:
            try:
                await work(item)
            except WhatsAppError as error:
                self._ran.errors[item if isinstance(item, str) else item.name] = str(error)

        if self._how.parallel:
            await asyncio.gather(*map(safely, items))
            return
        for item in items:
            await safely(item)
            if self._ran.cut or (self._ran.errors and not self._how.keep_going):
                return

    async def _diff(self, old: Entry, news: Props) -> Diff:
        held = _saved(old.outputs)
        if old.kind == "BlockedContact":
            return contact.diff(held, news, self._accounts)
        diff = blocklist.diff if old.kind == "Blocklist" else privacy.diff
        return await diff(held, news, self._accounts, self._world.report)

    async def _create(self, kind: str, news: Props) -> Props:
        if kind == "Blocklist":
            return await blocklist.create(news, self._accounts, self._world.report)
        if kind == "BlockedContact":
            return (await contact.create(news, self._accounts, self._world.report))[1]
        return (await privacy.create(news, self._accounts))[1]

    async def _update(self, old: Entry, news: Props) -> Props:
        held = _saved(old.outputs)
        if old.kind == "PrivacySetting":
            return await privacy.update(held, news, self._accounts)
        update = blocklist.update if old.kind == "Blocklist" else contact.update
        return await update(held, news, self._accounts, self._world.report)

    async def _read(self, entry: Entry) -> Props | None:
        held = _saved(entry.outputs)
        if entry.kind == "PrivacySetting":
            return await privacy.read(held, self._accounts, self._world.report)
        if entry.kind == "Blocklist":
            return await blocklist.read(held, self._accounts)
        return contact.read_seen(held, self._accounts) or await contact.read(held, self._accounts)


def _saved(props: Props) -> Props:
    """Return properties as a state file gives them back; nothing that is unknown can stand in one."""
    found: Props = json.loads(json.dumps({key: value for key, value in props.items() if value is not None}))
    return found
