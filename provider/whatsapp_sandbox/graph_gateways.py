"""Meta, 360dialog and Kaleyra: what each puts around the Graph format.

Sources: https://docs.360dialog.com (Messaging API 1.41.0, block users) and
https://developers.kaleyra.io/docs (WhatsApp block users).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from . import identity
from .account_state import Row, State
from .faults import Fault
from .graph import Graph, GraphError, Page, Results, error_body, links
from .paste import Setup
from .wire import Answer, Call, retry_after


def _meta_results(done_key: str, results: Results) -> dict[str, Any]:
    users = {done_key: results.done, "failed_users": results.failed}
    return {"messaging_product": "whatsapp", "block_users": {key: rows for key, rows in users.items() if rows}}


def _rows(page: Page) -> list[dict[str, str]]:
    return [{"messaging_product": "whatsapp", **_names(row)} for row in page.rows]


def _names(row: Row) -> dict[str, str]:
    names = {"wa_id": row.wa_id, "user_id": row.user_id, "parent_user_id": row.parent_user_id}
    return {key: name for key, name in names.items() if name is not None}


def _cursors(page: Page) -> dict[str, str]:
    return {k: v for k, v in (("before", page.before), ("after", page.after)) if v}


class Meta(Graph):
    """The Cloud API itself."""

    name = "meta"
    setup = Setup("phoneNumberId", "106540352242922", ("token",), {"Authorization": "Bearer {token}"})
    page_size = 100
    paths: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(r"(?:/v\d+(?:\.\d+)?)?/(?P<account>\d+)(?P<what>/block_users)"),
        re.compile(r"/v\d+(?:\.\d+)?/(?P<account>\d+)(?P<what>)"),
    )

    def operation(self, call: Call) -> str:
        """See Wire."""
        return super().operation(call) if call.params["what"] else "status"

    def credentials(self, call: Call) -> dict[str, str | None]:
        """See Wire."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        return {"token": token if scheme.lower() == "bearer" and token else None}

    def unauthorized(self, name: str, value: str | None) -> Answer:  # noqa: ARG002
        """See Wire."""
        message = "Invalid OAuth access token - Cannot parse access token"
        if value is None:
            message = "An access token is required to request this resource."
        return _oauth_error(401, 190 if value else 104, message)

    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:
        """See Wire."""
        match fault.kind:
            case "rate_limit":
                body = {"error": error_body(130429)}
                return Answer(fault.status or 429, body, retry_after(fault))
            case "outage":
                message = "Service temporarily unavailable"
                return _oauth_error(fault.status or 503, 2, message)
            case "unauthorized":
                return self.unauthorized("token", "wrong")
            case "forbidden":
                return _oauth_error(403, 10, "(#10) Application does not have permission for this action")
            case "not_found":
                return _oauth_error(fault.status or 404, 100, "Unsupported request. Object does not exist")
        return super().refusal(fault, operation, now)

    def answer(self, call: Call, state: State, fault: Fault | None) -> Answer:
        """See Wire."""
        if call.params["what"]:
            return super().answer(call, state, fault)
        phone = identity.shown(state.phone)
        return Answer(200, {"id": state.identity, "display_phone_number": phone, "verified_name": "Sandbox"})

    def failure(self, error: GraphError) -> Answer:
        """See Graph."""
        return Answer(error.status, {"error": error_body(error.code, error.details)})

    def results(self, operation: str, results: Results, *, status: int) -> Answer:
        """See Graph."""
        body = _meta_results("added_users" if operation == "block" else "removed_users", results)
        return Answer(status, body | ({"error": error_body(139100)} if status != 200 else {}))

    def page(self, page: Page, limit: int, call: Call) -> Answer:  # noqa: ARG002
        """See Graph."""
        cursors = _cursors(page)
        return Answer(200, {"data": _rows(page)} | ({"paging": {"cursors": cursors}} if cursors else {}))


def _oauth_error(status: int, code: int, message: str) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AsandboxTrace"}
    return Answer(status, {"error": error})


