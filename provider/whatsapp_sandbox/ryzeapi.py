"""RyzeAPI's wire format: https://docs.ryzeapi.cloud, chat/block and profile/privacy."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from .account_state import State
from .faults import Fault
from .paste import Setup
from .settings import SETTINGS
from .wire import Answer, Call, Wire

_FIELDS: dict[tuple[str, str], str] = {
    ("visibility", "lastSeen"): "last_seen",
    ("visibility", "status"): "about",
    ("visibility", "profile"): "profile_photo",
    ("visibility", "online"): "online",
    ("privacy", "readReceipts"): "read_receipts",
    ("permissions", "callAdd"): "call_add",
    ("permissions", "groupAdd"): "group_add",
}
_GROUPS = ("visibility", "privacy", "permissions")
_WINDOW_SECONDS = 60.0


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, _said(message), headers or {})


def _said(message: str) -> dict[str, Any]:
    return {"success": False, "error": {"message": message}}


class RyzeApi(Wire):
    """One contact a call, seven settings read and written in part, a hundred requests a minute."""

    name = "ryzeapi"
    setup = Setup("instance", "demo", ("token",), {"token": "{token}"})
    faults = frozenset({"not_connected", "half_applied"})
    has_privacy = True
    naming = ("number",)
    paths: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(r"/api/(?P<what>chat/block|profile/privacy|profile/getPrivacy)/(?P<account>[^/]+)"),
        re.compile(r"/api/(?P<what>instance/list)"),
    )

    def account(self, call: Call) -> str | None:
        """See Wire."""
        return call.params.get("account") or call.query.get("instanceName")

    def operation(self, call: Call) -> str:
        """See Wire."""
        if call.params["what"] == "chat/block":
            body = call.json()
            return "unblock" if isinstance(body, dict) and body.get("block") is False else "block"
        if call.params["what"].startswith("profile/"):
            return "privacy_write" if call.method == "POST" else "privacy_read"
        return "status"

    def credentials(self, call: Call) -> dict[str, str | None]:
        """See Wire."""
        scheme, _, bearer = call.headers.get("authorization", "").partition(" ")
        token = call.headers.get("token") or (bearer if scheme.lower() == "bearer" else "")
        return {"token": token or None}

    def unauthorized(self, name: str, value: str | None) -> Answer:  # noqa: ARG002
        """See Wire."""
        return _error(401, "Invalid token" if value else "Missing token in header")

    def said(self, text: str) -> Any:
        """See Wire."""
        return _said(text)

    def meter(self, state: State, now: float) -> tuple[dict[str, str], Answer | None]:
        """Count the request in a fixed window of a minute, which its first request opens."""
        start, used = state.connection.execute(
            "SELECT window_start, window_used FROM accounts WHERE id = ?", (state.account,)
        ).fetchone()
        if not start <= now < start + _WINDOW_SECONDS:
            start, used = now, 0
        limit = state.limit("requests_per_minute")
        exceeded = _error(429, "Rate limit exceeded. Try again later.") if used >= limit else None
        used = min(used + 1, limit)
        state.connection.execute(
            "UPDATE accounts SET window_start = ?, window_used = ? WHERE id = ?", (start, used, state.account)
        )
        return _limit_headers(limit, limit - used, start + _WINDOW_SECONDS), exceeded

    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:  # noqa: ARG002
        """See Wire."""
        match fault.kind:
            case "rate_limit":
                told = fault.retry_after
                headers = {} if told is None else {"X-RateLimit-Remaining": "0"} | _reset(now + told)
                return _error(fault.status or 429, "Rate limit exceeded. Try again later.", headers)
            case "outage":
                return _error(fault.status or 503, "Internal server error")
            case "unauthorized":
                return _error(401, "Invalid token")
            case "forbidden":
                return _error(403, "Forbidden")
            case "not_found":
                return _error(404, "Instance not found")
            case "not_connected":
                return _error(503, "Instance is not connected to WhatsApp")
            case "no_success":
                return _error(200, "WhatsApp did not accept the change")
            case "reject_unblock":
                return _unchanged(blocked=True)
        return None

    def answer(self, call: Call, state: State, fault: Fault | None) -> Answer:
        """See Wire."""
        what = call.params["what"]
        methods = {"chat/block": ("POST",), "profile/privacy": ("GET", "POST")}.get(what, ("GET",))
        if call.method not in methods:
            return _error(405, "Method not allowed")
        if what == "chat/block":
            return _block(call.json(), state)
        if what == "instance/list":
            return _instances(state)
        if call.method == "POST":
            return _set_privacy(call.json(), state, stop_halfway=fault is not None)
        return _privacy("Privacy settings retrieved successfully", state)


def _limit_headers(limit: int, remaining: int, reset: float) -> dict[str, str]:
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(remaining)} | _reset(reset)


def _reset(at: float) -> dict[str, str]:
    return {"X-RateLimit-Reset": str(-int(-at // 1))}


def _block(body: Any, state: State) -> Answer:
    if not isinstance(body, dict) or not isinstance(body.get("block"), bool):
        return _error(400, "Invalid request body")
    number, block = body.get("number"), body["block"]
    if not number:
        return _error(400, "Number is required")
    (person,) = state.people([number])
    if person is None:
        return _error(400, "Invalid number")
    if not block:
        state.unblock([person.wa_id])
    elif not person.on_whatsapp or person.wa_id == state.phone:
        return _unchanged(blocked=False)
    else:
        state.block([(person.wa_id, number)])
    return Answer(
        200,
        {
            "success": True,
            "message": f"Contact {'blocked' if block else 'unblocked'} successfully",
            "contact_jid": person.jid,
            "blocked_count": state.count(),
            "blocked": block,
        },
    )


def _unchanged(*, blocked: bool) -> Answer:
    """Return the answer about a contact that stays as it was: ``blocked`` is documented, a text for it is not."""
    return Answer(200, {"success": True, "message": "The contact is unchanged", "blocked": blocked})


def _privacy(message: str, state: State) -> Answer:
    values = state.privacy()
    settings: dict[str, dict[str, str]] = {group: {} for group in _GROUPS}
    for (group, field), setting in _FIELDS.items():
        settings[group][field] = values[setting]
    return Answer(200, {"success": True, "message": message, "settings": settings})


def _set_privacy(body: Any, state: State, *, stop_halfway: bool) -> Answer:
    """Apply the fields one by one: what was applied before a failure stays."""
    if not isinstance(body, dict) or not all(isinstance(body.get(group, {}), dict) for group in _GROUPS):
        return _error(400, "Invalid request body")
    wanted = [(group, field, value) for group in _GROUPS for field, value in body.get(group, {}).items()]
    if not wanted:
        return _error(400, "At least one of visibility, privacy or permissions is required")
    for group, field, value in wanted:
        setting = _FIELDS.get((group, field))
        if setting is None or value not in SETTINGS[setting]:
            return _error(400, f"Invalid value for {field}")
    if stop_halfway:
        wanted = wanted[: len(wanted) // 2]
    for group, field, value in wanted:
        state.set_privacy(_FIELDS[group, field], value)
    if stop_halfway:
        return _error(500, "Failed to set privacy setting")
    return _privacy("Privacy settings updated successfully", state)


def _instances(state: State) -> Answer:
    connection = {
        "state": "connected",
        "numberJid": f"{state.phone}@s.whatsapp.net",
        "presenceStatus": "available",
        "displayStatus": "online",
    }
    profile = {"name": "Sandbox", "pictureUrl": "", "isBusiness": False, "businessName": ""}
    instance = {"name": state.identity, "connection": connection, "profile": profile}
    return Answer(200, {"success": True, "instances": [instance]})
