"""Who comes and who goes in a run: from its steps, and where they do not show it from what the provider said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ...account.accounts import account_id
from ...config import DEFAULT, load, own_keys
from ...errors import ConfigurationError, WhatsAppError
from ...gateways.registry import GATEWAYS
from ...names import Key, key_of
from .meaning import AccountSummary, Entry, Setting, Summary, Verb
from .printed import (
    CREATE,
    CREATE_REPLACEMENT,
    DELETE,
    DELETE_REPLACED,
    REFRESH,
    SAME,
    STREAMING,
    UPDATE,
    Json,
    Run,
    Step,
    is_hidden,
    is_unknown,
    mapping,
    text,
    texts,
)
from .told import Line, is_line, lines, unblocked_strangers

CONTACT: Final = "BlockedContact"
LIST: Final = "Blocklist"
SETTING: Final = "PrivacySetting"

_DECLARES: Final = frozenset({CREATE, CREATE_REPLACEMENT, UPDATE, SAME})
_LETS_GO: Final = frozenset({DELETE, DELETE_REPLACED})
_NOT_OURS: Final = frozenset({"refused", "pending"})
_CHATTER: Final = " is a sandbox: nothing reaches WhatsApp"


def compare(run: Run, environment: Mapping[str, str], hide: Callable[[str], str] = str) -> Summary:
    """Return what a run means for people.

    Args:
        run: what Pulumi printed.
        environment: the environment's variables, which may say which account is meant.
        hide: takes credentials out of what was said.
    """
    return _Comparison(run, environment, hide).summary


class _Comparison:
    def __init__(self, run: Run, environment: Mapping[str, str], hide: Callable[[str], str]) -> None:
        only_refreshes = run.only_refreshes
        kind = "refresh" if only_refreshes else "preview" if run.preview else "update"
        self.summary = Summary(kind, run.stack, failed=run.failed, whole=run.whole or only_refreshes)
        self._run = run
        self._hide = hide
        ours = [step for step in run.steps if step.kind in {CONTACT, LIST, SETTING}]
        self._ids = {**_recorded(ours), **_configured(run.config, environment)}
        drift = [step for step in ours if step.op == REFRESH or only_refreshes]
        plan = [] if only_refreshes else [step for step in ours if step.op != REFRESH]
        named = Counter(label for label, _ in {(step.label, step.urn) for step in plan})
        self._told = {label: line for label, line in lines(run.told).items() if named[label] == 1}
        self._declared = self._declarations(plan)
        for step in drift:
            self._compare_live(step)
        if only_refreshes and not run.whole:
            self._tell_what_differs_unseen(drift)
        for step in plan:
            self._compare(step)
        self._tell(run)

    # Who declares what.

    def _before(self, step: Step) -> str:
        """Return the account that a resource was of."""
        return text(_outputs(step.old).get("accountId")) or self._named(step.old)

    def _after(self, step: Step) -> str:
        """Return the account that a resource is of afterwards. A preview may show the outputs of before."""
        known = "" if self._run.preview else text(_outputs(step.new).get("accountId"))
        found = known or self._named(step.new)
        return f"{found}, another account" if _moves(step) and found == self._before(step) else found

    def _named(self, state: Json | None) -> str:
        name = text(mapping(mapping(state).get("inputs")).get("account")) or DEFAULT
        return self._ids.get(name, name)

    def _declarations(self, plan: Iterable[Step]) -> dict[tuple[str, str], Step]:
        declared = {}
        for step in plan:
            if step.op in _DECLARES and step.new is not None:
                account, inputs = self._after(step), mapping(step.new.get("inputs"))
                things = [text(inputs.get("setting"))] if step.kind == SETTING else map(_key, _contacts(inputs, step))
                declared.update({(account, thing): step for thing in things})
        return declared

    # What somebody did by hand, as a refresh finds it.

    def _compare_live(self, step: Step) -> None:
        account = self.summary.account(self._before(step))
        before, after = _outputs(step.old), _outputs(step.new)
        if mapping(step.old).get("delete") is True and step.op == REFRESH:
            self.summary.unknown.append(
                f"{step.label}: an earlier run has left an old one of that name to be deleted; the next pulumi up "
                "unblocks whom it holds and no resource declares"
            )
            self.summary.changed = True
            return
        if step.kind == SETTING:
            self._compare_live_setting(step)
            return
        reasons = _contacts(before, step)
        left = {_key(contact) for contact in _contacts(after, step)}
        ours = _owned(before, step)
        if step.kind == CONTACT and is_hidden(before.get("phone")):
            if step.new is None or step.op == DELETE:
                account.entries.append(Entry(Verb.GONE, None, step.label, note="a secret"))
            return
        if is_hidden(before.get("contacts")) and step.result in {UPDATE, DELETE}:
            self.summary.changed = True
            self.summary.unknown.append(
                f"{step.label}: what differs in it is a secret, so it is not shown whether somebody was unblocked by "
                "hand or an id was learnt; pulumi preview --refresh names the last digits of whom the next pulumi up "
                "would block again"
            )
        if step.op == DELETE:
            left = set()
        for contact in ours:
            if _key(contact) not in left:
                account.entries.append(Entry(Verb.GONE, contact, step.label, reasons[contact]))
        was = {_key(contact) for contact in texts(before.get("foreign"))}
        for contact in texts(after.get("foreign")):
            if _key(contact) not in was:
                account.entries.append(Entry(Verb.STRANGER, contact, step.label, note="not declared"))

    def _compare_live_setting(self, step: Step) -> None:
        before, after = _outputs(step.old), _outputs(step.new)
        adds, removes = _differences(before.get("exceptions"), after.get("exceptions"))
        was, now = text(before.get("value")), text(after.get("value"))
        if was != now or adds or removes:
            setting = Setting(text(before.get("setting")), step.label, was, now, adds, removes, outside=True)
            self.summary.account(self._before(step)).settings.append(setting)

    def _tell_what_differs_unseen(self, drift: Iterable[Step]) -> None:
        """The object that Pulumi prints of a refresh has the same state before and after, but where one is gone."""
        differ = self._run.counts.get(UPDATE, 0)
        if differ:
            self.summary.changed = True
            labels = ", ".join(sorted(step.label for step in drift if step.op == REFRESH))
            self.summary.unknown.append(
                f"{differ:,} of the resources of the stack differ from what is live, and what Pulumi printed does not "
                f"say in what ({labels}); run it again with {STREAMING} in the environment"
            )

    # What the run does.

    def _compare(self, step: Step) -> None:
        if step.op not in _DECLARES | _LETS_GO or step.op == SAME:
            return
        if step.kind == SETTING:
            self._compare_setting(step)
        elif step.op in _LETS_GO:
            self._let_go(step)
        else:
            self._compare_blocks(step)

    def _compare_blocks(self, step: Step) -> None:
        """Whom a resource blocks."""
        inputs, outputs = mapping(mapping(step.new).get("inputs")), _outputs(step.new)
        where = self.summary.account(self._after(step))
        told = self._told.get(step.label) if step.kind == LIST else None
        given = inputs.get("phone" if step.kind == CONTACT else "contacts")
        before = _outputs(step.old)
        same_account = step.old is not None and self._before(step) == where.name
        if self._run.preview and is_unknown(given):
            self.summary.changed = True
            self.summary.may_unblock = self.summary.may_unblock or step.old is not None
            unblocks = " and unblocks" if step.old is not None else ""
            self.summary.unknown.append(f"{step.label}: whom it blocks{unblocks} is known only when the update runs")
            return
        if is_hidden(given):
            if told is None and step.kind == LIST and step.op != CREATE:
                self.summary.changed = True
                self.summary.unknown.append(f"{step.label}: its contacts are a secret, so it is not shown who is new")
            else:
                where.entries += _hidden(Verb.BLOCKS, step, told.blocks if told else None)
            return
        ours = {_key(contact) for contact in _owned(before, step)} if same_account else set()
        failed = mapping(before.get("failed")) if same_account else {}
        outcome = mapping(outputs.get("failed"))
        new, named = _contacts(inputs, step), None
        if told is not None and told.blocks.whole:
            named = {_key(contact) for contact in told.blocks.names}
        elif self._run.preview and told is None and inputs.get("allowFailures") is True:
            named = {_key(contact) for contact in new} - {_key(contact) for contact in failed}
        for contact, reason in new.items():
            key = _key(contact)
            if contact in outcome and not self._run.preview:
                why = mapping(outcome[contact])
                note = f"{text(why.get('state'))}: {self._hide(text(why.get('why')))}"
                where.entries.append(Entry(Verb.FAILS, contact, step.label, reason, note))
            elif key in ours:
                continue
            elif step.failed:
                where.entries.append(Entry(Verb.FAILS, contact, step.label, reason, "the request failed"))
            elif named is None or key in named:
                note = f"{text(mapping(failed.get(contact)).get('state'))} before" if contact in failed else ""
                where.entries.append(Entry(Verb.BLOCKS, contact, step.label, reason, note))
        if step.op == UPDATE and inputs != mapping(mapping(step.old).get("inputs")):
            self.summary.changed = True
            self._note_reasons(step, _contacts(before, step), new)

    def _note_reasons(self, step: Step, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        changed = sum(reason != before.get(contact, reason) for contact, reason in after.items())
        if changed:
            self.summary.notes.append(f"{step.label}: {changed:,} reasons change, which WhatsApp does not see")

    def _let_go(self, step: Step) -> None:
        """Whom a resource that goes, or is replaced, unblocks."""
        where = self.summary.account(self._before(step))
        old = mapping(step.old)
        outputs = _outputs(old)
        told = self._told.get(step.label, Line()) if step.op == DELETE_REPLACED else Line()
        fails = step.failed
        retained = "retain_on_delete" if old.get("retainOnDelete") is True else ""
        if is_hidden(outputs.get("phone")) or is_hidden(outputs.get("contacts")):
            verb = Verb.FAILS if fails else Verb.STAYS if retained else Verb.UNBLOCKS
            if step.op == DELETE or told.unblocks.count or not self._run.preview:
                where.entries += _hidden(verb, step, told.unblocks if told.unblocks.count else None, retained)
            return
        reasons = _contacts(outputs, step)
        going = set()
        for contact in _owned(outputs, step):
            going.add(_key(contact))
            holder = self._declared.get((where.name, _key(contact)))
            if holder is not None and holder.urn == step.urn:
                continue
            verb, note = Verb.UNBLOCKS, ""
            if holder is not None:
                verb, note = Verb.STAYS, f"moves to {holder.label}"
            elif retained:
                verb, note = Verb.STAYS, retained
            elif fails:
                verb, note = Verb.FAILS, "the unblock failed"
            where.entries.append(Entry(verb, contact, step.label, reasons.get(contact, ""), note))
        if _outputs(old).get("mode") == "exclusive" and not self._run.preview:
            told = Line(unblocks=unblocked_strangers(self._run.told))
        self._add_strangers(step, where.name, told, going)

    def _add_strangers(self, step: Step, account: str, told: Line, going: set[Key]) -> None:
        """Whom an exclusive list lets go although nobody declared them: only the provider names them."""
        entries = self.summary.account(account).entries
        unblocked = [entry for entry in entries if entry.resource == step.label and entry.verb is Verb.UNBLOCKS]
        strangers = [name for name in told.unblocks.names if _key(name) not in going]
        note = "not declared, and the list is exclusive"
        entries += [Entry(Verb.UNBLOCKS, name, step.label, note=note) for name in strangers]
        rest = told.unblocks.count - (len(unblocked) if self._run.preview else 0) - len(strangers)
        if rest > 0:
            entries.append(Entry(Verb.UNBLOCKS, None, step.label, note=note, count=rest))

    def _compare_setting(self, step: Step) -> None:
        inputs, before = mapping(mapping(step.new).get("inputs")), _outputs(step.old)
        if step.op in _LETS_GO:
            account, setting = self._before(step), text(before.get("setting"))
            if (account, setting) in self._declared:
                return
            back = "" if before.get("onDestroy") == "keep" else before.get("baseline") or before.get("previous")
            was = text(before.get("value"))
            after = (text(back) or was) if was else ""
            removes = sorted(_map(before.get("exceptions")))
            self.summary.account(account).settings.append(Setting(setting, step.label, was, after, (), removes))
            return
        account, setting = self._after(step), text(inputs.get("setting"))
        same = step.old is not None and self._before(step) == account and before.get("setting") == setting
        before = before if same else {}
        now = "known only when the update runs" if is_unknown(inputs.get("value")) else text(inputs.get("value"))
        adds, removes = _differences(before.get("exceptions"), inputs.get("exceptions"))
        if is_hidden(inputs.get("exceptions")) or is_unknown(inputs.get("exceptions")):
            self.summary.unknown.append(f"{step.label}: its exceptions are not shown here")
        self.summary.account(account).settings.append(
            Setting(setting, step.label, text(before.get("value")), now, adds, removes)
        )

    # What else is to be said.

    def _tell(self, run: Run) -> None:
        summary = self.summary
        summary.errors += map(self._hide, run.errors)
        summary.notes += [self._hide(line) for line in run.told if not line.endswith(_CHATTER) and not is_line(line)]
        others = [step for step in run.steps if not step.kind and not step.is_pulumis_own]
        ops = ["replace" if step.op == CREATE_REPLACEMENT else step.op for step in others]
        summary.other.update(Counter(op for op in ops if op not in {SAME, REFRESH, DELETE_REPLACED}))
        for account in summary.accounts.values():
            _forget_moves(account)
        summary.accounts = {
            name: account for name, account in sorted(summary.accounts.items()) if account.entries or account.settings
        }


def _forget_moves(account: AccountSummary) -> None:
    """Take out who is blocked by a resource and let go by another: they stay as they are."""
    stay = {_key(entry.contact) for entry in account.of(Verb.STAYS) if entry.contact is not None}
    account.entries = [
        entry
        for entry in account.entries
        if entry.verb is not Verb.BLOCKS or entry.contact is None or _key(entry.contact) not in stay
    ]


def _moves(step: Step) -> bool:
    """Return whether a resource is replaced because it moves to another account."""
    return "account" in step.because


def _recorded(steps: Sequence[Step]) -> dict[str, str]:
    """Return which account each name means, as far as the state tells it; nothing of one that means another now."""
    found = {}
    for step in steps:
        for state in (step.old, step.new):
            known = text(_outputs(state).get("accountId"))
            if known:
                found[text(_outputs(state).get("account")) or DEFAULT] = known
    for step in filter(_moves, steps):
        found.pop(text(mapping(mapping(step.new).get("inputs")).get("account")) or DEFAULT, None)
    return found


def _configured(config: Json, environment: Mapping[str, str]) -> dict[str, str]:
    """Return which account each name means, as far as the configuration tells it."""
    found = {}
    try:
        accounts = load(own_keys(config), environment, GATEWAYS, root=Path())
    except (WhatsAppError, ValueError, TypeError, AttributeError):
        return {}
    for name in accounts.names():
        try:
            found[name] = account_id(accounts[name])
        except ConfigurationError:
            lacking = accounts.lacking.get(name)
            if lacking is not None:
                found[name] = account_id(lacking)
    return found


def _outputs(state: Json | None) -> Json:
    return mapping(mapping(state).get("outputs"))


def _map(value: Any) -> dict[str, str]:
    return {contact: text(reason) for contact, reason in mapping(value).items()}


def _contacts(properties: Json, step: Step) -> dict[str, str]:
    """Return contact -> reason of a resource's inputs or outputs."""
    if step.kind == CONTACT:
        phone = text(properties.get("phone"))
        shown = phone and not is_hidden(phone) and not is_unknown(phone)
        return {phone: text(properties.get("reason"))} if shown else {}
    return _map(properties.get("contacts"))


