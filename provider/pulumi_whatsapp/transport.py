"""The HTTP client of one account: limits, retries and redaction; no gateway's format."""

from __future__ import annotations

import asyncio
import json as json_text
import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeVar

import httpx
from aiolimiter import AsyncLimiter
from pydantic import TypeAdapter, ValidationError

from .errors import AnswerLost, GatewayError, ProtocolError, Unavailable
from .names import hide_numbers
from .redact import RedactingFilter, Redactor
from .retries import WORTH_TELLING, Again, Notify, Retries

Model = TypeVar("Model")
_ALL: Final = object()
Explain = Callable[[httpx.Response], GatewayError | None]

_BURST_SHARE: Final = 0.2
"""The share of a minute's requests that may go at once, so that a few are quick. What is spread over the rest of the
minute is that much less: no minute sees more than the limit, wherever the gateway's own window begins."""
_QUOTED: Final = 200
"""Characters of an answer that a message quotes: they tell an HTML page from JSON, and leave room for what to do."""
_TO_CONNECT: Final = 0.9
"""The share of a request's time in which a connection has to stand: what ends before that has sent nothing."""


class Transport:
    """Sends the requests of one account.

    Args:
        title: what messages call the account, its gateway included.
        base_url: what stands before the gateway's documented paths.
        headers: sent with every request, credentials included.
        timeout: seconds for one request, its answer included.
        requests_per_minute: the most requests in any minute; no limit when None.
        redact: hides the account's credentials; every error of an answer goes through it.
        notify: told one line about each wait that a person would notice.
        retries: how often a request is sent again, and when.
        transport: stands in for the network.
    """

    def __init__(
        self,
        *,
        title: str,
        base_url: str,
        headers: Mapping[str, str],
        timeout: float,
        requests_per_minute: int | None,
        redact: Redactor,
        notify: Notify,
        retries: Retries,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=timeout * _TO_CONNECT),
            transport=transport,
            follow_redirects=False,
        )
        self._timeout = timeout
        self._title = title
        self._limiter = _limiter(requests_per_minute)
        self._queued = 0
        self.redact = redact
        self._notify = notify
        self.retries = retries
        self._log_filter = RedactingFilter(redact)
        logging.getLogger("httpx").addFilter(self._log_filter)

    async def close(self) -> None:
        """Close the connections."""
        logging.getLogger("httpx").removeFilter(self._log_filter)
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        explain: Explain,
        *,
        json: object = None,
        params: Mapping[str, Any] | None = None,
        repeatable: bool,
        retry: Again = lambda _: True,
    ) -> httpx.Response:
        """Send a request until it succeeds, or fails for good.

        Args:
            explain: returns what is wrong with an answer, or None.
            repeatable: whether sending it twice does what sending it once does. Only then is it sent again after
                an answer was lost.
            retry: refuses further tries of a failure that would otherwise be tried again.

        Raises:
            GatewayError: the last failure; `AnswerLost` where an earlier try may have taken effect all the same.
        """
        lost = False

        async def send() -> httpx.Response:
            nonlocal lost
            try:
                return await self._send(method, path, explain, json=json, params=params)
            except GatewayError as error:
                lost = lost or not error.settled
                raise

        def again(error: GatewayError) -> bool:
            return error.retryable and (error.settled or repeatable) and retry(error)

        try:
            return await self.retries.after_waits(again)(send)
        except GatewayError as error:
            if lost and error.settled and method != "GET":
                raise AnswerLost(
                    f"{error}; an earlier try was not answered and may have taken effect",
                    status=error.status,
                    code=error.code,
                ) from None
            raise

    def seconds_for(self, requests: int) -> float:
        """Return how long so many requests take at least under the rate limit, once its burst is used up."""
        return requests * self._limiter.time_period / self._limiter.max_rate if self._limiter else 0.0

    async def _admitted(self) -> None:
        """Wait for the rate limit."""
        if self._limiter is None:
            return
        self._queued += 1
        try:
            seconds = 0.0 if self._limiter.has_capacity() else self.seconds_for(self._queued)
            if seconds >= WORTH_TELLING:
                self._notify(f"waiting {seconds:.0f} s for the rate limit of {self._title}")
            await self._limiter.acquire()
        finally:
            self._queued -= 1

    async def _send(
        self, method: str, path: str, explain: Explain, *, json: object, params: Mapping[str, Any] | None
    ) -> httpx.Response:
        await self._admitted()
        try:
            response = await self._whole(method, path, json=json, params=params)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise self._unreachable(error, method) from None
        except httpx.RequestError as error:
            raise (self._unreachable(error, method) if method == "GET" else self._lost(error)) from None
        try:
            problem = explain(response)
        except RecursionError:  # JSON nested deeper than any parser goes
            problem = self.unexpected(response)
        if problem is not None:
            problem.args = (self.redact(str(problem)),)  # a gateway may quote what it was sent
            raise problem
        return response

    async def _whole(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send a request and read its answer, within its time: httpx bounds each read, and there may be many."""
        try:
            return await asyncio.wait_for(self._client.request(method, path, **content), self._timeout)
        except asyncio.TimeoutError:
            raise httpx.ReadTimeout(f"no whole answer within {self._timeout:g} s") from None

    def decode(self, response: httpx.Response, model: type[Model], part: object = _ALL) -> Model:
        """Return an answer's body, or a part of it that was parsed already, as the dataclass ``model``.

        No value is converted: a ``success`` of 1 is no success, and a ``code`` of false is not the code 0.

        Raises:
            ProtocolError: when it is something else; quotes its start.
        """
        adapter: TypeAdapter[Model] = _adapter(model)  # type: ignore[arg-type]  # a class is hashable
        try:
            # A part becomes text again: outside JSON, strict wants objects of the dataclasses themselves.
            content = response.content if part is _ALL else json_text.dumps(part)
            return adapter.validate_json(content, strict=True)
        except (ValidationError, RecursionError):
            raise self.unexpected(response) from None

    def unexpected(self, response: httpx.Response) -> ProtocolError:
        """Return the error for an answer that the gateway does not document."""
        return ProtocolError(
            f"{self._title} answered HTTP {response.status_code} with something it does not document: "
            f"{self.quote(response)}; check baseUrl, and report it if that is right",
            status=response.status_code,
        )

    def quote(self, response: httpx.Response) -> str:
        """Return the start of an answer's body on one line, redacted; of a contact the last characters only."""
        text = hide_numbers(self.redact(response.text))
        if not text:
            return "an empty body"
        return f"{text[:_QUOTED]}…" if len(text) > _QUOTED else text

    def _unreachable(self, error: httpx.RequestError, method: str) -> Unavailable:
        unchanged = "" if method == "GET" else "; nothing was changed"
        advice = "check the network, a proxy and baseUrl"
        return Unavailable(f"{self._title} cannot be reached ({self._reason(error)}; {advice}){unchanged}")

    def _lost(self, error: httpx.RequestError) -> AnswerLost:
        return AnswerLost(f"{self._title} did not answer ({self._reason(error)}); the request may have taken effect")

    def _reason(self, error: httpx.RequestError) -> str:
        """Return which host it was about, never with a path, and what happened."""
        host = self.redact(self._client.base_url.netloc.decode("ascii"))
        detail = self.redact(str(error))
        return f"{host}, {type(error).__name__}: {detail}" if detail else f"{host}, {type(error).__name__}"


@cache
def _adapter(model: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _limiter(requests_per_minute: int | None) -> AsyncLimiter | None:
    """Return a limiter under which no minute sees more than the limit: a small burst, the rest spread evenly."""
    if requests_per_minute is None:
        return None
    burst = max(1, int(requests_per_minute * _BURST_SHARE))
    per_second = max(requests_per_minute - burst, 1) / 60
    return AsyncLimiter(burst, burst / per_second)
