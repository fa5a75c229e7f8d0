"""What the Pulumi CLI prints with ``--json``, in one form.

It prints one of two: an object with all steps (``pulumi preview --json``, ``pulumi refresh --preview-only --json``), or
one event a line (``pulumi up --json``, and previews under `STREAMING`). Only the
events have what an earlier run has left to be deleted, and what a refresh has found: the object has the state after a
refresh in the place of the one before (tried with 3.260).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from ...errors import InvalidInput

Json = Mapping[str, Any]

CREATE: Final = "create"
CREATE_REPLACEMENT: Final = "create-replacement"
UPDATE: Final = "update"
SAME: Final = "same"
DELETE: Final = "delete"
DELETE_REPLACED: Final = "delete-replaced"
REFRESH: Final = "refresh"

STREAMING: Final = "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"
"""What makes previews print events."""

_STACK: Final = "pulumi:pulumi:Stack"
_HIDDEN: Final = "[secret]"
_HIDDEN_KEY: Final = "4dabf18193072939515e22adb298388d"
"""The key by which Pulumi tells a secret from a map, in events (`sdk/go/common/resource/sig`)."""
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes in the place of a value that is not known yet (`sdk/go/common/resource/plugin`)."""
_TELLS_NOTHING: Final = (
    "",
    "update failed",
    "preview failed",
    "an unhandled error occurred: program exited with non-zero exit code: 1",
)
_WHAT_TO_DO: Final = (
    "give it what `pulumi preview --json`, `pulumi refresh --preview-only --json` or `pulumi up --json` printed"
)


@dataclass(frozen=True)
class Step:
    """One operation on one resource.

    Attributes:
        op: Pulumi's word for it; a replacement is two of them, ``create-replacement`` and ``delete-replaced``.
        urn: the resource's URN.
        old: its state before, if any.
        new: its state afterwards, if any.
        failed: whether the operation failed.
        result: what a refresh came to, ``same``, ``update`` or ``delete``; empty where it is not told.
        because: the properties for which a resource is replaced.
    """

    op: str
    urn: str
    old: Json | None = None
    new: Json | None = None
    failed: bool = False
    result: str = ""
    because: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]

    @property
    def kind(self) -> str:
        """The resource's class, e.g. ``Blocklist``; empty where it is not one of this package."""
        type_ = self.urn.rpartition("::")[0].rpartition("::")[2].rpartition("$")[2]
        module, _, kind = type_.rpartition(":")
        return kind if "whatsapp" in module else ""

    @property
    def is_pulumis_own(self) -> bool:
        """Whether it is the stack or a provider."""
        return _STACK in self.urn or "pulumi:providers:" in self.urn

    @property
    def label(self) -> str:
        """What messages call the resource."""
        return f"{self.kind} '{self.name}'"


@dataclass(frozen=True)
class Run:
    """What a command of the Pulumi CLI has planned or done.

    Attributes:
        steps: its operations.
        told: the lines that it said, without its own chatter.
        errors: the lines that say what failed.
        config: the stack's configuration, secrets hidden.
        counts: operation -> how many resources.
        preview: whether nothing was done.
        whole: whether it is made of events, which tell all.
        failed: whether it did not come to a good end.
    """

    steps: Sequence[Step] = ()
    told: Sequence[str] = ()
    errors: Sequence[str] = ()
    config: Json = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    preview: bool = True
    whole: bool = False
    failed: bool = False

    @property
    def stack(self) -> str:
        """The project and the stack, e.g. ``demo/dev``; empty where no resource tells it."""
        for step in self.steps:
            parts = step.urn.removeprefix("urn:pulumi:").split("::")
            if len(parts) > 2:
                return f"{parts[1]}/{parts[0]}"
        return ""

    @property
    def only_refreshes(self) -> bool:
        """Whether it looked at what is live and plans nothing."""
        ops = {step.op for step in self.steps}
        twice = len({(step.urn, text(mapping(step.old).get("id"))) for step in self.steps}) < len(self.steps)
        ends = any(_STACK in step.urn and step.op == DELETE for step in self.steps)
        return REFRESH in ops and ops <= {REFRESH, DELETE} and not twice and not ends


def read(printed: str) -> Run:
    """Return what was printed.

    Raises:
        InvalidInput: when it is not what the Pulumi CLI prints.
    """
    if not printed.strip():
        raise InvalidInput(
            "",
            "there is nothing to summarise: Pulumi printed nothing, so look at what it wrote on standard error; "
            f"else {_WHAT_TO_DO}",
        )
    try:
        whole = json.loads(printed)
    except RecursionError:
        raise InvalidInput("", f"this JSON is nested too deep to be Pulumi's; {_WHAT_TO_DO}") from None
    except ValueError:
        return _of_events(list(_lines(_without_preview(printed))))
    if isinstance(whole, dict) and ("steps" in whole or "changeSummary" in whole or "diagnostics" in whole):
        return _of_digest(whole)
    if isinstance(whole, dict) and "sequence" in whole:
        return _of_events([whole])
    raise InvalidInput("", f"this is JSON, and not Pulumi's; {_WHAT_TO_DO}")


