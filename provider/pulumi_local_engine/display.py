"""Telling a run in the manner of the Pulumi CLI: a line for each step, then diagnostics, outputs and a summary."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from rich.console import Console
from rich.status import Status
from rich.text import Text

from .model import STACK_TYPE, Observer, Result, Step, name_of
from .values import property_lines

_TITLES = {
    "update": ("Previewing update", "Updating"),
    "refresh": ("Previewing refresh", "Refreshing"),
    "destroy": ("Previewing destroy", "Destroying"),
}
_COLOURS = {"+": "green", "-": "red", "~": "yellow", "+-": "magenta"}
_EXITED = "an unhandled error occurred: program exited"
"""What the engine adds to the error that made the program exit."""
_SEVERITIES = {"error": "bold red", "warning": "yellow", "info": ""}


class _Words(NamedTuple):
    sign: str
    plan: str
    done: str


_WORDS = {
    "same": _Words("", "", ""),
    "create": _Words("+", "create", "created"),
    "update": _Words("~", "update", "updated"),
    "delete": _Words("-", "delete", "deleted"),
    "replace": _Words("+-", "replace", "replaced"),
    # A replacement is one line, as in the CLI; these two are told where they fail.
    "create-replacement": _Words("", "create replacement", ""),
    "delete-replaced": _Words("", "delete original", ""),
    "refresh": _Words("", "refresh", ""),
}


class Display(Observer):
    """An observer that prints; on a terminal, with what is going on in a last line that goes away.

    Args:
        console: where to.
        stack: the stack's name.
        diff: show every changed property, not only their names.
    """

    def __init__(self, console: Console, stack: str, diff: bool = False) -> None:
        self._console = console
        self._stack = stack
        self._diff = diff

    def begin(self, result: Result) -> None:
        """Write the title."""
        self._result = result
        self._title = f"{_TITLES[result.operation][not result.preview]} ({self._stack})"
        self._print(f"{self._title}:", "bold magenta")
        self._status = Status(self._title, console=self._console)
        if self._console.is_terminal:
            self._status.start()

    def step(self, step: Step) -> None:
        """Write a step that has ended."""
        words = _WORDS[step.result or step.op]
        if not (step.error or (step.done and words.sign)):
            return
        text = Text(f" {words.sign:<2} {step.type} {step.name} ", _COLOURS.get(words.sign, ""))
        text.append(f"**{words.plan} failed**" if step.error else words.plan if self._result.preview else words.done)
        text.append(f" {_changed(step)}")
        for line in step.lines if self._diff and not step.error else ():
            text.append(f"\n      {line}", _COLOURS.get(line[0], "default"))
        self._status.update(self._title)
        self._print(text)  # at once: several steps end at the same time

    def status(self, urn: str, message: str) -> None:
        """Show progress until a step ends."""
        self._status.update(Text(f"{name_of(urn)}: {message}" if urn else message))

    def end(self, result: Result) -> None:
        """Write the diagnostics, the outputs and the summary."""
        self._status.stop()
        self._diagnostics(result)
        self._outputs(result)
        self._summary(result)

    def _print(self, what: Text | str, style: str = "") -> None:
        text = Text(what, style) if isinstance(what, str) else what
        self._console.print(text, soft_wrap=True, highlight=False)

    def _diagnostics(self, result: Result) -> None:
        explained = any(not error.startswith(_EXITED) for error in result.errors)
        told = [item for item in result.diagnostics if not (explained and item.message.startswith(_EXITED))]
        if told:
            self._print("\nDiagnostics:", "bold magenta")
        for urn, items in groupby(sorted(told, key=lambda item: item.urn), key=lambda item: item.urn):
            kind = urn.split("::")[2].rsplit("$", 1)[-1] if urn else STACK_TYPE
            self._print(f"  {kind} ({name_of(urn) or self._stack}):", "bold")
            for item in items:
                label = "" if item.severity == "info" else f"{item.severity}: "
                text = Text("    ").append(label, _SEVERITIES[item.severity])
                self._print(text.append(item.message.strip().replace("\n", "\n    ")))

    def _outputs(self, result: Result) -> None:
        old, new = result.old_outputs, result.outputs
        lines = property_lines(old, new)
        lines += property_lines(None, {key: new[key] for key in new if old.get(key) == new[key]})
        if lines:
            self._print("\nOutputs:", "bold magenta")
        for line in lines:
            self._print(f"  {line}", _COLOURS.get(line[0], ""))

    def _summary(self, result: Result) -> None:
        counts = {op: count for op, count in result.changes.items() if op != "same"}
        same = result.changes.get("same", 0)
        failed = len({item.urn for item in result.diagnostics if item.severity == "error"})
        self._print("\nResources:", "bold magenta")
        for op, count in sorted(counts.items()):
            words = _WORDS[op]
            what = f"to {words.plan}" if result.preview else words.done
            self._print(f"    {words.sign:<2}{count} {what}", _COLOURS.get(words.sign, ""))
        if same or not counts:
            changes = f"{sum(counts.values())} changes. " if counts else ""
            self._print(f"    {changes}{same} unchanged")
        if failed:
            self._print(f"    {failed} errored", "red")


def _changed(step: Step) -> str:
    """The changed properties' names, as ``[diff: +a,~b]``."""
    if not (step.changed and step.old and step.new) or step.result == "same":
        return ""
    old, new = step.old.inputs, step.new.inputs
    names = (("+" if key not in old else "-" if key not in new else "~") + key for key in step.changed)
    return f"[diff: {','.join(names)}]"
