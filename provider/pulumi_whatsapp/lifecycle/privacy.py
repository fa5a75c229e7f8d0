"""The lifecycle of a `PrivacySetting`: one setting of the account, and who is excepted from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..account.account import Account
from ..account.accounts import Accounts
from ..account.claims import SEE_ALL, Declared
from ..errors import GatewayError, Unavailable
from ..names import Contact, Key, key_of
from ..outcome import Outcome, State
from ..privacy_settings import CONTACT_BLACKLIST
from ..report import count_contacts
from .diff import CHANGED, UNCHANGED, Diff, account_moves
from .excepted import by_key, known_exceptions, plan, reread_exceptions
from .inputs import EXCLUSIVE, Props, Unknown
from .members import Members, from_outputs, to_outputs
from .privacy_inputs import KEEP
from .privacy_inputs import announce as announce
from .privacy_inputs import check as check

_COMPARED = ("setting", "value", "exceptions", "exceptionsMode", "onDestroy", "baseline")
_OURS = "ours"
"""The values that this resource may have set, where ``value`` is not the only one: an answer was lost, or a refresh
found another value."""
_DORMANT = "dormant"
"""Exceptions that the program dropped under another value: they are removed when the list is next in force."""
_VALUE = "value"
_LIST = "exceptions"
_NO_CONTACTS = (Contact(_VALUE), Contact(_LIST))
"""What may fail beside single contacts."""


async def diff(outputs: Mapping[str, Any], news: Mapping[str, Any], accounts: Accounts) -> Diff:
    """Return what an update would do; another setting is another resource. Only exclusive exceptions ask the gateway.

    Raises:
        WhatsAppError: when neither account of the resource is configured, or the exceptions cannot be read.
    """
    moved = account_moves(outputs, news, accounts)
    if moved is not None:
        return moved
    if any(isinstance(news.get(key), Unknown) for key in _COMPARED):
        return CHANGED
    if news["setting"] != outputs["setting"]:
        return Diff(True, ("setting",))
    account = accounts.by_id(outputs["accountId"])
    account.claims.hold_setting(news["setting"], news["value"])
    same = all(news.get(key) == outputs.get(key) for key in _COMPARED)
    if news.get("exceptionsMode") == EXCLUSIVE and news["value"] == outputs["value"]:
        same = await _are_all(outputs, news, account) and same
    in_force = news["value"] == CONTACT_BLACKLIST and news["setting"] in account.capabilities.exceptions
    left = outputs.get("failed") or outputs.get(_OURS) or (in_force and outputs.get(_DORMANT))
    return UNCHANGED if same and not left else CHANGED


async def _are_all(outputs: Mapping[str, Any], news: Mapping[str, Any], account: Account) -> bool:
    """Return whether the live exceptions are the declared ones and nobody else; warns of whom an update would remove.

    Raises:
        WhatsAppError: when they cannot be read.
    """
    listed = by_key(await account.gateway.get_exceptions(news["setting"]))
    held = _members(outputs, news)
    declared = news.get("exceptions") or {}
    live = known_exceptions(listed, held, declared)
    unsure = [contact for key, contact in listed.items() if key not in live]
    if unsure:
        everybody = dict.fromkeys([*declared, *held.contacts, *held.failed])
        missing = [contact for contact in everybody if held.key(contact) not in listed]
        account.report.warning(
            f"among the exclusive exceptions of {news['setting']}, {account.title} does not list "
            f"{held.names(missing)}, and lists {held.names(unsure)}, which may be the same people; they stay. "
            "Declare the listed ids in place of the numbers, and it is known who is who"
        )
    steps = plan(held, declared, live)
    if steps.remove:
        account.report.warning(
            f"pulumi up would remove {count_contacts(len(steps.remove))} from the exclusive exceptions of "
            f"{news['setting']}: {held.names(steps.remove)}"
        )
    return not (steps.add or steps.remove)


async def create(news: Props, accounts: Accounts) -> tuple[str, Props]:
    """Set the value and the exceptions; returns the resource's id and outputs.

    What stood before is remembered where it can be read and is another value.

    Raises:
        WhatsAppError: when nothing was changed.
    """
    account = accounts.named(news.get("account"))
    setting = news["setting"]
    previous = None
    if account.capabilities.reads_privacy:
        live = (await account.privacy()).get(setting)
        previous = live if live != news["value"] else None
        known = live
    else:
        known = None
    held = Members(secret=bool(news.get("secret")))
    outputs = await _Writer(account, news).write(held, known, previous, [known] if known else [])
    account.claims.hold_setting(setting, news["value"])
    return f"{account.id}/privacy/{setting}", outputs


async def update(outputs: Mapping[str, Any], news: Props, accounts: Accounts) -> Props:
    """Set what changed, and try again what failed; returns the outputs.

    Raises:
        WhatsAppError: when nothing was changed.
    """
    account = accounts.by_id(outputs["accountId"])
    known = None if _VALUE in (outputs.get("failed") or {}) else outputs["value"]
    previous = outputs.get("previous")
    ours = _ours(outputs)
    if previous is None and len(ours) == 1 and ours[0] != news["value"] and account.capabilities.reads_privacy:
        previous = ours[0]  # it stood so before the first create, and nothing was to be remembered then
    written = await _Writer(account, news).write(_members(outputs, news), known, previous, ours)
    account.claims.hold_setting(news["setting"], news["value"])
    return written


@dataclass
class _Writer:
    """Writes a setting so that what was confirmed is known when a later request fails."""

    account: Account
    news: Props

    async def write(self, held: Members, known: str | None, previous: str | None, ours: Sequence[str]) -> Props:
        """Return the outputs; ``known`` is the value that stands now, where that is known, ``ours`` what may stand.

        One request sets the value together with every exception to add: WhatsApp shows the list only under
        ``contact_blacklist``. What is left of the difference is read and sent after it.
        """
        setting, value = self.news["setting"], self.news["value"]
        declared: Mapping[Contact, str] = self.news.get("exceptions") or {}
        listed = value == CONTACT_BLACKLIST and setting in self.account.capabilities.exceptions
        exclusive = self.news.get("exceptionsMode") == EXCLUSIVE
        can_read = listed and self.account.capabilities.reads_exceptions
        before: Mapping[Key, Contact] | None = None
        if can_read and known == CONTACT_BLACKLIST and (declared or held.contacts or held.failed or exclusive):
            before = await self._live(held, declared)
        steps = plan(held, declared, before if exclusive else None)
        add, remove = (steps.add, steps.remove) if listed else ([], [])
        if listed and known != CONTACT_BLACKLIST:
            add = list(declared)  # what the state says of the list may never have taken effect
        if before is not None:
            add = [contact for contact in declared if key_of(contact) not in before]
            # an empty list is no reason to forget anybody: WhatsApp does not always show it
            remove = [contact for contact in remove if not before or key_of(contact) in before]
        after = replace(held, contacts=dict(declared), failed={}, foreign=())
        dormant = () if listed else tuple(held.owned.values())
        if known != value or add or remove:
            try:
                await _set(self.account, held, setting, value, add, remove)
            except GatewayError as error:
                if error.settled:
                    raise
                # a stranger of exclusive exceptions is looked for again, and is never owned
                owned = set(held.owned.values())
                left = {name: _failure(name, State.REMOVAL_PENDING, error) for name in remove if name in owned}
                failed = {Contact(_VALUE): _failure(_VALUE, State.UNKNOWN, error), **left}
                after = replace(after, failed=failed)
                return {**self._outputs(after, previous, dormant), _OURS: sorted({*ours, value})}
        if exclusive and before is None:
            after = await self._remove_others(after, declared)
        return self._outputs(after, previous, dormant)

    async def _remove_others(self, after: Members, declared: Mapping[Contact, str]) -> Members:
        others: list[Contact] = []
        try:
            live = await self._live(after, declared)
            wanted = {key_of(contact) for contact in declared}
            others = [contact for key, contact in live.items() if key not in wanted]
            if others:
                await _set(self.account, after, self.news["setting"], self.news["value"], (), others)
        except GatewayError as error:
            return replace(after, failed={Contact(_LIST): _failure(_LIST, State.PENDING, error)}, foreign=others)
        return after

    async def _live(self, held: Members, declared: Mapping[Contact, str]) -> Mapping[Key, Contact]:
        listed = by_key(await self.account.gateway.get_exceptions(self.news["setting"]))
        return known_exceptions(listed, held, declared)

    def _outputs(self, members: Members, previous: str | None, dormant: Iterable[Contact] = ()) -> Props:
        return {
            **_outputs(self.news, members, previous, self.account.id),
            _DORMANT: sorted(dormant) or None,
            _OURS: None,
        }


async def read(outputs: Props, accounts: Accounts) -> Props:
    """Return the outputs as they are now, as far as the gateway can read them.

    Raises:
        WhatsAppError: when they cannot be read.
    """
    account = accounts.by_id(outputs["accountId"])
    can = account.capabilities
    setting = outputs["setting"]
    news = dict(outputs)
    if can.reads_privacy:
        news["value"] = (await account.privacy()).get(setting, outputs["value"])
    else:
        account.tell_unread("the values of privacy settings")
    dormant = outputs.get(_DORMANT)
    held = _members({**outputs, _DORMANT: None})
    exclusive = outputs.get("exceptionsMode") == EXCLUSIVE
    if can.reads_exceptions and news["value"] == CONTACT_BLACKLIST and (held.contacts or exclusive):
        live = by_key(await account.gateway.get_exceptions(setting))
        if not live and held.blocked:
            account.report.warning(
                f"{account.title} shows no exceptions of {setting}: WhatsApp shows them only under "
                f"{CONTACT_BLACKLIST!r}, so somebody may have changed the setting. The state is left as it was; "
                "pulumi up --replace sets it again"
            )
        else:
            held = reread_exceptions(held, known_exceptions(live, held, held.contacts), exclusive=exclusive)
            news["exceptions"] = dict(held.contacts)
    if outputs.get("exceptions") or not can.reads_privacy:  # else reading the value has settled it
        unsettled = from_outputs({}, outputs).failed
        held = replace(
            held, failed={**{name: unsettled[name] for name in _NO_CONTACTS if name in unsettled}, **held.failed}
        )
    after = _outputs(news, held, outputs.get("previous"), outputs["accountId"])
    after[_DORMANT] = dormant
    unread = not can.reads_privacy
    after[_OURS] = outputs.get(_OURS) if unread else None if news["value"] in _ours(outputs) else _ours(outputs)
    return after


def _ours(outputs: Mapping[str, Any]) -> list[str]:
    return outputs.get(_OURS) or [outputs["value"]]


async def delete(instance: str | None, outputs: Mapping[str, Any], accounts: Accounts) -> None:
    """Set the value that stood before, unless somebody changed it since.

    Exceptions are taken back only where the restored value still keeps them: anything else would need the setting
    switched once more.

    Raises:
        WhatsAppError: when it could not be restored.
    """
    account = accounts.by_id(outputs["accountId"])
    setting, value = outputs["setting"], outputs["value"]
    if outputs.get("onDestroy") == KEEP:
        return
    held = _members(outputs)
    left_out = await accounts.left_out(account, instance)
    if setting in left_out.settings:
        raise Unavailable(
            f"{setting} of {account.id} is not set back: {left_out.settings[setting]} declares it, and this run "
            f"leaves that resource out; {SEE_ALL}"
        )
    declared = account.claims.setting(setting)
    if declared is not None:
        await _hand_over(account, outputs, held, declared)
        return
    if left_out.running is not None:
        raise Unavailable(f"{setting} of {account.id} is not given back: {left_out.running}")
    live = (await account.privacy(fresh=True)).get(setting) if account.capabilities.reads_privacy else None
    if account.capabilities.reads_privacy and live not in _ours(outputs):
        account.report.info(f"{setting} of {account.id} stays {live!r}: somebody changed it after this stack set it")
        return
    target = outputs.get("baseline") or outputs.get("previous") or live  # the last one stood so before
    if target is None:
        account.report.info(
            f"{setting} of {account.id} stays {value!r}, with its exceptions if it has any, because the value before "
            "this stack is not known; set `baseline` to the value to go back to"
        )
        return
    await _restore(account, held, setting, target, live)


async def _restore(account: Account, held: Members, setting: str, target: str, live: str | None) -> None:
    """Set a value again, and remove own exceptions where it keeps them; ``live`` is what stands, where that is known.

    Raises:
        GatewayError: when it could not be set.
    """
    owned = list(held.owned.values())
    remove = owned if target == CONTACT_BLACKLIST and setting in account.capabilities.exceptions else []
    if live != target or remove:
        await _set(account, held, setting, target, (), remove)
    if owned and not remove:
        account.report.info(
            f"{setting} of {account.id} is {target!r} again; its exceptions ({held.names(owned)}) have no effect "
            "under it and stay on WhatsApp's list"
        )


async def _hand_over(account: Account, outputs: Mapping[str, Any], held: Members, declared: Declared) -> None:
    """Hand a setting over to the resource that declares it, and remove own exceptions that it does not declare.

    Raises:
        Unavailable: when that resource has not set it, or the exceptions cannot be removed under its value: only the
            old resource knows of them, so it stays.
        GatewayError: when they could not be removed.
    """
    setting, by = declared.setting or "", declared.by.label
    value = account.claims.setting_value(setting)
    if value is None:
        raise Unavailable(
            f"{setting} of {account.id} is not set back yet: {by} declares it and has not set it; run it again to go on"
        )
    dropped = [contact for key, contact in held.owned.items() if key not in declared.contacts]
    if dropped and value == CONTACT_BLACKLIST:
        await _set(account, held, setting, value, (), dropped)
    elif dropped:
        raise Unavailable(
            f"{held.names(dropped)} stay on WhatsApp's list of exceptions of {setting}, which {by} sets to {value!r}: "
            "they can be removed only under 'contact_blacklist', and no other resource knows of them. Rename the "
            "resource with aliases instead, or run it again once the value is 'contact_blacklist'"
        )
    before = outputs.get("previous")
    forgotten = f"; its value before this stack, {before!r}, is not kept, unless `baseline` has it" if before else ""
    account.report.info(f"{setting} of {account.id} stays as it is, because {by} declares it{forgotten}")


def _failure(name: str, state: State, error: GatewayError) -> Outcome:
    return Outcome(Contact(name), error=error, state=state)


async def _set(
    account: Account, held: Members, setting: str, value: str, add: Sequence[Contact], remove: Sequence[Contact]
) -> None:
    try:
        await account.set_privacy(setting, value, add, remove)
    except GatewayError as error:
        error.args = (held.hide(str(error)),)  # a gateway may quote whom it was asked to except
        raise


def _members(outputs: Mapping[str, Any], news: Mapping[str, Any] | None = None) -> Members:
    failed = {name: why for name, why in (outputs.get("failed") or {}).items() if name not in _NO_CONTACTS}
    failed |= {contact: {"state": State.REMOVAL_PENDING.value} for contact in outputs.get(_DORMANT) or ()}
    return from_outputs(outputs.get("exceptions") or {}, {**outputs, "failed": failed}, news)


def _outputs(news: Mapping[str, Any], members: Members, previous: str | None, account_id: str) -> Props:
    held = to_outputs(members)
    return {
        **{key: news.get(key) for key in (*_COMPARED, "account")},
        "previous": previous,
        "accountId": account_id,
        "failed": held["failed"],
        "foreign": held["foreign"],
        "secret": members.secret or None,
    }
