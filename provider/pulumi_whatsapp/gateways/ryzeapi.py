"""RyzeAPI: https://docs.ryzeapi.cloud (modules "Chat", "Profile", "Instance", page "Errors and rate limits").

It blocks one contact a request and answers with the final state; both actions are documented as idempotent. Seven
privacy settings can be read and set, but not the list of exceptions. It cannot list who is blocked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..config import AccountConfig, Requirements
from ..errors import AnswerLost, GatewayError, NotConnected, RateLimited, Refused, Unconfirmed
from ..names import Contact, digits, person_called
from ..outcome import Outcome
from ..privacy_settings import CONTACT_BLACKLIST
from .base import STATUSES, Capabilities, Gateway, Meaning, Status, retry_after

if TYPE_CHECKING:
    import httpx

    from ..transport import Explain

_ALL_FOUR: Final = ("all", "contacts", CONTACT_BLACKLIST, "none")

# setting -> group and field of the body, page "Privacy settings"
_FIELDS: Final = {
    "last_seen": ("visibility", "lastSeen"),
    "profile_photo": ("visibility", "profile"),
    "about": ("visibility", "status"),
    "online": ("visibility", "online"),
    "read_receipts": ("privacy", "readReceipts"),
    "call_add": ("permissions", "callAdd"),
    "group_add": ("permissions", "groupAdd"),
}
_BLOCK: Final = "https://docs.ryzeapi.cloud/en/api/chat/block (errors)"
_ERRORS: Final = "https://docs.ryzeapi.cloud/en/guide/errors"
_TEXTS: Final[Mapping[str, Meaning]] = {
    "not connected": Meaning(NotConnected, _ERRORS),
    "instance disconnected": Meaning(NotConnected, _ERRORS),
    "rate limit exceeded": Meaning(RateLimited, "https://docs.ryzeapi.cloud/en/guide/rate-limit-cors"),
}
"""What an error's text means, in lower case. None is documented to be about a contact."""
_OTHER_STATE: Final = Meaning(Refused, _BLOCK, "the contact is as it was")
"""A success whose ``blocked``, the contact's final state, is not the one that was asked for."""
_FALSE: Final = Meaning(Unconfirmed, _BLOCK)


@dataclass
class _Blocked:
    success: bool
    blocked: bool | None = None
    contact_jid: str | None = None


@dataclass
class _Privacy:
    success: bool
    settings: dict[str, dict[str, str]]


@dataclass
class _Connection:
    state: str


@dataclass
class _Instance:
    connection: _Connection


@dataclass
class _Instances:
    instances: list[_Instance]


