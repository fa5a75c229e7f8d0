"""One run of the program: what it declares, what the engine left out of it, and failing at its end."""

from __future__ import annotations

from collections.abc import Callable, Set
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from weakref import WeakKeyDictionary

import pulumi

from ..config import NAMESPACE, exposed, stack_configuration
from ..sdk import Registration, Unknown, current_monitor, engine_address, is_mock, when_ended, when_registered
from ._message import MESSAGE, Message


@dataclass(eq=False)
class Declaration:
    """One resource of the program, with what it declares as far as that is known.

    Args:
        message: what the provider is told of it.
        account: the name of its account.
        account_known: whether that is known.
        contacts: as the program spells them, where they are known.
        setting: the privacy setting, if it is one, where it is known.
        instance: the random text that the state knows the resource by, once the engine has given it.
    """

    message: Message
    account: str | None = None
    account_known: bool = False
    contacts: list[str] | None = None
    setting: str | None = None
    instance: str | None = None


class Run:
    """One run of a program.

    Args:
        guarded: whether an engine runs the program, and not mocks.
    """

    def __init__(self, *, guarded: bool) -> None:
        self.id = uuid4().hex
        self.guarded = guarded
        self.failures: list[str] = []
        """What is not as declared, a line a resource: the program fails with it at its end."""
        self._declarations: dict[str, Declaration] = {}
        self._failed: list[str] = []
        self._told_of_targets = False

    def declare(self, label: str) -> Declaration:
        """Note a resource; what it declares is known when the SDK registers it.

        Args:
            label: what messages call it.
        """
        key = f"{self.id}/{len(self._declarations):06d}"  # sorts in the program's order
        preview = bool(pulumi.runtime.is_dry_run()) if self.guarded else False
        own = Declaration(Message(run=self.id, key=key, label=label, preview=preview, secret=False, hidden=[]))
        if self.guarded:
            self._declarations[key] = own
        return own

    def registered(self, registration: Registration) -> None:
        """Note what a resource declares by the request that registers it: transformations are applied by then.

        What the engine alone decides is not known: what its transforms make of the inputs, and which of the state's it
        keeps (``ignore_changes``).
        """
        message = registration.inputs.get(MESSAGE)
        own = self._declarations.get(message["key"]) if isinstance(message, dict) else None
        if own is None:
            return
        if "*" in registration.not_final:
            return
        inputs = {name: value for name, value in registration.inputs.items() if name not in registration.not_final}
        known = {name: value for name, value in inputs.items() if not _has_unknown(value)}
        own.account_known = "account" not in registration.not_final and ("account" in known or "account" not in inputs)
        own.account = known.get("account")
        own.setting = known.get("setting")
        declared = [known["phone"]] if "phone" in known else known.get("contacts")
        own.contacts = None if declared is None else [str(text) for text in declared]

    def failed(self, name: str) -> None:
        """Note a resource of any kind that failed or was skipped: what depends on it may never be declared."""
        self._failed.append(name)

    def end(self, wait: Callable[[], None]) -> None:
        """Wait for the end of the run while the provider may ask, then fail for what could not be done.

        Raises:
            pulumi.RunError: when something is not as declared; it is recorded, and everything else is done.
        """
        engine = engine_address()
        with ExitStack() as stack:
            if engine and not pulumi.runtime.is_dry_run():
                from ..engine.ending import answering  # no preview needs it, and its modules take time to load

                try:
                    stack.enter_context(answering(engine, self._left_out))
                except OSError as error:
                    raise pulumi.RunError(
                        f"the provider cannot ask this program whom it declares ({error}), so nobody is unblocked; set "
                        "TMPDIR to a folder that this user can write to"
                    ) from None
            wait()
        if self.failures:
            raise pulumi.RunError("\n".join(sorted(self.failures)))

    def _left_out(self, checked: Set[str]) -> list[dict[str, Any]]:
        left_out: list[dict[str, Any]] = [
            {
                "label": own.message["label"],
                "account": own.account,
                "account_known": own.account_known,
                "contacts": own.contacts,
                "setting": own.setting,
                "instance": own.instance,
            }
            for own in self._declarations.values()
            if own.message["key"] not in checked
        ]
        if self._failed:
            why = (
                f"nobody is unblocked and nothing is set back after {self._failed[0]!r} failed, because what depends "
                "on it may declare the same: mend that, and run it again"
            )
            unknown = {"account": None, "account_known": False, "contacts": None}
            left_out.append({"label": "the program", **unknown, "why": why})
        return left_out

    def tell_of_targets(self, label: str) -> None:
        """Warn once a run that it leaves out a resource: what moved to it stays blocked where it was."""
        if not self._told_of_targets:
            self._told_of_targets = True
            pulumi.log.warn(
                f"this run leaves out {label} or a change of it (--target, --exclude, ignore_changes, an earlier "
                "error, or a refresh that found it gone); nobody whom it declares is unblocked: a delete that would do "
                "so fails, until a run without --target and --exclude"
            )


_runs: WeakKeyDictionary[Any, Run] = WeakKeyDictionary()


def current_run() -> Run:
    """Return the run under way: a preview, an update and each program of the Automation API have their own.

    Under mocks each call has its own, and nothing is guarded.
    """
    monitor = current_monitor()
    if monitor is None or is_mock(monitor):
        return Run(guarded=False)
    run = _runs.get(monitor)
    if run is None:
        run = _runs[monitor] = Run(guarded=True)
        stack = stack_configuration()
        secret = [key for key in stack if pulumi.runtime.is_config_secret(f"{NAMESPACE}:{key}")]
        for sentence in exposed(stack, secret):
            pulumi.log.warn(sentence)
        when_ended(run.end)
        when_registered(MESSAGE, run.registered, run.failed)
    return run


def _has_unknown(value: Any) -> bool:
    """Return whether whom or what an input names is not known; the reasons of a map do not count."""
    return isinstance(value, Unknown) or (isinstance(value, list) and any(isinstance(part, Unknown) for part in value))
