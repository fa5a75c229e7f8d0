"""Kaleyra: https://developers.kaleyra.io/docs (pages "WhatsApp Block Users API", "Get List of Blocked … Numbers").

It resells Meta's Block Users. Its own part: the SID and the business's number in the path, four regions, 25 contacts a
page, and an envelope ``{code, message, data, error}``. The list is one per business number; contacts blocked elsewhere
are listed, but Kaleyra refuses to unblock them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..config import AccountConfig, Requirements
from ..errors import AnswerLost, GatewayError, NotFound, Unauthorized
from .base import Meaning, Status
from .graph import GRAPH, BlockUsers
from .graph_codes import CODES

if TYPE_CHECKING:
    import httpx

_HOSTS: Final = {
    "in": "api.in.kaleyra.io",
    "ap": "api.ap.kaleyra.io",
    "eu": "api.eu.kaleyra.io",
    "na": "api.na.kaleyra.ai",
}

_PAGE: Final = "https://developers.kaleyra.io/docs/get-list-of-blocked-whatsapp-user-numbers"
_CODES: Final[Mapping[str, Meaning]] = {
    # the number is not active, or not this account's
    "WA401": Meaning(NotFound, _PAGE),
    "RBC001": Meaning(Unauthorized, _PAGE, "check sid and region too"),
    "WA400": Meaning(GatewayError, _PAGE),
    "WA500": Meaning(AnswerLost, _PAGE),
}


class Kaleyra(BlockUsers):
    """One business number of Kaleyra's Cloud API."""

    name = "kaleyra"
    title = "Kaleyra"
    docs = "https://developers.kaleyra.io/docs/whatsapp-block-users-api"
    capabilities = replace(GRAPH, page_size=25)
    requirements = Requirements(identity=("phoneNumber", "sid", "region"), credentials=("apiKey",))
    meanings = _CODES

    @staticmethod
    def identity(account: AccountConfig) -> str:
        """The business's phone number."""
        return account.phone_number or ""

    @staticmethod
    def base_url(account: AccountConfig) -> str:
        """The region's address, ``https://<api_domain>``."""
        return f"https://{_HOSTS[account.region or 'in']}"

    @staticmethod
    def headers(account: AccountConfig) -> dict[str, str]:
        """The API key."""
        return {"api-key": account.api_key.reveal() if account.api_key else ""}

    def path(self) -> str:
        """``/v2/{sid}/whatsapp/{phone number}/block_users``; the number's ``+`` is percent-encoded."""
        sid, number = quote(self.account.sid or "", safe=""), quote(self.identity(self.account), safe="")
        return f"/v2/{sid}/whatsapp/{number}/block_users"

    async def status(self) -> Status:
        """The first page of the block list."""
        await self.blocked_page(None)
        return Status(True, "the SID and API key may use this number")

    def rows_of(self, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The rows, in the envelope's ``data``; a success without rows is settled by listing."""
        data = body.get("data")
        rows = super().rows_of(data) if isinstance(data, dict) else None
        if rows is None:
            rows = super().rows_of(body)
        if rows is None and str(body.get("code", "")).startswith("WA20"):
            return {}
        return rows

    def error_of(self, body: Mapping[str, Any], response: httpx.Response) -> GatewayError | None:
        """``error`` is field -> text; ``code`` (WA401, RBC001, …) goes with the HTTP status."""
        problem = super().error_of(body, response)
        if response.is_success or (problem is not None and problem.code in CODES):
            return problem
        details = body.get("error")
        texts = [str(body.get("message") or "")]
        texts += [str(text) for text in details.values()] if isinstance(details, dict) else []
        said = ": ".join(dict.fromkeys(text for text in texts if text)) or self.http.quote(response)
        code = str(body.get("code") or "") or None
        meaning = self.meanings.get(code or "")
        if meaning is None:
            return self.refusal(response, said, code)
        status = response.status_code
        return self.failure(meaning, f"HTTP {status}: {said}", status=status, code=code)
