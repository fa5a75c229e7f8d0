"""Z-API: https://developer.z-api.io (pages "Contacts", "Privacy", "Instance", "Security").

It blocks one contact a request, sets every privacy setting but ``call_add``, and reads exceptions. It can list
neither who is blocked nor what a setting's value is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..config import AccountConfig, Requirements
from ..errors import GatewayError, NotConnected, Refused, Unauthorized, Unconfirmed
from ..names import Contact, digits, from_gateway
from ..outcome import Outcome
from ..privacy_settings import CONTACT_BLACKLIST
from .base import Capabilities, Gateway, Meaning, Status

if TYPE_CHECKING:
    import httpx

_ALL_FOUR: Final = ("all", "contacts", CONTACT_BLACKLIST, "none")

_PATHS: Final = {
    "last_seen": "last-seen",
    "profile_photo": "photo",
    "about": "description",
    "group_add": "group-add",
    "online": "online",
    "read_receipts": "read-receipts",
    "default_message_timer": "messages-duration",
}
_LISTS: Final = {
    "last_seen": "lastSeen",
    "profile_photo": "photo",
    "about": "description",
    "group_add": "groupAdd",
}
# the two settings whose value goes into the query, page "Read Receipts" and "Messages Duration"
_IN_QUERY: Final = {
    "read_receipts": {"all": "enable", "none": "disable"},
    "default_message_timer": {"off": "disable", "24h": "hours24", "7d": "days7", "90d": "days90"},
}
_TEXTS: Final[Mapping[str, Meaning]] = {
    "you are not connected": Meaning(NotConnected, "https://developer.z-api.io/en/instance/status"),
    "restore the session": Meaning(NotConnected, "https://developer.z-api.io/en/instance/status"),
    "not allowed": Meaning(
        Unauthorized,
        "https://developer.z-api.io/en/security/client-token and …/security/ip-block",
        "or the account's list of allowed addresses lacks this one",
    ),
    "invalid phone": Meaning(
        Refused, "https://developer.z-api.io/en/contacts/report-contact", "correct it, or remove it from the program"
    ),
}
"""What an error's text means by its end, in lower case; whatever else it says is about nobody in particular."""
_FALSE: Final = Meaning(Unconfirmed, "https://developer.z-api.io/en/contacts/block-contact")


@dataclass
class _Answer:
    """``{"value": true}`` of block and unblock, ``{"success": true}`` of privacy; false is a failure, even on 200."""

    value: bool | None = None
    success: bool | None = None


@dataclass
class _Disallowed:
    disallowedContacts: list[str]  # noqa: N815 - the field's name


@dataclass
class _Status:
    connected: bool
    error: str | None = None
    smartphoneConnected: bool | None = None  # noqa: N815


