"""What a person does by hand on the live page."""

from __future__ import annotations

from typing import Any

from .account import SandboxAccount
from .sandbox import Sandbox


def act(sandbox: Sandbox, body: dict[str, Any]) -> str:
    """Do what the page asks and say what was done; for ``open``, name the account.

    Raises ValueError with a text for people; KeyError and TypeError for what the page never sends.
    """
    if body["action"] == "open":
        account = sandbox.account(body["gateway"], body["identity"].strip())
        return f"{account.gateway}/{account.identity}"
    for account in sandbox.accounts():
        if f"{account.gateway}/{account.identity}" == body["account"]:
            return _act(account, body)
    raise ValueError(f"no account {body['account']}")


def _act(account: SandboxAccount, body: dict[str, Any]) -> str:
    match body["action"]:
        case "block" | "unblock" | "except" | "unexcept" | "wrote" | "on_whatsapp" | "username" | "user_id":
            return _about_a_contact(account, body, body["phone"].strip())
        case "privacy":
            account.set_privacy(body["setting"], body["value"])
            return f"{body['setting']} is now {body['value']}"
        case "day":
            account.let_a_day_pass()
            return "a day has passed: nobody has written in the last 24 hours"
        case "rotate":
            account.forget_credential()
            return "the next credential that is used becomes the account's"
        case "fault":
            account.fault(body["kind"], times=int(body["times"]), on=body["on"] or None)
            return f"the next matching request meets {body['kind']}"
        case "clear_faults":
            account.clear_faults()
            return "no faults are waiting"
        case "clear_requests":
            account.clear_requests()
            return "the request log is empty"
    raise ValueError(f"no action {body['action']}")


def _about_a_contact(account: SandboxAccount, body: dict[str, Any], phone: str) -> str:
    yes = body.get("yes") is True
    match body["action"]:
        case "block":
            account.block(phone)
            return f"blocked {phone}"
        case "unblock":
            account.unblock(phone)
            return f"unblocked {phone}"
        case "except":
            account.add_exceptions(body["setting"], phone)
            return f"{phone} is now an exception of {body['setting']}"
        case "unexcept":
            account.remove_exceptions(body["setting"], phone)
            return f"{phone} is no exception of {body['setting']} any more"
        case "username":
            account.contact(phone, username=yes)
            return f"{phone} {'is listed by an id alone' if yes else 'is listed by its number'} now"
        case "user_id":
            account.contact(phone, new_user_id=True)
            return f"{phone} is {account.user_id(phone)} now, and its id of before is nobody's"
        case "wrote":
            account.contact(phone, messaged_recently=yes)
            return f"{phone} has {'' if yes else 'not '}written in the last 24 hours"
        case _:
            account.contact(phone, on_whatsapp=yes)
            return f"{phone} is {'' if yes else 'not '}on WhatsApp"
