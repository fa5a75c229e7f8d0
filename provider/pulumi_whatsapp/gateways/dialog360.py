"""360dialog: https://docs.360dialog.com/docs/messaging-api/api-reference/block-users.

It proxies Meta's Block Users. Its own part: the key in a header, a list whose rows lie one level deeper, an unblock
that may answer ``added_users``, and rate limits that come as HTTP 400 (page "Error codes").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..config import AccountConfig, Requirements
from ..errors import AccountRefused, AnswerLost, GatewayError, RateLimited
from .base import Meaning, Status, retry_after
from .graph import GRAPH, BlockUsers
from .graph_codes import CODES

if TYPE_CHECKING:
    import httpx

_ERRORS: Final = "https://docs.360dialog.com/docs/support/api-error-message-list"
_TEXTS: Final[Mapping[str, Meaning]] = {
    "api has been disabled": Meaning(AccountRefused, _ERRORS, "ask the support of 360dialog"),
    "lack of payment": Meaning(AccountRefused, _ERRORS, "pay what is due"),
    "exceeded the endpoint rate limit": Meaning(RateLimited, _ERRORS),
    "exceeded the limit of": Meaning(RateLimited, f"{_ERRORS}, in an older revision"),
    "api not available": Meaning(AnswerLost, _ERRORS),
}
_SECONDS: Final = re.compile(r"exceeded the limit of \d+ requests? every (\d+) seconds?", re.IGNORECASE)


class Dialog360(BlockUsers):
    """One number of 360dialog's Messaging API."""

    name = "360dialog"
    title = "360dialog"
    docs = "https://docs.360dialog.com/docs/messaging-api/api-reference/block-users"
    capabilities = replace(GRAPH, takes_bsuid=True)
    requirements = Requirements(identity=("phoneNumber",), credentials=("apiKey",))
    meanings = _TEXTS

    @staticmethod
    def identity(account: AccountConfig) -> str:
        """The phone number: the API key says nothing about the account."""
        return account.phone_number or ""

    @staticmethod
    def base_url(account: AccountConfig) -> str:  # noqa: ARG004
        """``https://waba-v2.360dialog.io``."""
        return "https://waba-v2.360dialog.io"

    @staticmethod
    def headers(account: AccountConfig) -> dict[str, str]:
        """The API key."""
        return {"D360-API-KEY": account.api_key.reveal() if account.api_key else ""}

    async def status(self) -> Status:
        """The first page of the block list: no other read needs only the API key."""
        await self.blocked_page(None)
        return Status(True, "the API key is accepted")

    def error_of(self, body: Mapping[str, Any], response: httpx.Response) -> GatewayError | None:
        """Its own errors are texts with an HTTP 400 (page "Error codes"); what has a code is Meta's."""
        problem = super().error_of(body, response)
        said = response.text.lower()
        meaning = next((meaning for text, meaning in self.meanings.items() if text in said), None)
        if meaning is None or response.is_success or (problem is not None and problem.code in CODES):
            return problem
        seconds = _SECONDS.search(said)
        return self.failure(
            meaning,
            f"HTTP {response.status_code}: {self.http.quote(response)}",
            status=response.status_code,
            wait=float(seconds[1]) if seconds else retry_after(response),
        )
