"""The way into the sandbox from the same process, without a socket."""

from __future__ import annotations

import httpx
from starlette.types import ASGIApp

from .asgi import ACCOUNT_HEADER, ConnectionLost


class SandboxTransport(httpx.AsyncBaseTransport):
    """Carries an httpx client's requests to the sandbox, whatever host they are for."""

    def __init__(self, app: ASGIApp, account: str) -> None:
        """Use an app and name the account, as ``gateway/identity``, in each request."""
        self._inner = httpx.ASGITransport(app)
        self._account = account

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request. Raises httpx.ReadTimeout and httpx.RemoteProtocolError where a fault says so."""
        request.headers[ACCOUNT_HEADER] = self._account
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionLost as lost:
            if lost.kind == "timeout":
                raise httpx.ReadTimeout("The read operation timed out", request=request) from None
            text = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(text, request=request) from None
