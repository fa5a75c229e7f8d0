"""The Block Users format of Meta's Graph API, which 360dialog and Kaleyra resell.

Source: https://developers.facebook.com/docs/whatsapp/cloud-api/block-users and Meta's OpenAPI file
``business-messaging-api_v23.0.yaml``. Errors are per contact: an HTTP 400 may carry contacts that were blocked.

Who hides the number behind a username is named by a business-scoped user id alone, in requests, answers and lists:
https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids ("Block users").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import AnswerLost, GatewayError, ProtocolError, RateLimited, Unconfirmed
from ..names import Contact, from_gateway, is_user_id, key_of, person_called
from ..outcome import Outcome, State
from .base import Capabilities, Gateway, Meaning, Page, retry_after
from .graph_codes import CODES, TOO_MANY

if TYPE_CHECKING:
    import httpx

_NO_MEANING: Final = Meaning(Unconfirmed, "none")

GRAPH: Final = Capabilities(
    batch_size=1000,
    lists_blocked=True,
    page_size=1000,
    max_blocked=64_000,
    needs_recent_message=True,
)


@dataclass
class _ErrorData:
    details: str = ""


@dataclass
class GraphError:
    """An error object, of a whole request or of one contact."""

    message: str = ""
    code: int | None = None
    error_data: _ErrorData | None = None

    def text(self) -> str:
        """Return what it says, on one line."""
        details = self.error_data.details if self.error_data else ""
        return ": ".join(part for part in (self.message, details) if part) or f"error {self.code}"


@dataclass
class _Row:
    input: str | None = None
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    errors: Any = None
    error: Any = None


@dataclass
class _Rows:
    added_users: list[_Row] | _Row | None = None
    removed_users: list[_Row] | _Row | None = None
    failed_users: list[_Row] | _Row | None = None


_ROWS: Final = tuple(field.name for field in fields(_Rows))


@dataclass
class _Listed:
    """Both documented shapes: a contact (Meta, Kaleyra), or a group of contacts (360dialog's OpenAPI file)."""

    input: str | None = None
    wa_id: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None
    block_users: list[_Row] | None = None


@dataclass
class _Cursors:
    after: str | None = None


@dataclass
class _Paging:
    cursors: _Cursors | None = None


@dataclass
class _List:
    data: list[_Listed]
    paging: _Paging | None = None


Item = TypeVar("Item")


def _several(value: list[Item] | Item | None) -> list[Item]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class BlockUsers(Gateway):
    """A gateway with the Block Users format; subclasses say where its requests go and how it proves itself."""

    def path(self) -> str:
        """Return the path of the account's block list."""
        return "/block_users"

    async def block(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """``POST`` the contacts."""
        return await self._change("POST", contacts)

    async def unblock(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """``DELETE`` the contacts, with a body."""
        return await self._change("DELETE", contacts)

    async def blocked_page(self, cursor: str | None) -> Page:
        """``GET`` a page. The order of a list and ``paging.next`` are not promised; the cursor is."""
        params: dict[str, Any] = {"limit": self.capabilities.page_size}
        if cursor is not None:
            params["after"] = cursor
        response = await self.http.request("GET", self.path(), self.explain, params=params, repeatable=True)
        listed = self.http.decode(response, _List)
        rows: list[_Row | _Listed] = []
        for item in listed.data:
            rows += [item] if item.block_users is None else item.block_users
        if not all(row.wa_id or row.user_id or row.input or row.parent_user_id for row in rows):
            raise self.http.unexpected(response)
        after = listed.paging.cursors.after if listed.paging and listed.paging.cursors else None
        return Page([person_called(row.wa_id, row.user_id, row.input) for row in rows], after or None)

    async def _change(self, method: str, contacts: Sequence[Contact]) -> list[Outcome]:
        body = {
            "messaging_product": "whatsapp",
            # never both: the number would win, and the answer lack the id
            "block_users": [{"user_id" if is_user_id(contact) else "user": contact} for contact in contacts],
        }
        try:
            response = await self.http.request(
                method,
                self.path(),
                self.explain,
                json=body,
                repeatable=False,
                retry=lambda error: error.code != TOO_MANY or len(contacts) == 1,
            )
        except RateLimited as error:
            if error.code != TOO_MANY or len(contacts) == 1:
                raise
            return await self._halved(method, contacts)
        rows = self.rows_of(response.json())
        if rows is None:
            raise self.http.unexpected(response)
        return self._outcomes(method, contacts, self.http.decode(response, _Rows, rows), response)

    async def _halved(self, method: str, contacts: Sequence[Contact]) -> list[Outcome]:
        """Send half as many at once: 130429 also means "too many numbers in the request".

        What the gateway confirmed of one half stands, whatever becomes of the other.
        """
        middle = len(contacts) // 2
        outcomes: list[Outcome] = []
        stopped: GatewayError | None = None
        for half in (contacts[:middle], contacts[middle:]):
            if stopped is not None:
                outcomes += [Outcome(contact, error=stopped) for contact in half]
                continue
            try:
                outcomes += await self._change(method, half)
            except GatewayError as error:
                outcomes += [Outcome(contact, error=error) for contact in half]
            stopped = next((outcome.error for outcome in outcomes if outcome.error and outcome.error.stops), None)
        if stopped is not None and all((each.error, each.state) == (stopped, State.PENDING) for each in outcomes):
            raise stopped
        return outcomes

    def rows_of(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what an answer says of each contact, or None where it says nothing of that kind."""
        rows = body.get("block_users")
        return rows if isinstance(rows, dict) else None

    def _outcomes(
        self, method: str, contacts: Sequence[Contact], rows: _Rows, response: httpx.Response
    ) -> list[Outcome]:
        failed = _several(rows.failed_users)
        done = _several(rows.added_users)  # also of an unblock, in 360dialog's OpenAPI file; never the other way round
        if method == "DELETE":
            done = [*done, *_several(rows.removed_users)]
        told = _Told([*done, *failed])
        no = set(map(id, failed))
        outcomes = []
        for contact in contacts:
            row = told.about(contact)
            if row is not None:
                error = self._row_error(row, response) if id(row) in no else None
                outcomes.append(Outcome(contact, person_called(row.wa_id, row.user_id), error))
            else:
                # others have rows, so something was done: whether this one was part of it, nobody knows
                outcomes.append(Outcome(contact, error=self._silence(response), state=State.UNKNOWN))
        return outcomes

    def _silence(self, response: httpx.Response) -> GatewayError:
        """Return why an answer with rows has none of a contact: its error as a whole, where that is documented.

        One that is about a contact is about one with a row. One that asks to try again later ends no run here: the
        list tells first who is left to be sent.
        """
        whole = self.error_of(response.json(), response)
        if (
            whole is not None
            and whole.code in CODES
            and (isinstance(whole, AnswerLost) or (whole.stops and not whole.retryable))
        ):
            return whole
        return ProtocolError(f"{self.called(self.account)} said nothing of this contact", status=response.status_code)

    def _row_error(self, row: _Row, response: httpx.Response) -> GatewayError:
        """Return why a contact failed. Without a reason that is documented that is a verdict on nobody."""
        try:
            errors = self._errors(row.errors or row.error, response)
        except ProtocolError as unreadable:
            return unreadable
        error = next(iter(errors), GraphError("no reason given"))
        return self._meant(error, CODES.get(error.code, _NO_MEANING) if error.code is not None else _NO_MEANING, None)

    def explain(self, response: httpx.Response) -> GatewayError | None:
        """Return what is wrong with an answer as a whole; rows about contacts are not."""
        try:
            body = response.json()
        except ValueError:
            body = None
        if isinstance(body, dict):
            rows = self.rows_of(body)
            if rows and any(rows.get(key) for key in _ROWS):
                return None
            problem = self.error_of(body, response)
            if problem is not None:
                return problem
        elif response.is_success or response.status_code == 400:  # a 400 is also the answer of a batch done in part
            return self.http.unexpected(response)
        return self.refusal(response, self.http.quote(response))

    def _errors(self, given: Any, response: httpx.Response) -> list[GraphError]:
        """Return what is said under ``error`` (the guides) or ``errors`` (two SDKs): one, several, or a bare text."""
        return [
            GraphError(error) if isinstance(error, str) else self.http.decode(response, GraphError, error)
            for error in _several(given or None)
        ]

    def error_of(self, body: Mapping[str, Any], response: httpx.Response) -> GatewayError | None:
        """Return the error that a body tells of: by its code where that has a meaning, else by the HTTP status."""
        try:
            errors = self._errors(body.get("errors") or body.get("error"), response)
        except ProtocolError as error:
            return error if response.is_success else None
        first = next((error for error in errors if error.message or error.code is not None), None)
        if first is None:
            return None
        meaning = None if first.code is None else CODES.get(first.code)
        if meaning is not None:
            return self._meant(first, meaning, response)
        return self.refusal(response, self._said(first), first.code)

    def _meant(self, error: GraphError, meaning: Meaning, response: httpx.Response | None) -> GatewayError:
        said = self._said(error)
        return self.failure(
            meaning,
            f"HTTP {response.status_code}: {said}" if response is not None else said,
            status=response.status_code if response is not None else None,
            code=error.code,
            wait=retry_after(response) if response is not None else None,
        )

    def _said(self, error: GraphError) -> str:
        code = "" if error.code is None else f" (code {error.code})"
        return f"{self.http.redact(error.text())}{code}"


class _Told:
    """The rows of an answer by whom they are about: by ``input`` first, the one field that repeats what was asked.

    Of two rows about one contact the later one counts.
    """

    def __init__(self, rows: Sequence[_Row]) -> None:
        self._inputs = {key_of(from_gateway(row.input)): row for row in rows if row.input}
        self._names = {name: row for row in rows for name in person_called(row.wa_id, row.user_id).names}

    def about(self, contact: Contact) -> _Row | None:
        """Return what is said of a contact."""
        key = key_of(contact)
        return self._inputs.get(key) or self._names.get(key)
