"""Z-API's wire format: https://developer.z-api.io, contacts and privacy."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from .account_state import State
from .faults import Fault
from .paste import Setup
from .wire import Answer, Call, Wire, retry_after

_AUDIENCES = {"ALL": "all", "CONTACTS": "contacts", "CONTACT_BLACKLIST": "contact_blacklist", "NONE": "none"}
_BODIES: dict[str, tuple[str, str, dict[str, str]]] = {
    "last-seen": ("last_seen", "visualizationType", _AUDIENCES),
    "photo": ("profile_photo", "visualizationType", _AUDIENCES),
    "description": ("about", "visualizationType", _AUDIENCES),
    "group-add": ("group_add", "type", {k: v for k, v in _AUDIENCES.items() if v != "none"}),
    "online": ("online", "visualizationType", {"ALL": "all", "SAME_LAST_SEEN": "match_last_seen"}),
}
_QUERIES: dict[str, tuple[str, dict[str, str]]] = {
    "read-receipts": ("read_receipts", {"enable": "all", "disable": "none"}),
    "messages-duration": (
        "default_message_timer",
        {"days90": "90d", "days7": "7d", "hours24": "24h", "disable": "off"},
    ),
}
_LISTS = {"lastSeen": "last_seen", "photo": "profile_photo", "description": "about", "groupAdd": "group_add"}
_INVALID_PHONE = Answer(400, {"error": "Invalid phone"})
_READS = ("privacy/disallowed-contacts", "status", "device", "me")


class ZApi(Wire):
    """One contact a call, settings written but never read, exceptions by delta."""

    name = "zapi"
    setup = Setup("instance", "demo", ("token", "clientToken"), {"Client-Token": "{clientToken}"})
    faults = frozenset({"not_connected", "short_list"})
    has_privacy = True
    naming = ("phone", "contactsBlacklist")
    paths: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(r"/instances/(?P<account>[^/]+)/token/(?P<token>[^/]+)/(?P<rest>.+)"),
    )

    def operation(self, call: Call) -> str:
        """See Wire."""
        rest = call.params["rest"]
        if rest == "contacts/modify-blocked":
            body = call.json()
            unblocks = isinstance(body, dict) and body.get("action") == "unblock"
            return "unblock" if unblocks else "block"
        if rest.startswith("privacy/"):
            return "privacy_read" if rest == "privacy/disallowed-contacts" else "privacy_write"
        return "status"

    def credentials(self, call: Call) -> dict[str, str | None]:
        """See Wire."""
        return {"client token": call.headers.get("client-token"), "token": call.params["token"]}

    def unauthorized(self, name: str, value: str | None) -> Answer:
        """See Wire. The documented text for a missing header is ``null not allowed``."""
        if name == "client token":
            return Answer(401, {"error": f"{value or 'null'} not allowed"})
        return Answer(401, {"error": "Unauthorized"})

    def said(self, text: str) -> Any:
        """See Wire."""
        return {"error": text}

    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:  # noqa: ARG002
        """See Wire. Z-API documents the status codes 400, 401, 404 and 5xx, mostly without bodies."""
        match fault.kind:
            case "rate_limit":
                return Answer(fault.status or 429, {"error": "Too many requests"}, retry_after(fault))
            case "outage":
                return Answer(fault.status or 503, {"error": "Internal server error"})
            case "unauthorized":
                return Answer(401, {"error": "Unauthorized"})
            case "forbidden":
                return Answer(403, {"error": "Forbidden"})
            case "not_found":
                return Answer(404, {"error": "Instance not found"})
            case "not_connected" if operation == "status":
                return Answer(
                    200,
                    {"connected": False, "error": "You are not connected.", "smartphoneConnected": False},
                )
            case "not_connected":
                return Answer(fault.status or 400, {"error": "You are not connected."})
            case "no_success":
                return Answer(200, {"success" if operation == "privacy_write" else "value": False})
            case "reject_unblock":
                return _INVALID_PHONE
        return None

    def answer(self, call: Call, state: State, fault: Fault | None) -> Answer:
        """See Wire."""
        rest = call.params["rest"]
        known = rest == "contacts/modify-blocked" or rest in _READS
        if not known and rest.removeprefix("privacy/") not in {*_BODIES, *_QUERIES}:
            return Answer(404, {"error": "Not found"})
        if call.method != ("GET" if rest in _READS else "POST"):
            return Answer(405, b"")
        if call.body and not call.headers.get("content-type", "").startswith("application/json"):
            return Answer(415, b"")
        if rest == "contacts/modify-blocked":
            return _modify_blocked(call.json(), state)
        if rest == "privacy/disallowed-contacts":
            return _disallowed(call.query.get("type"), state, hidden=fault is not None)
        if rest in _READS:
            return _about_the_instance(rest, state)
        return _set(rest.removeprefix("privacy/"), call, state)


def _modify_blocked(body: Any, state: State) -> Answer:
    body = body if isinstance(body, dict) else {}
    action, phone = body.get("action"), body.get("phone")
    if action not in ("block", "unblock"):
        return Answer(400, {"error": "Invalid action"})
    text = str(phone) if isinstance(phone, int) else phone
    (person,) = state.people([text])
    if person is None or person.wa_id == state.phone:
        return _INVALID_PHONE
    if action == "unblock":
        state.unblock([person.wa_id])
    elif not person.on_whatsapp:
        return _INVALID_PHONE
    else:
        state.block([(person.wa_id, str(text))])
    return Answer(200, {"value": True})


def _disallowed(scope: str | None, state: State, *, hidden: bool) -> Answer:
    setting = _LISTS.get(scope or "")
    if setting is None:
        return Answer(400, {"error": "Invalid type"})
    if hidden or state.privacy()[setting] != "contact_blacklist":
        return Answer(200, {"disallowedContacts": []})
    people = state.people([f"+{one}" if one.isdigit() else one for one in state.exceptions(setting)])
    shown = [one.jid.removesuffix("@s.whatsapp.net") for one in people if one]
    return Answer(200, {"disallowedContacts": shown})


def _set(name: str, call: Call, state: State) -> Answer:
    if name in _QUERIES:
        setting, values = _QUERIES[name]
        value = values.get(call.query.get("value", ""))
        if value is None:
            return Answer(400, {"error": "Invalid value"})
        state.set_privacy(setting, value)
        return Answer(200, {"success": True})
    setting, key, values = _BODIES[name]
    body = call.json()
    body = body if isinstance(body, dict) else {}
    wanted = body.get(key)
    value = values.get(wanted) if isinstance(wanted, str) else None
    if value is None:
        return Answer(400, {"error": f"Invalid {key}"})
    changes = body.get("contactsBlacklist") or []
    if changes and value != "contact_blacklist":
        return Answer(400, {"error": "contactsBlacklist needs CONTACT_BLACKLIST"})
    refused = _change_exceptions(setting, changes, state)
    if refused is None:
        state.set_privacy(setting, value)
    return refused or Answer(200, {"success": True})


def _change_exceptions(setting: str, changes: Any, state: State) -> Answer | None:
    if not isinstance(changes, list) or not all(isinstance(change, dict) for change in changes):
        return Answer(400, {"error": "Invalid contactsBlacklist"})
    people = state.people([change.get("phone") for change in changes])
    adds, removes = [], []
    for change, person in zip(changes, people, strict=True):
        if person is None or not person.on_whatsapp:
            return _INVALID_PHONE
        match change.get("action"):
            case "add":
                adds.append(person.wa_id)
            case "remove":
                removes.append(person.wa_id)
            case _:
                return Answer(400, {"error": "Invalid action"})
    state.add_exceptions(setting, adds)
    state.remove_exceptions(setting, removes)
    return None


def _about_the_instance(what: str, state: State) -> Answer:
    if what == "status":
        return Answer(200, {"connected": True, "error": None, "smartphoneConnected": True})
    if what == "device":
        device = {"sessionName": "Z-API", "device_model": "Z-API"}
        about = {"phone": state.phone, "imgUrl": "", "about": "", "name": "Sandbox", "device": device}
        return Answer(200, about | {"originalDevice": "android", "sessionId": 1, "isBusiness": False})
    return Answer(200, {"id": state.identity, "name": "Sandbox", "connected": True})
