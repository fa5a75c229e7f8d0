"""What the live page's buttons and the control interface do, by the names of :class:`SandboxAccount`'s methods."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any, Final

from .account import SandboxAccount
from .sandbox import Sandbox

_REQUIRED: Final = object()


class Fields:
    """The fields of a request to act, each taken once and checked; what is left over at the end is a mistake."""

    def __init__(self, body: object) -> None:
        """Take a request's JSON. Raises ValueError when it is no object."""
        if not isinstance(body, dict):
            raise ValueError('the body must be a JSON object such as {"action": "reset", "account": "zapi/demo"}')
        self._left: dict[str, Any] = dict(body)

    def text(self, name: str, default: Any = _REQUIRED) -> Any:
        """Take a text, without the space around it."""
        found = self._take(name, str, "a text", default)
        return found.strip() if isinstance(found, str) else found

    def texts(self, name: str) -> list[str]:
        """Take a list of texts, at least one."""
        found = self._take(name, list, 'a list of texts such as ["+5511987654321"]', _REQUIRED)
        if not found or not all(isinstance(one, str) for one in found):
            raise ValueError(f'{name} must be a list of texts such as ["+5511987654321"]')
        return [one.strip() for one in found]

    def flag(self, name: str) -> bool | None:
        """Take true or false; None where it is not there."""
        found: bool | None = self._take(name, bool, "true or false", None)
        return found

    def number(self, name: str, default: int | None, least: int = 0) -> int | None:
        """Take a whole number, or null for none."""
        found: int | None = self._take(name, (int, NoneType), f"a whole number from {least} on, or null", default)
        if isinstance(found, bool) or (found is not None and found < least):
            raise ValueError(f"{name} must be a whole number from {least} on, or null")
        return found

    def end(self) -> None:
        """Raise ValueError where something is left that nothing has taken."""
        if self._left:
            raise ValueError(f"nothing is known of {', '.join(map(repr, self._left))} here; see docs/sandbox.md")

    def _take(self, name: str, kind: type | tuple[type, ...], what: str, default: object) -> Any:
        found = self._left.pop(name, default)
        if found is _REQUIRED:
            raise ValueError(f"{name} is missing; it must be {what}")
        if found is not default and not isinstance(found, kind):
            raise ValueError(f"{name} must be {what}")
        return found


def act(sandbox: Sandbox, body: object) -> str:
    """Do what is asked and say what was done; for ``create``, name the account.

    Raises:
        ValueError: the request is wrong; the text says why, for people. Nothing was changed.
    """
    fields = Fields(body)
    action = fields.text("action")
    if action == "create":
        gateway, identity = fields.text("gateway"), fields.text("identity")
        fields.end()
        return sandbox.account(gateway, identity).name
    if action not in ACTIONS:
        raise ValueError(f"there is no action {action!r}, but create, {', '.join(ACTIONS)}")
    account = find(sandbox, fields.text("account"))
    return ACTIONS[action](account, fields)


def find(sandbox: Sandbox, name: str) -> SandboxAccount:
    """Return an account by its name. Raises ValueError where there is none: it is not made."""
    for account in sandbox.accounts():
        if account.name == name:
            return account
    raise ValueError(f"there is no account {name!r}; create it, or send a request to it")


def _people(account: SandboxAccount, fields: Fields) -> tuple[list[str], str]:
    """Take contacts; return them, and what to call them."""
    phones = fields.texts("phones")
    return phones, account.find(phones[0]).contact if len(phones) == 1 else f"{len(phones)} contacts"


def _block(account: SandboxAccount, fields: Fields) -> str:
    phones, called = _people(account, fields)
    fields.end()
    account.block(*phones)
    return f"blocked {called}"


def _unblock(account: SandboxAccount, fields: Fields) -> str:
    phones, called = _people(account, fields)
    fields.end()
    account.unblock(*phones)
    return f"unblocked {called}"


def _set_privacy(account: SandboxAccount, fields: Fields) -> str:
    setting, value = fields.text("setting"), fields.text("value")
    fields.end()
    account.set_privacy(setting, value)
    return f"{setting} is now {value}"


def _add_exceptions(account: SandboxAccount, fields: Fields) -> str:
    (phones, called), setting = _people(account, fields), fields.text("setting")
    fields.end()
    account.add_exceptions(setting, *phones)
    return f"{setting} does not apply to {called} now"


def _remove_exceptions(account: SandboxAccount, fields: Fields) -> str:
    (phones, called), setting = _people(account, fields), fields.text("setting")
    fields.end()
    account.remove_exceptions(setting, *phones)
    return f"{setting} applies to {called} again"


def _contact(account: SandboxAccount, fields: Fields) -> str:
    phone = fields.text("phone")
    given: dict[str, Any] = {name: fields.text(name, None) for name in ("wa_id", "lid")}
    given |= {name: fields.flag(name) for name in ("messaged_recently", "on_whatsapp", "username")}
    new_user_id = fields.flag("new_user_id") is True
    fields.end()
    account.contact(phone, **given, new_user_id=new_user_id)
    contact = account.find(phone)
    said = [
        "has written in the last 24 hours" if contact.messaged_recently else "has not written in the last 24 hours",
        "is on WhatsApp" if contact.on_whatsapp else "is not on WhatsApp",
        f"hides the number and is listed as {contact.user_id}" if contact.username else "shows the number",
    ]
    return f"{contact.contact} {', '.join(said)}" + (f"; its new id is {contact.user_id}" if new_user_id else "")


def _join_portfolio(account: SandboxAccount, fields: Fields) -> str:
    portfolio, parent_ids = fields.text("portfolio"), fields.flag("parent_ids") is True
    fields.end()
    account.join_portfolio(portfolio, parent_ids=parent_ids)
    return f"{account.name} belongs to the portfolio {portfolio} now"


def _fault(account: SandboxAccount, fields: Fields) -> str:
    kind, on = fields.text("kind"), fields.text("on", None)
    times, after = fields.number("times", 1, least=1), fields.number("after", 0) or 0
    status, retry_after = fields.number("status", None, least=200), fields.number("retry_after", 1)
    fields.end()
    account.fault(kind, times=times, on=on or None, after=after, status=status, retry_after=retry_after)
    return "every matching request meets the fault" if times is None else "the next matching requests meet the fault"


def _plain(do: Callable[[SandboxAccount], None], said: str) -> Callable[[SandboxAccount, Fields], str]:
    def act(account: SandboxAccount, fields: Fields) -> str:
        fields.end()
        do(account)
        return said.format(account.name)

    return act


ACTIONS: Final[dict[str, Callable[[SandboxAccount, Fields], str]]] = {
    "reset": _plain(SandboxAccount.reset, "{} is as when it was new"),
    "delete": _plain(SandboxAccount.delete, "{} is deleted"),
    "block": _block,
    "unblock": _unblock,
    "set_privacy": _set_privacy,
    "add_exceptions": _add_exceptions,
    "remove_exceptions": _remove_exceptions,
    "contact": _contact,
    "join_portfolio": _join_portfolio,
    "let_a_day_pass": _plain(
        SandboxAccount.let_a_day_pass, "a day has passed: nobody has written in the last 24 hours"
    ),
    "forget_credential": _plain(
        SandboxAccount.forget_credential, "the next credential that is used becomes the account's"
    ),
    "fault": _fault,
    "clear_faults": _plain(SandboxAccount.clear_faults, "no faults are waiting"),
    "clear_requests": _plain(SandboxAccount.clear_requests, "the request log is empty"),
}
