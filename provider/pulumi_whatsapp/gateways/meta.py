"""Meta's WhatsApp Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api/block-users."""

from __future__ import annotations

from dataclasses import replace

from ..config import AccountConfig, Requirements
from .base import Status
from .graph import GRAPH, BlockUsers


class Meta(BlockUsers):
    """One phone number of Meta's Cloud API."""

    name = "meta"
    title = "Meta"
    docs = "https://developers.facebook.com/docs/whatsapp/cloud-api/block-users"
    capabilities = replace(GRAPH, takes_bsuid=True)
    requirements = Requirements(identity=("phoneNumberId",), credentials=("token",))

    @staticmethod
    def identity(account: AccountConfig) -> str:
        """The phone number id."""
        return account.phone_number_id or ""

    @staticmethod
    def base_url(account: AccountConfig) -> str:  # noqa: ARG004
        """``https://graph.facebook.com``."""
        return "https://graph.facebook.com"

    @staticmethod
    def headers(account: AccountConfig) -> dict[str, str]:
        """The access token."""
        return {"Authorization": f"Bearer {account.token.reveal() if account.token else ''}"}

    def path(self) -> str:
        """``/{version}/{phone number id}/block_users``."""
        return f"{self._node()}/block_users"

    def _node(self) -> str:
        return f"/{self.account.api_version}/{self.identity(self.account)}"

    async def status(self) -> Status:
        """``GET /{version}/{phone number id}``, page "Phone Numbers"."""
        await self.http.request("GET", self._node(), self.explain, repeatable=True)
        return Status(True, "the access token may use this phone number")
