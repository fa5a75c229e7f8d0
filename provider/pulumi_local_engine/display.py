"""Drawing a run in the manner of the Pulumi CLI: a live tree on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .model import STACK_TYPE, Diagnostic, Observer, Result, Step, name_of
from .values import Properties, property_lines, reveal

_TITLES = {"update": ("Previewing update", "Updating"), "refresh": ("Previewing refresh", "Refreshing")}
_TITLES["destroy"] = ("Previewing destroy", "Destroying")
_COLOURS = {"+": "green", "-": "red", "~": "yellow", "+-": "magenta", "++": "green", "--": "red"}
_EXITED = "an unhandled error occurred: program exited"
"""What the engine adds to the error that made the program exit."""
_SEVERITIES = {"error": "bold red", "warning": "yellow", "info": ""}


class _Words(NamedTuple):
    sign: str
    plan: str
    doing: str
    done: str


_WORDS = {
    "same": _Words("", "", "", ""),
    "create": _Words("+", "create", "creating", "created"),
    "update": _Words("~", "update", "updating", "updated"),
    "delete": _Words("-", "delete", "deleting", "deleted"),
    "replace": _Words("+-", "replace", "replacing", "replaced"),
    "create-replacement": _Words("++", "create replacement", "creating replacement", "created replacement"),
    "delete-replaced": _Words("--", "delete original", "deleting original", "deleted original"),
    "remove-pending-replace": _Words("-", "complete replace", "completing replace", "completed replace"),
    "refresh": _Words("", "refresh", "refreshing", ""),
}


class Display(Observer):
    """An observer that draws.

    Args:
        console: where to.
        stack: the stack's name.
        diff: show every changed property, not only their names.
    """

    def __init__(self, console: Console, stack: str, diff: bool = False) -> None:
        self._console = console
        self._stack = stack
        self._diff = diff
        self._lock = threading.Lock()
        self._open = ExitStack()
        self._live: Live | None = None

    def begin(self, result: Result) -> None:
        """Write the title and start the live part."""
        self._result = result
        self._rows: dict[str, Step] = {}
        self._began: dict[int, float] = {}
        self._status: dict[str, str] = {}
        self._print(Text(f"{_TITLES[result.operation][not result.preview]} ({self._stack}):", "bold magenta"))
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._tree, console=self._console, refresh_per_second=8, transient=True)
            self._open.enter_context(self._live)

    def step(self, step: Step) -> None:
        """Draw a step that starts or ends."""
        ended = step.done or step.error is not None
        with self._lock:
            began = self._began.setdefault(id(step), time.monotonic())
            self._status.pop(step.urn, None)
            if step.internal:
                return
            before = self._rows.get(step.urn)
            if before is None or before.op != "replace" or step.error:
                self._rows[step.urn] = step
        if self._live is None and ended and (step.error or _words(step).sign):
            self._print(self._row(step, time.monotonic() - began))
            if self._diff and not step.error:
                self._properties(step)

    def status(self, urn: str, message: str) -> None:
        """Show progress on the resource's row."""
        with self._lock:
            self._status[urn] = message

    def end(self, result: Result) -> None:
        """Write what stays: the tree, the diagnostics, the outputs and the summary."""
        if self._live:
            self._open.close()
            self._live = None
            self._print(self._tree(final=True))
            for step in self._rows.values() if self._diff else ():
                if step.lines:
                    sign = _words(step).sign
                    self._print(Text(f" {sign:<2} {step.type} {step.name}", _COLOURS.get(sign, "")))
                    self._properties(step)
        self._diagnostics(result)
        self._outputs(result)
        self._summary(result)

    def _print(self, what: RenderableType) -> None:
        self._console.print(what, soft_wrap=True, highlight=False)

    def _row(self, step: Step, seconds: float) -> Text:
        sign = _words(step).sign
        text = Text(f" {sign:<2} {step.type} {step.name} ", _COLOURS.get(sign, ""))
        text.append(self._word(step))
        if not self._result.preview and not step.error:
            text.append(f" ({seconds:.2f}s)")
        return text.append(f" {_names(step)}")

    def _word(self, step: Step) -> str:
        words = _words(step)
        if step.error:
            return f"**{words.doing} failed**"
        return words.plan if self._result.preview else words.done if step.done else words.doing

    def _tree(self, final: bool = False) -> Group:
        table = Table(
            "", "Type", "Name", "Plan" if self._result.preview else "Status", "Info", box=None, padding=(0, 2, 0, 0)
        )
        with self._lock:
            rows, status = dict(self._rows), dict(self._status)
        shown = {urn for urn, step in rows.items() if _words(step).sign or step.error or not (step.done or final)}
        room = self._console.height - 4
        if not final and len(shown) > room:
            shown = {urn for urn in list(shown)[-room:] if not rows[urn].done}
        for urn in list(shown):
            while urn in rows:
                shown.add(urn)
                urn = rows[urn].resource.parent
        for urn, depth in _nested({urn: rows[urn].resource.parent for urn in rows if urn in shown}):
            step = rows[urn]
            colour = _COLOURS.get(_words(step).sign, "")
            info = status.get(urn) or status.get("", "") * (step.type == STACK_TYPE) or _names(step)
            type_ = Text("   " * (depth - 1) + "└─ " * bool(depth) + step.type)
            cells = (
                Text(_words(step).sign, colour),
                type_,
                Text(step.name),
                Text(self._word(step), colour),
                Text(info),
            )
            table.add_row(*cells)
        return Group(table) if table.rows else Group()

    def _properties(self, step: Step) -> None:
        for line in step.lines:
            self._print(Text(f"      {line}", _COLOURS.get(line[0], "")))

    def _diagnostics(self, result: Result) -> None:
        by_urn: dict[str, list[Diagnostic]] = {}
        explained = any(not item.message.startswith(_EXITED) for item in result.diagnostics if item.severity == "error")
        for item in result.diagnostics:
            if not (explained and item.message.startswith(_EXITED)):
                by_urn.setdefault(item.urn, []).append(item)
        if by_urn:
            self._print(Text("\nDiagnostics:", "bold magenta"))
        for urn, items in sorted(by_urn.items()):
            kind = urn.split("::")[2].rsplit("$", 1)[-1] if urn else STACK_TYPE
            self._print(Text(f"  {kind} ({name_of(urn) or self._stack}):", "bold"))
            for item in items:
                label = "" if item.severity == "info" else f"{item.severity}: "
                text = Text("    ").append(label, _SEVERITIES[item.severity])
                self._print(text.append(item.message.strip().replace("\n", "\n    ")))

    def _outputs(self, result: Result) -> None:
        lines = [line for key in sorted({*result.old_outputs, *result.outputs}) for line in _output(key, result)]
        if lines:
            self._print(Text("\nOutputs:", "bold magenta"))
        for line in lines:
            self._print(Text(f"  {line}", _COLOURS.get(line[0], "")))

    def _summary(self, result: Result) -> None:
        counts = {op: count for op, count in result.changes.items() if op != "same"}
        same = result.changes.get("same", 0)
        failed = len({item.urn for item in result.diagnostics if item.severity == "error"})
        self._print(Text("\nResources:", "bold magenta"))
        for op, count in sorted(counts.items()):
            words = _WORDS[op]
            what = f"to {words.plan}" if result.preview else words.done
            self._print(Text(f"    {words.sign:<2}{count} {what}", _COLOURS.get(words.sign, "")))
        if same or not counts:
            changes = f"{sum(counts.values())} changes. " if counts else ""
            self._print(Text(f"    {changes}{same} unchanged"))
        if failed:
            self._print(Text(f"    {failed} errored", "red"))
        if not result.preview:
            self._print(Text(f"\nDuration: {result.seconds:.0f}s"))


def _words(step: Step) -> _Words:
    return _WORDS[step.result or step.op]


def _names(step: Step) -> str:
    if step.op not in ("update", "replace", "create-replacement", "refresh") or step.result == "same":
        return ""
    old, new = (step.old and step.old.inputs) or {}, (step.new and step.new.inputs) or {}
    names = (("+" if key not in old else "-" if key not in new else "~") + key for key in step.changed)
    return f"[diff: {','.join(names)}]" if step.changed else ""


def _nested(parents: dict[str, str]) -> list[tuple[str, int]]:
    """Every URN after its parent, with its depth."""
    children: dict[str, list[str]] = {}
    for urn, parent in parents.items():
        children.setdefault(parent if parent in parents else "", []).append(urn)

    def under(parent: str, depth: int) -> list[tuple[str, int]]:
        return [pair for urn in children.get(parent, ()) for pair in ((urn, depth), *under(urn, depth + 1))]

    return under("", 0)


def _output(key: str, result: Result) -> list[str]:
    def only(outputs: Properties) -> Properties:
        return {key: outputs[key]} if key in outputs else {}

    old, new = only(result.old_outputs), only(result.outputs)
    return property_lines(None, new) if reveal(old) == reveal(new) else property_lines(old, new)
