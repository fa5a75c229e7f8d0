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
from ..errors import GatewayError, RateLimited
from .base import Status
from .graph import GRAPH, BlockUsers

if TYPE_CHECKING:
    import httpx

_LIMITED: Final = re.compile(
    r"exceeded the (?:endpoint rate limit|limit of \d+ requests? every (?P<seconds>\d+) seconds?)",
    re.IGNORECASE,
)


class Dialog360(BlockUsers):
    """One number of 360dialog's Messaging API."""

    name = "360dialog"
    title = "360dialog"
    docs = "https://docs.360dialog.com/docs/messaging-api/api-reference/block-users"
    capabilities = replace(GRAPH, takes_bsuid=True)
    requirements = Requirements(identity=("phoneNumber",), credentials=("apiKey",))

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
        """A rate limit is an HTTP 400 whose text says so (page "Error codes")."""
        limited = _LIMITED.search(response.text) if response.status_code == 400 else None
        if limited:
            seconds = limited["seconds"]
            return RateLimited(
                f"{self.title} limits the rate ({self.http.quote(response)}); lower requestsPerMinute if it goes on",
                status=400,
                retry_after=float(seconds) if seconds else None,
            )
        return super().error_of(body, response)
