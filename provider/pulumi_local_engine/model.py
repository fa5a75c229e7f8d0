"""What a run is made of and what it returns: resources, steps, diagnostics, results."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass, field
from typing import Any

from .values import PROVIDER_KEY, Properties, property_lines, reveal

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_TYPE = "pulumi:providers:pulumi-python"
PARALLEL = min(16, 4 * (os.cpu_count() or 4))
"""How many operations run at once."""


def name_of(urn: str) -> str:
    """The name in a URN."""
    return urn.split("::", 3)[-1]


def urn_of(prefix: str, parent: str, type_: str, name: str) -> str:
    """The URN of a resource.

    Args:
        prefix: ``urn:pulumi:<stack>::<project>``.
        parent: the parent's URN; its types stand in the child's, unless it is the stack.
    """
    types = parent.split("::")[2] if parent else STACK_TYPE
    return f"{prefix}::{type_ if types == STACK_TYPE else f'{types}${type_}'}::{name}"


class ExitCode(enum.IntEnum):
    """The exit codes of the Pulumi CLI that this engine uses."""

    OK = 0
    ERROR = 1
    CONFIGURATION = 2
    STACK_NOT_FOUND = 6
    CANCELLED = 8


class Stopped(Exception):
    """The run is ending, and why has been reported: nothing more is begun."""


class EngineError(Exception):
    """A run cannot start or go on; the message says why and what to do.

    Args:
        message: the message.
        code: how a command exits.
        urn: the resource that it is about, if it is about one.
    """

    def __init__(self, message: str, code: ExitCode = ExitCode.ERROR, urn: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.urn = urn


class Unsupported(EngineError):
    """The program asks for something that only the Pulumi CLI does."""

    def __init__(self, what: str, instead: str = "run the program with the Pulumi CLI") -> None:
        super().__init__(f"the local engine does not do {what}: {instead}")


@dataclass(eq=False)
class Resource:
    """One entry of the state; the attributes are those of Pulumi's deployment format."""

    urn: str
    type: str
    custom: bool = False
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    protect: bool = False
    dependencies: list[str] = field(default_factory=list)
    provider: str = ""
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    delete: bool = False
    additional_secret_outputs: list[str] = field(default_factory=list)
    retain_on_delete: bool = False
    ignore_changes: list[str] = field(default_factory=list)
    created: str = ""
    modified: str = ""
    aliases: list[str] = field(default_factory=list)
    """The URNs that it may have had, as the program says; the state does not hold them."""
    unknown_keys: dict[str, Any] = field(default_factory=dict)
    text: str | None = field(default=None, init=False, repr=False)
    """The serialized form, until something changes."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name != "text":
            object.__setattr__(self, "text", None)

    @property
    def name(self) -> str:
        """The last part of the URN."""
        return name_of(self.urn)

    @property
    def reference(self) -> str:
        """How a resource refers to this one, if this one is its provider."""
        return f"{self.urn}::{self.id}"

    def needs(self) -> set[str]:
        """Every URN that this resource depends on, its parent included."""
        return {self.parent, *self.dependencies, *(urn for urns in self.property_dependencies.values() for urn in urns)}


@dataclass(eq=False)
class Step:
    """One operation on one resource.

    ``op`` is the Pulumi CLI's word: ``same``, ``create``, ``update``, ``delete``, ``replace``, ``create-replacement``,
    ``delete-replaced`` or ``refresh``; ``result`` is what a refresh came to.
    """

    op: str
    old: Resource | None
    new: Resource | None
    error: str | None = None
    done: bool = False
    result: str = ""

    @property
    def resource(self) -> Resource:
        """The state that the step is about."""
        found = self.new or self.old
        assert found is not None
        return found

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.resource.urn

    @property
    def name(self) -> str:
        """The resource's name."""
        return self.resource.name

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.resource.type

    @property
    def id(self) -> str:
        """The resource's id, empty where it is not known."""
        return self.resource.id

    @property
    def protected(self) -> bool:
        """Whether it would delete what the user protects."""
        return bool(self.op == "delete" and self.old and self.old.protect)

    @property
    def changed(self) -> list[str]:
        """The names of the inputs that the step changes, the pickled provider left out."""
        if not (self.old and self.new):
            return []
        old, new = self.old.inputs, self.new.inputs
        return [key for key in sorted({*old, *new} - {PROVIDER_KEY}) if reveal(old.get(key)) != reveal(new.get(key))]

    @property
    def lines(self) -> list[str]:
        """The changed properties, one line each, beginning with ``+``, ``-`` or ``~``."""
        if self.op in ("same", "create-replacement", "delete-replaced") or self.result == "same":
            return []
        old = None if self.op == "create" else self.old
        return property_lines(old.inputs if old else None, self.new.inputs if self.new else None)


@dataclass
class Diagnostic:
    """A message of the engine, the program or the provider."""

    severity: str
    """``info``, ``warning`` or ``error``."""
    message: str
    urn: str = ""

    @property
    def line(self) -> str:
        """The message in one line, with the resource; of a traceback what it ends with."""
        text = self.message.strip()
        said = text.splitlines()[-1] if "Traceback (most recent call last)" in text else " ".join(text.split())
        return f"{self.severity}{f' in {name_of(self.urn)}' if self.urn else ''}: {said}"


@dataclass(repr=False)
class Result:
    """What a preview or an update did; its ``repr`` is a summary, with the errors."""

    operation: str
    preview: bool
    steps: list[Step] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    outputs: Properties = field(default_factory=dict)
    old_outputs: Properties = field(default_factory=dict)
    exit_code: ExitCode = ExitCode.OK

    def __repr__(self) -> str:
        kind = f"{self.operation} preview" if self.preview else self.operation
        counts = "".join(f", {count} {op}" for op, count in sorted(self.changes.items()))
        told = "".join(f"; {item.line}" for item in self.diagnostics if item.severity == "error")
        return f"<{kind} {'ok' if self.ok else 'failed'}{counts}{told}>"

    @property
    def ok(self) -> bool:
        """Whether it came through."""
        return self.exit_code is ExitCode.OK

    @property
    def errors(self) -> list[str]:
        """The messages of the errors."""
        return [item.message for item in self.diagnostics if item.severity == "error"]

    @property
    def changes(self) -> dict[str, int]:
        """How many resources each operation touched, as in the summary."""
        counts: dict[str, int] = {}
        for step in self.steps:
            op = step.result or step.op
            own = step.op not in ("create-replacement", "delete-replaced")
            if step.done and own and (step.op != "refresh" or self.operation == "refresh"):
                counts[op] = counts.get(op, 0) + 1
        return counts


class Observer:
    """Sees a run while it goes on; called from several threads. This one looks away."""

    def begin(self, result: Result) -> None:
        """A preview or an update starts."""

    def step(self, step: Step) -> None:
        """A step started or ended."""

    def status(self, urn: str, message: str) -> None:
        """Progress of a resource, to be forgotten when the next comes."""

    def end(self, result: Result) -> None:
        """It is over."""
