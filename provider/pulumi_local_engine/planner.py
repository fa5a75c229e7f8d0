"""The engine's rules: which steps bring one resource from its old state to its goal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from .model import PROVIDER_TYPE, STACK_TYPE, Resource, Step, name_of
from .monitor import Goal
from .provider import Difference, Provider, ProviderError, ignored
from .values import UNKNOWN, changed_paths, covers, parse_path, reveal, show

_MADE_ANEW = ("sourcePosition", "stackTrace", "importID", "aliases")
"""Keys of the state that the CLI writes afresh at each registration."""


class Failed(Exception):
    """The run ends; what is wrong has been reported."""


class Planner:
    """Plans the registrations of one run, one at a time.

    Args:
        stack: the stack's name.
        project: the project's name.
        base: the resources of the last run, in their order.
        dry_run: whether this is a preview.
        provider: gives the provider of a resource.
        report: takes errors: the URN and the message.
    """

    def __init__(
        self,
        stack: str,
        project: str,
        base: list[Resource],
        dry_run: bool,
        provider: Callable[[Resource], Provider],
        report: Callable[[str, str], None],
    ) -> None:
        self._prefix = f"urn:pulumi:{stack}::{project}"
        self._base = base
        self._olds = {item.urn: item for item in base if not item.delete}
        self._dry_run = dry_run
        self._provider = provider
        self._report = report
        self._goals: dict[str, Goal] = {}
        self._alias_of: dict[str, str] = {}
        self._aliased: dict[str, str] = {}
        self._planned: set[str] = set()
        self._replaced: set[str] = set()
        self._deleted_early: set[int] = set()
        self.deletes: set[str] = set()
        """URNs that are or will be deleted in this run."""
        self.news: dict[str, Resource] = {}
        """What the program registered, as it came out."""

    def plan(self, goal: Goal, provider_entry: Resource | None) -> list[Step]:
        """The steps for one registration, to be done in this order.

        Raises:
            Failed: the goal is not valid, or a provider call failed.
        """
        urn = self._register(goal)
        try:
            return self._plan(urn, goal, provider_entry)
        except ProviderError as error:
            self._error(urn, str(error))

    def _plan(self, urn: str, goal: Goal, provider_entry: Resource | None) -> list[Step]:
        old, alias = self._find_old(urn, goal)
        new = Resource(
            urn,
            goal.type,
            goal.custom,
            parent=goal.parent,
            inputs=goal.inputs,
            protect=bool(goal.protect),
            dependencies=goal.dependencies,
            provider=f"{provider_entry.urn}::{provider_entry.id or UNKNOWN}" if provider_entry else "",
            property_dependencies=goal.property_dependencies,
            additional_secret_outputs=goal.secret_outputs,
            custom_timeouts=goal.timeouts,
            retain_on_delete=bool(goal.retain_on_delete),
            deleted_with=goal.deleted_with,
            ignore_changes=goal.ignore_changes,
            replace_on_changes=goal.replace_on_changes,
            created=old.created if old else "",
            modified=old.modified if old else "",
            aliases=[alias] if alias else [],
            unknown_keys={key: old.unknown_keys[key] for key in old.unknown_keys if key not in _MADE_ANEW}
            if old
            else {},
        )
        recreating = urn in self.deletes
        if goal.custom:
            self._check(goal, None if recreating else old, new)
        if recreating and old:
            return self._recreate(old, new)
        self._planned.add(urn)
        if old is None:
            return [Step("create", None, new)]
        return self._plan_change(goal, old, new) or [Step("same", old, new)]

    def _register(self, goal: Goal) -> str:
        if goal.parent and goal.parent not in self._goals:
            self._error("", f"could not find parent resource {goal.parent}")
        if parent := self._goals.get(goal.parent):
            goal.protect = parent.protect if goal.protect is None else goal.protect
            goal.retain_on_delete = parent.retain_on_delete if goal.retain_on_delete is None else goal.retain_on_delete
            goal.deleted_with = goal.deleted_with or parent.deleted_with
        urn = self._urn(goal.type, goal.name, goal.parent)
        if urn in self._goals:
            self._error(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        self._goals[urn] = goal
        return urn

    def _urn(self, type_: str, name: str, parent: str, prefix: str = "") -> str:
        parent_type = parent.split("::")[2] if parent else STACK_TYPE
        qualified = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
        return f"{prefix or self._prefix}::{qualified}::{name}"

    def _find_old(self, urn: str, goal: Goal) -> tuple[Resource | None, str]:
        if urn in self._aliased:
            self._error(
                urn,
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN '{self._aliased[urn]}'",
            )
        if urn in self._olds:
            return self._olds[urn], ""
        for alias in self._aliases(goal):
            if alias not in self._olds:
                continue
            if alias in self._goals or alias in self._aliased:
                self._error(
                    urn,
                    f"Duplicate resource alias '{alias}' applied to resource with URN '{urn}' conflicting with "
                    f"resource with URN '{self._aliased.get(alias, urn)}'",
                )
            self._aliased[alias], self._alias_of[urn] = urn, alias
            return self._olds[alias], alias
        return None, ""

    def _aliases(self, goal: Goal) -> list[str]:
        own = [self._alias_urn(goal, alias) for alias in goal.aliases]
        inherited = self._alias_of.get(goal.parent)
        if not inherited:
            return own
        parent, parent_alias = name_of(goal.parent), name_of(inherited)
        pairs = [(goal.type, goal.name), *((urn.split("::")[2].rsplit("$", 1)[-1], name_of(urn)) for urn in own)]
        for type_, name in pairs:
            renamed = parent_alias + name[len(parent) :] if name.startswith(parent) else name
            own.append(self._urn(type_, renamed, inherited))
        return own

    def _alias_urn(self, goal: Goal, alias: Any) -> str:
        if alias.WhichOneof("alias") == "urn":
            return str(alias.urn)
        spec = alias.spec
        parent = (
            ""
            if spec.noParent
            else self._alias_of.get(spec.parentUrn, spec.parentUrn)
            if spec.parentUrn
            else goal.parent
        )
        stack, project = self._prefix.removeprefix("urn:pulumi:").split("::")
        prefix = f"urn:pulumi:{spec.stack or stack}::{spec.project or project}"
        return self._urn(spec.type or goal.type, spec.name or goal.name, parent, prefix)

    def _check(self, goal: Goal, old: Resource | None, new: Resource) -> None:
        news = ignored(goal.inputs, old.inputs, goal.ignore_changes) if old else goal.inputs
        inputs, failures = self._provider(new).check(new, old.inputs if old else {}, news)
        for key, reason in failures:
            where = f": property {key} value {{{_plain(new.inputs.get(key))}}}" if key else ""
            self._report(new.urn, f"{new.type} resource '{new.name}'{where} has a problem: {reason}")
        if failures:
            raise Failed
        new.inputs = inputs

    def _plan_change(self, goal: Goal, old: Resource, new: Resource) -> list[Step]:
        difference = self._diff(goal, old, new)
        if not (difference.changed or old.pending_replacement):
            return [Step("update", old, new, ignore_changes=goal.ignore_changes)] if old.init_errors else []
        if not (difference.replaces or old.pending_replacement):
            return [Step("update", old, new, ignore_changes=goal.ignore_changes)]
        if new.protect and old.protect:
            message = (
                f'unable to replace resource "{new.urn}"\nas it is currently marked for protection. To unprotect the '
            )
            message += (
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
            self._report(new.urn, message)
            if not self._dry_run:
                raise Failed
        self._replaced.add(new.urn)
        if goal.custom:
            self._check(goal, None, new)
        keys = difference.replaces
        if not (difference.delete_first if goal.delete_first is None else goal.delete_first):
            return [
                Step("create-replacement", old, new, keys, pends_delete=True),
                Step("replace", old, new, keys),
            ]
        steps = [
            self._delete_early(item, new.urn)
            for item in reversed(self._dependents(old))
            if id(item) not in self._deleted_early
        ]
        if not old.pending_replacement:
            self.deletes.add(old.urn)
            steps.append(Step("delete-replaced", old, None, keeps_place=True))
        return [*steps, Step("replace", old, new, keys), Step("create-replacement", old, new, keys)]

    def _recreate(self, old: Resource, new: Resource) -> list[Step]:
        self.deletes.discard(new.urn)
        self._replaced.add(new.urn)
        self._planned.add(new.urn)
        return [Step("replace", old, new), Step("create-replacement", old, new)]

    def _diff(self, goal: Goal, old: Resource, new: Resource) -> Difference:
        if new.deleted_with in self._replaced:
            return Difference(True, ["deletedWith"])
        if bool(old.provider) != bool(new.provider):
            return Difference(True, ["provider"])
        if not new.custom:
            return Difference(old.inputs != new.inputs)
        return self._provider_diff(old, new, goal.replace_on_changes, goal.ignore_changes)

    def _provider_diff(self, old: Resource, new: Resource, replace_on: list[str], ignore: list[str]) -> Difference:
        difference = self._provider(new).diff(old, old.inputs, old.outputs, new.inputs, ignore)
        paths = [parse_path(path) for path in replace_on]
        if difference.keys_known and paths:
            changes = changed_paths(old.inputs, new.inputs)
            keys = {str(change[0]) for change in changes if any(covers(path, change) for path in paths)}
            difference.replaces = sorted({*difference.replaces, *keys})
        return difference

    def _dependents(self, root: Resource) -> list[Resource]:
        """What has to be deleted before ``root`` is, in the order of the state.

        These are the dependents that would be replaced if what they get from a replaced resource changed.
        """
        reached, replaced, found = {root.urn}, {root.urn}, list[Resource]()
        position = self._base.index(root) if root in self._base else len(self._base)
        settled = self._planned | self.deletes
        for item in self._base[position + 1 :]:
            if item.urn in settled or not item.depends_on() & reached:
                continue
            reached.add(item.urn)
            if item.custom and not item.internal and self._must_replace(item, replaced):
                replaced.add(item.urn)
                found.append(item)
        also = [*self.news.values(), *self._olds.values()]
        return found + [item for item in also if item.deleted_with == root.urn and item not in found]

    def _must_replace(self, item: Resource, replaced: set[str]) -> bool:
        if item.deleted_with in replaced:
            return True
        touched = {key for key, urns in item.property_dependencies.items() if replaced & set(urns)} & set(item.inputs)
        if not touched:
            return False
        new = Resource(
            item.urn, item.type, inputs={**item.inputs, **dict.fromkeys(touched, UNKNOWN)}, provider=item.provider
        )
        return bool(self._provider_diff(item, new, item.replace_on_changes, item.ignore_changes).replaces)

    def _delete_early(self, item: Resource, because: str) -> Step:
        if item.protect and not item.delete:
            self._error(
                because,
                f'unable to replace resource "{item.urn}" as part of replacing "{because}" as it is currently marked '
                "for protection. To unprotect the resource, remove the `protect` flag from the resource in your Pulumi "
                "program and run `pulumi up`",
            )
        self.deletes.add(item.urn)
        self._deleted_early.add(id(item))
        return Step("delete", item, None) if item.delete else Step("delete-replaced", item, None, keeps_place=True)

    def remaining(self) -> list[Step]:
        """The deletes that are left when the program has come to its end."""
        kept = {self._alias_of.get(urn, urn) for urn in self._planned}
        steps = []
        for item in self._base:
            if item.delete:
                if id(item) in self._deleted_early:
                    continue
                steps.append(Step("delete-replaced", item, None))
            elif item.urn not in kept:
                steps.append(Step("remove-pending-replace" if item.pending_replacement else "delete", item, None))
            else:
                continue
            self.deletes.add(item.urn)
        return steps

    def keep(self, entry: Resource) -> None:
        """Note that the default provider's entry is in use."""
        assert entry.type == PROVIDER_TYPE
        self._planned.add(entry.urn)

    def old(self, urn: str) -> Resource | None:
        """The state that a URN had in the last run."""
        return self._olds.get(self._alias_of.get(urn, urn))

    def _error(self, urn: str, message: str) -> NoReturn:
        self._report(urn, message)
        raise Failed


def _plain(value: Any) -> str:
    return str(reveal(value)) if isinstance(value, str) else show(value)