def _without_preview(printed: str) -> str:
    """Return the events of an update: without `STREAMING` its preview stands before them, as an object."""
    printed = printed.lstrip()
    with suppress(ValueError, RecursionError):
        first, end = json.JSONDecoder().raw_decode(printed)
        if isinstance(first, dict) and "sequence" not in first:
            return printed[end:]
    return printed


def mapping(value: Any) -> Json:
    """Return a value as a map, an empty one where it is none."""
    return value if isinstance(value, dict) and _HIDDEN_KEY not in value else {}


def text(value: Any) -> str:
    """Return a value as text, an empty one where it is none."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, none where it is no list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def is_hidden(value: Any) -> bool:
    """Return whether a value is a secret that Pulumi does not show."""
    return _HIDDEN_KEY in value if isinstance(value, dict) else isinstance(value, str) and value == _HIDDEN


def is_unknown(value: Any) -> bool:
    """Return whether a value is known only when the update runs."""
    if isinstance(value, dict):
        return any(map(is_unknown, value.values()))
    if isinstance(value, list):
        return any(map(is_unknown, value))
    return isinstance(value, str) and value == _UNKNOWN


def _lines(printed: str) -> Iterator[Json]:
    for number, line in enumerate(printed.splitlines(), 1):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict) or "sequence" not in event:
            raise InvalidInput("", f"line {number} is not what Pulumi prints; {_WHAT_TO_DO}")
        yield event


def _of_digest(whole: Json) -> Run:
    steps = list(_of_digest_steps(whole.get("steps")))
    errors, told = _messages(whole.get("diagnostics") or ())
    return Run(
        steps, told, errors, mapping(whole.get("config")), _counts(whole.get("changeSummary")), failed=bool(errors)
    )


def _of_digest_steps(steps: Any) -> Iterator[Step]:
    for each in steps if isinstance(steps, list) else ():
        step = mapping(each)
        op, urn = text(step.get("op")), text(step.get("urn"))
        old, new = _state(step.get("oldState")), _state(step.get("newState"))
        if op == "replace":
            yield Step(CREATE_REPLACEMENT, urn, old, new, because=texts(step.get("replaceReasons")))
            yield Step(DELETE_REPLACED, urn, old)
        elif op not in {CREATE_REPLACEMENT, DELETE_REPLACED}:
            yield Step(op, urn, old, new)


def _of_events(events: Sequence[Json]) -> Run:
    begun = max((at for at, event in enumerate(events) if "preludeEvent" in event), default=0)
    events = events[begun:]  # `up` without --skip-preview has a preview before
    steps: dict[tuple[str, str, str], Step] = {}
    refreshing: set[tuple[str, str]] = set()
    for event in events:
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            step = mapping(mapping(event.get(kind)).get("metadata"))
            op, urn, result = text(step.get("op")), text(step.get("urn")), ""
            if not urn or op == "replace":
                continue
            old, new = _state(step.get("old")), _state(step.get("new"))
            which = (urn, text(mapping(old).get("id")))
            if kind == "resourcePreEvent":
                refreshing |= {which} if op == REFRESH else set()
            elif which in refreshing:
                refreshing.remove(which)  # `refresh` ends under what it came to, `preview --refresh` does not
                op, result = REFRESH, op
            urn, id_ = which
            steps[op, urn, id_] = Step(op, urn, old, new, kind == "resOpFailedEvent", result, texts(step.get("keys")))
    errors, told = _messages(mapping(event.get("diagnosticEvent")) for event in events)
    summary: Json = next((mapping(event["summaryEvent"]) for event in events if "summaryEvent" in event), {})
    failed = bool(errors) or text(summary.get("result")) != "succeeded"
    if not summary:
        errors = [*errors, "the run did not come to its end: what it printed is cut off"]
    config = mapping(mapping(events[0].get("preludeEvent")).get("config")) if events else {}
    return Run(
        list(steps.values()),
        told,
        errors,
        config,
        _counts(summary.get("resourceChanges")),
        preview=summary.get("isPreview") is not False,
        whole=True,
        failed=failed,
    )


def _state(value: Any) -> Json | None:
    return value if isinstance(value, dict) else None


def _counts(value: Any) -> dict[str, int]:
    return {op: count for op, count in mapping(value).items() if isinstance(count, int)}


def _line(message: str) -> str:
    """Return a message on one line; of a traceback what it ends with."""
    before, traceback, after = message.partition("Traceback (most recent call last):")
    if traceback:
        message = before + "".join(after.rstrip().splitlines()[-1:])
    line = " ".join(message.split())
    return line.removeprefix("error: ").removeprefix("warning: ")


def _messages(diagnostics: Any) -> tuple[list[str], list[str]]:
    """Return what failed and what else was said; tracebacks of the program come as ``info#err`` and are left out."""
    errors: dict[str, None] = {}
    told: dict[str, None] = {}
    for each in diagnostics if isinstance(diagnostics, Iterable) else ():
        message = mapping(each)
        said = _line(text(message.get("message")))
        severity = text(message.get("severity"))
        if message.get("ephemeral") or severity not in {"error", "warning", "info"}:
            continue
        if severity == "error":
            errors.setdefault(said)
        elif said:
            told.setdefault(said)
    telling = [error for error in errors if error not in _TELLS_NOTHING]
    if errors and not telling:
        telling = ["the program failed; what Pulumi wrote on standard error, or a run without --json, says why"]
    return telling, list(told)