class Ryzeapi(Gateway):
    """One RyzeAPI instance."""

    name = "ryzeapi"
    title = "RyzeAPI"
    docs = "https://docs.ryzeapi.cloud"
    capabilities = Capabilities(
        privacy={
            "last_seen": _ALL_FOUR,
            "profile_photo": _ALL_FOUR,
            "about": _ALL_FOUR,
            "group_add": ("all", "contacts", CONTACT_BLACKLIST),
            "online": ("all", "match_last_seen"),
            "read_receipts": ("all", "none"),
            "call_add": ("all", "known"),
        },
        reads_privacy=True,
        requests_per_minute=100,
    )
    requirements = Requirements(identity=("instance",), credentials=("token",))
    meanings = _TEXTS

    @staticmethod
    def identity(account: AccountConfig) -> str:
        """The instance name."""
        return account.instance or ""

    @staticmethod
    def base_url(account: AccountConfig) -> str:  # noqa: ARG004
        """``https://ryzeapi.cloud``."""
        return "https://ryzeapi.cloud"

    @staticmethod
    def headers(account: AccountConfig) -> dict[str, str]:
        """The account's or instance's token."""
        return {"token": account.token.reveal() if account.token else ""}

    async def block(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """``POST /api/chat/block/{instance}`` with ``block: true``."""
        return [await self._change(contact, block=True) for contact in contacts]

    async def unblock(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """``POST /api/chat/block/{instance}`` with ``block: false``."""
        return [await self._change(contact, block=False) for contact in contacts]

    async def _change(self, contact: Contact, *, block: bool) -> Outcome:
        body = {"number": digits(contact), "block": block}

        def unconfirmed(response: httpx.Response) -> GatewayError | None:
            answer = self.http.decode(response, _Blocked)
            if answer.success and answer.blocked in {block, None}:
                return None
            what = "block" if block else "unblock"
            said = f"could not {what} the contact: it answered {self.http.quote(response)}"
            return self.failure(_OTHER_STATE if answer.success else _FALSE, said, status=response.status_code)

        try:
            response = await self._request("POST", f"/api/chat/block/{self._instance()}", json=body, check=unconfirmed)
        except Refused as error:
            return Outcome(contact, error=error)
        answer = self.http.decode(response, _Blocked)
        # The service tries Brazilian numbers with and without the ninth digit (page "Messages"), so the JID may differ.
        return Outcome(contact, person_called(answer.contact_jid))

    async def get_privacy(self) -> dict[str, str]:
        """``GET /api/profile/getPrivacy/{instance}``; what the phone changed may be seconds late."""
        response = await self._request("GET", f"/api/profile/getPrivacy/{self._instance()}")
        return _values(self.http.decode(response, _Privacy))

    async def set_privacy(
        self, setting: str, value: str, add: Sequence[Contact] = (), remove: Sequence[Contact] = ()
    ) -> None:
        """``POST /api/profile/privacy/{instance}`` with the one field; answers with all settings."""
        if add or remove:
            raise NotImplementedError(f"{self.title} cannot change exceptions")
        group, field = _FIELDS[setting]
        response = await self._request("POST", f"/api/profile/privacy/{self._instance()}", json={group: {field: value}})
        answer = self.http.decode(response, _Privacy)
        if not answer.success:
            said = f"could not set {setting}: it answered {self.http.quote(response)}"
            raise self.failure(_FALSE, said, status=response.status_code)
        if _values(answer).get(setting, value) != value:
            # The page of the GET says that what the phone changed may be seconds late; so may this answer be.
            raise AnswerLost(
                f"{self.called(self.account)} still shows another {setting} after it was set: "
                f"{self.http.quote(response)}",
                status=response.status_code,
            )

    async def status(self) -> Status:
        """``GET /api/instance/list?instanceName=…``; states are connected, connecting, disconnected, loggedout."""
        response = await self._request(
            "GET", "/api/instance/list", params={"instanceName": self.account.instance or ""}
        )
        instances = self.http.decode(response, _Instances).instances
        state = instances[0].connection.state if instances else "unknown"
        return Status(state == "connected", f"the instance is {state}")

    async def _request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: dict[str, str] | None = None,
        check: Explain = lambda _: None,
    ) -> httpx.Response:
        def explain(response: httpx.Response) -> GatewayError | None:
            return self._explain(response) or check(response)

        return await self.http.request(method, path, explain, json=json, params=params, repeatable=True)

    def _instance(self) -> str:
        return quote(self.account.instance or "", safe="")

    def _explain(self, response: httpx.Response) -> GatewayError | None:
        """Errors are ``{"success": false, "error": {"message": …}}`` without a code: the status and text tell."""
        message, status = _message(response), response.status_code
        said = self.http.quote(response) if message is None else self.http.redact(message)
        meaning = next((meaning for text, meaning in self.meanings.items() if text in (message or "").lower()), None)
        if meaning is None and response.is_success and message is not None:
            meaning = _FALSE
        if meaning is None and status == 429:
            meaning = STATUSES[429]
        if meaning is None:
            return self.refusal(response, said)
        wait = _until_reset(response) or retry_after(response) if meaning.error is RateLimited else None
        return self.failure(meaning, f"HTTP {status}: {said}", status=status, wait=wait)


def _values(answer: _Privacy) -> dict[str, str]:
    return {
        setting: answer.settings[group][field]
        for setting, (group, field) in _FIELDS.items()
        if field in answer.settings.get(group, {})
    }


def _message(response: httpx.Response) -> str | None:
    try:
        body: Any = response.json()
    except ValueError:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return " ".join(message.split()) if isinstance(message, str) else None


def _until_reset(response: httpx.Response) -> float | None:
    """Return the seconds until ``X-RateLimit-Reset``, a Unix time of the gateway's clock; there is no ``Retry-After``.

    None where the time has passed, so that a 429 is never answered by another request at once.
    """
    try:
        reset = float(response.headers["X-RateLimit-Reset"])
    except (KeyError, ValueError):
        return None
    try:
        now = parsedate_to_datetime(response.headers["Date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        now = time.time()
    return reset - now if reset > now else None
