"""What a `PrivacySetting` can be given: checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..account.accounts import Accounts
from ..account.claims import Declared, Declarer
from ..errors import InvalidInput
from ..names import key_of
from ..privacy_settings import CONTACT_BLACKLIST, canonical_setting, canonical_value
from .inputs import ADDITIVE, EXCLUSIVE, Inputs, Unknown

RESTORE: Final = "restore"
KEEP: Final = "keep"


def check(news: Mapping[str, Any], olds: Mapping[str, Any], accounts: Accounts, by: Declarer) -> Inputs:
    """Return the checked inputs, and why they are not possible."""
    inputs = Inputs(news, olds, accounts, by)
    setting = _setting(inputs)
    value = _value(inputs, setting, "value", required=True)
    _value(inputs, setting, "baseline", required=False)
    exceptions = inputs.contacts("exceptions")
    inputs.choice("onDestroy", (RESTORE, KEEP), RESTORE)
    mode = None
    if exceptions is not None or inputs.get("exceptionsMode") is not None:
        mode = inputs.choice("exceptionsMode", (ADDITIVE, EXCLUSIVE), ADDITIVE)
    if (exceptions or mode == EXCLUSIVE) and isinstance(value, str) and value != CONTACT_BLACKLIST:
        inputs.fail(
            "exceptions",
            f"WhatsApp keeps exceptions only under value {CONTACT_BLACKLIST!r}, and value is {value!r}; "
            "change one of them",
        )
    account = inputs.account
    if account is None or not isinstance(setting, str):
        return inputs
    people = {key_of(contact): contact for contact in exceptions} if isinstance(exceptions, dict) else {}
    inputs.declare("setting", Declared(by, people, setting=setting))
    can = account.capabilities
    if inputs.get("exceptions"):
        inputs.require(
            setting in can.exceptions,
            "exceptions",
            f"{account.title} cannot change the exceptions of {setting}; "
            + (f"it can for {', '.join(sorted(can.exceptions))}" if can.exceptions else "leave them to the phone"),
        )
    inputs.require(
        mode != EXCLUSIVE or can.reads_exceptions,
        "exceptionsMode",
        f"{account.title} cannot list exceptions, so they cannot be exclusive; use 'additive'",
    )
    return inputs


async def announce(inputs: Inputs) -> None:
    """Say that a destroy will leave a new setting as it is, where its value before cannot be known."""
    checked, account = inputs.checked, inputs.account
    if account is None or account.capabilities.reads_privacy or checked.get("baseline") is not None:
        return
    if checked.get("onDestroy") == RESTORE:
        account.report.info(
            f"{account.title} cannot read {checked['setting']}, so a destroy will leave it as it is; set `baseline` to "
            "the value to go back to, or on_destroy='keep' if it should stay"
        )


def _setting(inputs: Inputs) -> str | Unknown | None:
    text = inputs.text("setting", required=True)
    if not isinstance(text, str):
        return text
    try:
        setting = canonical_setting(text)
    except InvalidInput as error:
        inputs.note(error)
        return None
    inputs.checked["setting"] = setting
    account = inputs.account
    if account is not None and setting not in account.capabilities.privacy:
        known = ", ".join(account.capabilities.privacy)
        inputs.require(
            False,
            "setting",
            f"{account.title} cannot set {setting}; "
            + (f"it can set {known}" if known else "it has no privacy settings, so use a gateway that has them"),
        )
        return None
    return setting


def _value(inputs: Inputs, setting: str | Unknown | None, key: str, *, required: bool) -> str | Unknown | None:
    text = inputs.text(key, required=required)
    if not isinstance(text, str) or not isinstance(setting, str):
        return text
    try:
        value = canonical_value(setting, text, key)
    except InvalidInput as error:
        inputs.note(error)
        return None
    inputs.checked[key] = value
    if inputs.account is not None:
        can = inputs.account.capabilities.privacy.get(setting, ())
        inputs.require(
            value in can,
            key,
            f"{inputs.account.title} cannot set {setting} to {value!r}; it can set {', '.join(can)}",
        )
    return value