class Zapi(Gateway):
    """One Z-API instance."""

    name = "zapi"
    title = "Z-API"
    docs = "https://developer.z-api.io"
    capabilities = Capabilities(
        privacy={
            "last_seen": _ALL_FOUR,
            "profile_photo": _ALL_FOUR,
            "about": _ALL_FOUR,
            "group_add": ("all", "contacts", CONTACT_BLACKLIST),
            "online": ("all", "match_last_seen"),
            "read_receipts": ("all", "none"),
            "default_message_timer": ("off", "24h", "7d", "90d"),
        },
        exceptions=frozenset(_LISTS),
        reads_exceptions=True,
        takes_lid=True,
    )
    requirements = Requirements(identity=("instance",), credentials=("token", "clientToken"))
    meanings = _TEXTS

    @staticmethod
    def identity(account: AccountConfig) -> str:
        """The instance id."""
        return account.instance or ""

    @staticmethod
    def base_url(account: AccountConfig) -> str:  # noqa: ARG004
        """``https://api.z-api.io``."""
        return "https://api.z-api.io"

    @staticmethod
    def headers(account: AccountConfig) -> dict[str, str]:
        """The account security token, page "Client-Token"."""
        return {"Client-Token": account.client_token.reveal() if account.client_token else ""}

    async def block(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """``POST /contacts/modify-blocked``, page "Modify Blocked Contact"."""
        return [await self._modify(contact, "block") for contact in contacts]

    async def unblock(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """``POST /contacts/modify-blocked``, page "Modify Blocked Contact"."""
        return [await self._modify(contact, "unblock") for contact in contacts]

    async def _modify(self, contact: Contact, action: str) -> Outcome:
        # Idempotency is not documented. Nothing can be listed either, so a lost request is sent again: both
        # actions name a final state.
        try:
            body = {"phone": digits(contact), "action": action}
            await self._post("/contacts/modify-blocked", f"{action} the contact", json=body)
        except Refused as error:
            return Outcome(contact, error=error)
        return Outcome(contact)

    async def set_privacy(
        self, setting: str, value: str, add: Sequence[Contact] = (), remove: Sequence[Contact] = ()
    ) -> None:
        """``POST /privacy/…``, one page a setting; ``contactsBlacklist`` holds changes, not the whole list."""
        path = f"/privacy/{_PATHS[setting]}"
        if setting in _IN_QUERY:
            await self._post(path, f"set {setting}", params={"value": _IN_QUERY[setting][value]})
        else:
            name = "type" if setting == "group_add" else "visualizationType"
            spelt = "SAME_LAST_SEEN" if value == "match_last_seen" else value.upper()
            body: dict[str, Any] = {name: spelt}
            changes = [{"action": "add", "phone": digits(contact)} for contact in add]
            changes += [{"action": "remove", "phone": digits(contact)} for contact in remove]
            if changes:
                body["contactsBlacklist"] = changes
            await self._post(path, f"set {setting}", json=body)

    async def get_exceptions(self, setting: str) -> list[Contact]:
        """``GET /privacy/disallowed-contacts``, page "List Disallowed Contacts"; it has no pages."""
        response = await self.http.request(
            "GET",
            self._path("/privacy/disallowed-contacts"),
            self._explain,
            params={"type": _LISTS[setting]},
            repeatable=True,
        )
        listed = self.http.decode(response, _Disallowed)
        return [from_gateway(contact) for contact in listed.disallowedContacts]

    async def status(self) -> Status:
        """``GET /status``, page "Instance status"; a connected instance may say so in ``error``."""
        response = await self.http.request("GET", self._path("/status"), self._explain, repeatable=True)
        status = self.http.decode(response, _Status)
        if status.connected:
            return Status(True, "the instance is connected to WhatsApp")
        return Status(False, self.http.redact(status.error or "the instance is not connected to WhatsApp"))

    async def _post(self, path: str, what: str, *, json: object = None, params: dict[str, str] | None = None) -> None:
        def explain(response: httpx.Response) -> GatewayError | None:
            return self._explain(response) or self._unconfirmed(response, what)

        await self.http.request("POST", self._path(path), explain, json=json, params=params, repeatable=True)

    def _path(self, path: str) -> str:
        token = self.account.token.reveal() if self.account.token else ""
        return f"/instances/{quote(self.identity(self.account), safe='')}/token/{quote(token, safe='')}{path}"

    def _unconfirmed(self, response: httpx.Response, what: str) -> GatewayError | None:
        answer = self.http.decode(response, _Answer)
        if answer.value is False or answer.success is False:
            return self.failure(_FALSE, f"could not {what}: it answered {self.http.quote(response)}", status=200)
        if answer.value is None and answer.success is None:
            return self.http.unexpected(response)
        return None

    def _explain(self, response: httpx.Response) -> GatewayError | None:
        """Errors are ``{"error": "<text>"}``, some of them with an undocumented status (page "Client-Token")."""
        status, said = response.status_code, self.http.quote(response)
        try:
            body = response.json()
        except ValueError:
            body = None
        text = str(body.get("error") or "").lower() if isinstance(body, dict) and "connected" not in body else ""
        ending = text.strip().removesuffix(".")
        meaning = next((meaning for known, meaning in self.meanings.items() if ending.endswith(known)), None)
        if meaning is None and response.is_success and text:
            meaning = _FALSE
        if meaning is None or status in {405, 415}:  # whose text, "method not allowed", is about no caller
            return self.refusal(response, said)
        return self.failure(meaning, f"HTTP {status}: {said}", status=status)