def _owned(outputs: Json, step: Step) -> dict[str, str]:
    """Return who is blocked by a resource, as its record has it."""
    failed = mapping(outputs.get("failed"))
    return {
        contact: reason
        for contact, reason in _contacts(outputs, step).items()
        if text(mapping(failed.get(contact)).get("state")) not in _NOT_OURS
    }


def _differences(before: Any, after: Any) -> tuple[list[str], list[str]]:
    was, now = _map(before), _map(after)
    had, has = {_key(contact) for contact in was}, {_key(contact) for contact in now}
    return (
        sorted(contact for contact in now if _key(contact) not in had),
        sorted(contact for contact in was if _key(contact) not in has),
    )


def _hidden(verb: Verb, step: Step, told: Any, note: str = "") -> list[Entry]:
    """Return the entries of a secret: the last digits that the provider told, else that there is somebody."""
    note = note or "a secret"
    if told is None:
        return [Entry(verb, None, step.label, note=note, count=1 if step.kind == CONTACT else None)]
    named = [Entry(verb, name, step.label, note=note) for name in told.names]
    rest = told.count - len(named)
    return [*named, Entry(verb, None, step.label, note=note, count=rest)] if rest > 0 else named


def _key(contact: str) -> Key:
    try:
        return key_of(contact)
    except (WhatsAppError, ValueError):
        return Key(contact)