class Dialog360(Graph):
    """Unblocked contacts come under ``added_users``, the list is nested, a rate limit is a 400."""

    name = "360dialog"
    setup = Setup(
        "phoneNumber", "+5511900000000", ("apiKey",), {"D360-API-KEY": "{apiKey}"}, prefix="/360dialog/{identity}"
    )
    by_phone = True
    page_size = 100
    paths: ClassVar[tuple[re.Pattern[str], ...]] = (re.compile(r"(?:/360dialog/(?P<account>[^/]+))?/block_users"),)

    def credentials(self, call: Call) -> dict[str, str | None]:
        """See Wire."""
        return {"api key": call.headers.get("d360-api-key")}

    def unauthorized(self, name: str, value: str | None) -> Answer:  # noqa: ARG002
        """See Wire."""
        return Answer(401, {"error": "Invalid api_key"})

    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:
        """See Wire."""
        match fault.kind:
            case "rate_limit":
                text = "You have exceeded the endpoint rate limit"
                return Answer(fault.status or 400, {"error": text})
            case "outage":
                return Answer(fault.status or 503, {"error": "Internal server error"})
            case "unauthorized":
                return self.unauthorized("api key", None)
            case "forbidden":
                return Answer(403, {"error": "The endpoint is blocked"})
            case "not_found":
                return Answer(404, {"error": "Not found"})
        return super().refusal(fault, operation, now)

    def failure(self, error: GraphError) -> Answer:
        """See Graph."""
        return Answer(error.status, {"error": error_body(error.code, error.details)})

    def results(self, operation: str, results: Results, *, status: int) -> Answer:  # noqa: ARG002
        """See Graph."""
        body = _meta_results("added_users", results)
        return Answer(status, body | ({"error": error_body(139100)} if status != 200 else {}))

    def page(self, page: Page, limit: int, call: Call) -> Answer:
        """See Graph."""
        rows = [{**({"input": row.input} if row.wa_id else {}), **_names(row)} for row in page.rows]
        data = [{"block_users": rows}] if rows else []
        return Answer(200, {"data": data, "paging": {"cursors": _cursors(page)} | links(page, limit, call)})


class Kaleyra(Graph):
    """An envelope of code, message, data and error; the SID and the API key belong together."""

    name = "kaleyra"
    setup = Setup(
        "phoneNumber", "+5511900000000", ("apiKey",), {"api-key": "{apiKey}"}, {"sid": "sandbox", "region": "in"}
    )
    faults = Graph.faults | {"not_connected"}
    by_phone = True
    page_size = 25
    takes_user_ids = False
    paths: ClassVar[tuple[re.Pattern[str], ...]] = (
        re.compile(r"/v[12]/(?P<sid>[^/]+)/whatsapp/(?P<account>[^/]+)/block_users"),
    )

    def credentials(self, call: Call) -> dict[str, str | None]:
        """See Wire."""
        key = call.headers.get("api-key")
        return {"api key": f"{call.params['sid']}:{key}" if key else None}

    def unauthorized(self, name: str, value: str | None) -> Answer:  # noqa: ARG002
        """See Wire. ``data`` is a list in this one answer, as documented."""
        return _envelope(401, "RBC001", "Incorrect SID or API key.", data=[])

    def said(self, text: str) -> Any:
        """See Wire: a code of its own."""
        return _envelope(400, text, "Request failed").body

    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:
        """See Wire."""
        match fault.kind:
            case "rate_limit":
                answer = _envelope(fault.status or 429, "WA429", "Too many requests")
                return Answer(answer.status, answer.body, retry_after(fault))
            case "outage":
                return _envelope(
                    fault.status or 503, "WA500", "Please try again later", "error", "Internal server error"
                )
            case "unauthorized":
                return self.unauthorized("api key", None)
            case "forbidden":
                return _envelope(403, "WA403", "Forbidden")
            case "not_found":
                return _NOT_THE_ACCOUNTS
            case "not_connected":
                return _envelope(401, "WA401", "The phone number you're using not active", "phone_number")
        return super().refusal(fault, operation, now)

    def answer(self, call: Call, state: State, fault: Fault | None) -> Answer:
        """See Wire."""
        if identity.parse(state.identity) is None:
            return _NOT_THE_ACCOUNTS
        return super().answer(call, state, fault)

    def failure(self, error: GraphError) -> Answer:
        """See Graph."""
        if error.code == 100:
            text = "Incorrect payload format"
            return _envelope(400, "WA400", "Refer to correct payload format", "payload", text)
        body = {"code": "WA400", "message": error_body(error.code)["message"], "data": {}}
        return Answer(error.status, body | {"error": error_body(error.code, error.details)})

    def results(self, operation: str, results: Results, *, status: int) -> Answer:
        """See Graph. The body of a success is not documented; this one is Meta's inside the envelope."""
        data = _meta_results("added_users" if operation == "block" else "removed_users", results)
        if status == 200:
            return Answer(200, {"code": "WA200", "message": "Request Processed Successfully", "data": data})
        error = error_body(139100)
        return Answer(status, {"code": "WA400", "message": error["message"], "data": data, "error": error})

    def page(self, page: Page, limit: int, call: Call) -> Answer:  # noqa: ARG002
        """See Graph."""
        envelope = {"code": "WA200", "message": "Request Processed Successfully"}
        return Answer(200, envelope | {"data": _rows(page), "paging": {"cursors": _cursors(page)}})


def _envelope(
    status: int, code: str, message: str, field: str = "error", text: str | None = None, data: Any = None
) -> Answer:
    body = {"code": code, "message": message, "data": {} if data is None else data}
    return Answer(status, body | {"error": {field: text or message}})


_NOT_THE_ACCOUNTS = _envelope(
    401, "WA401", "Phone number is not present or does not belong to the account.", "phone_number"
)
