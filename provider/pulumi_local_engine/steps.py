"""The engine's rules: which steps bring a resource from its old state to its goal, and what each of them does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .model import EngineError, Resource, Step, Stopped, Unsupported, name_of
from .provider_host import Difference, Provider
from .snapshot import Snapshot
from .state import now
from .values import ignored, is_secret, reveal, secret, show


class Steps:
    """Plans the registrations of one run, one at a time, and does their steps, from several threads.

    Args:
        snapshot: the resources; one of the last run that is renamed on the way, with its parent, is found.
        provider: checks and compares, and does the work. In a preview it does none.
        report: takes errors: the URN and the message.
    """

    def __init__(self, snapshot: Snapshot, provider: Provider, report: Callable[[str, str], None]) -> None:
        self._snapshot = snapshot
        self._provider = provider
        self._report = report
        self.registered: dict[str, Resource] = {}
        """What the program has declared so far, by URN."""
        self._alias_of: dict[str, str] = {}
        self._aliased: dict[str, str] = {}

    def plan(self, new: Resource) -> list[Step]:
        """The steps for one registration, to be done in this order.

        Raises:
            EngineError: the resource is not valid, or a provider call failed.
            Stopped: it is not valid, in ways that are reported.
            Unsupported: it comes to something that this engine does not do.
        """
        if new.urn in self.registered:
            raise EngineError(f"Duplicate resource URN '{new.urn}'; try giving it a unique name", urn=new.urn)
        self.registered[new.urn] = new
        old = self._find_old(new)
        if old:
            new.created, new.modified = old.created, old.modified
        return self._steps(old, new)

    def remaining(self) -> list[Step]:
        """The deletes that are left when the program has come to its end."""
        kept = {self._alias_of.get(urn, urn) for urn in self.registered}
        gone = [item for item in self._snapshot.base if item.delete or item.urn not in kept]
        return [Step("delete-replaced" if item.delete else "delete", item, None) for item in gone]

    def _find_old(self, new: Resource) -> Resource | None:
        urn = new.urn
        if urn in self._aliased:
            taken = f"conflicting with alias on resource with URN '{self._aliased[urn]}'"
            raise EngineError(f"Duplicate resource URN '{urn}' {taken}", urn=urn)
        olds = {item.urn: item for item in self._snapshot.base if not item.delete}
        if urn in olds:
            return olds[urn]
        for alias in self._aliases(new):
            if alias not in olds:
                continue
            if alias in self.registered or alias in self._aliased:
                taken = f"conflicting with resource with URN '{self._aliased.get(alias, urn)}'"
                message = f"Duplicate resource alias '{alias}' applied to resource with URN '{urn}' {taken}"
                raise EngineError(message, urn=urn)
            if olds[alias].custom != new.custom:
                raise Unsupported(f"aliases from a component to a resource or back ({new.type} {new.name!r})")
            self._aliased[alias], self._alias_of[urn] = urn, alias
            return olds[alias]
        return None

    def _aliases(self, new: Resource) -> list[str]:
        """The URNs that a resource may have had. A name that begins with its parent's may have done so before."""
        if new.parent not in self._alias_of:
            return new.aliases
        parent, former = name_of(new.parent), name_of(self._alias_of[new.parent])
        urns = [urn for urn in (new.urn, *new.aliases) if name_of(urn).startswith(parent)]
        return new.aliases + [urn.removesuffix(name_of(urn)) + former + name_of(urn)[len(parent) :] for urn in urns]

    def _steps(self, old: Resource | None, new: Resource) -> list[Step]:
        declared = new.inputs
        if new.custom:
            self._check(new, declared, old)
        if old is None:
            return [Step("create", None, new)]
        difference = self._diff(old, new)
        if difference in ("same", "update"):
            return [Step(difference, old, new)]
        if difference == "delete-before-replace":
            raise Unsupported(f"deletes before replacements, which the provider of {new.type} {new.name!r} asks for")
        if new.protect and old.protect:
            self._report(
                new.urn,
                f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
            )
            if not self._snapshot.preview:
                raise Stopped
        if new.custom:
            self._check(new, declared, None)
        return [Step("create-replacement", old, new), Step("replace", old, new)]

    def _check(self, new: Resource, declared: dict[str, Any], old: Resource | None) -> None:
        olds = old.inputs if old else {}
        news = ignored(declared, olds, new.ignore_changes) if old else declared
        inputs, failures = self._provider.check(new, olds, news)
        for key, reason in failures:
            where = f": property {key} value {{{_plain(declared.get(key))}}}" if key else ""
            self._report(new.urn, f"{new.type} resource '{new.name}'{where} has a problem: {reason}")
        if failures:
            raise Stopped
        new.inputs = inputs

    def _diff(self, old: Resource, new: Resource) -> Difference:
        if not new.custom:
            return "same" if old.inputs == new.inputs else "update"
        return self._provider.diff(old, new.inputs, new.ignore_changes)

    def do(self, step: Step) -> None:
        """Do a step, and record it.

        Raises:
            EngineError: the provider failed, or refuses: then the state is as it was. Or it could not be saved.
        """
        if step.op == "replace":
            return  # a mark in the record: the steps beside it do the work
        if step.op == "refresh":
            self._refresh(step, step.resource)
        elif step.new is None:
            self._delete(step, step.resource)
        else:
            self._make(step, step.new)

    def _make(self, step: Step, new: Resource) -> None:
        """Bring a resource to what is declared: nothing to do, a creation, or an update."""
        old = step.old if step.op in ("same", "update") else None
        if old:
            new.id = old.id
        if old and step.op == "same":
            new.outputs = old.outputs
        else:
            with self._snapshot.in_flight(step):
                if new.custom and self._snapshot.preview:
                    new.outputs = new.inputs
                elif new.custom and old:
                    self._provider.update(old, new)
                elif new.custom:
                    self._provider.create(new)
            new.modified = now()
            new.created = new.created if old else new.modified
        self._mark_secrets(new)
        self._snapshot.finish(step)

    def _delete(self, step: Step, old: Resource) -> None:
        if step.protected:
            raise EngineError(
                f'resource "{old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, '
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
                urn=old.urn,
            )
        with self._snapshot.in_flight(step):
            if old.custom and not (old.retain_on_delete or self._snapshot.preview):
                self._provider.delete(old)
        self._snapshot.finish(step)

    def _refresh(self, step: Step, old: Resource) -> None:
        if not old.custom:
            step.result = "same"
            return
        step.new = new = self._provider.read(old)
        if new is None:
            step.result = "delete"
            return
        self._mark_secrets(new)
        if (new.inputs, new.outputs) != (old.inputs, old.outputs):
            new.modified = now()
        difference = self._provider.diff(new, old.inputs, old.ignore_changes)
        step.result = "same" if difference == "same" else "update"

    def _mark_secrets(self, new: Resource) -> None:
        """Mark the outputs that are secret. Where they cannot be saved, the step stays in flight in the state."""
        names = {*new.additional_secret_outputs, *(key for key, value in new.inputs.items() if is_secret(value))}
        new.outputs = {key: secret(value) if key in names else value for key, value in new.outputs.items()}
        self._snapshot.require_key(new.outputs)


def _plain(value: Any) -> str:
    return str(reveal(value)) if isinstance(value, str) else show(value)
