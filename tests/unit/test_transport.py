"""What is sent again, how long it waits, and what of it can be shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import respx

from pulumi_whatsapp.errors import AnswerLost, GatewayError, ProtocolError, RateLimited, Unavailable
from pulumi_whatsapp.gateways.base import retry_after
from pulumi_whatsapp.redact import Redactor
from pulumi_whatsapp.transport import Transport

from .clock import now
from .wire import SECRET, Clock, spellings

URL = "https://gateway.test/list"
OK = httpx.Response(200, json={})


def _open(clock: Clock | None = None, *, max_retries: int = 2, **options: Any) -> Transport:
    clock = clock or Clock()
    return Transport(
        **{
            "title": "Gateway",
            "base_url": "https://gateway.test",
            "headers": {},
            "timeout": 5,
            "requests_per_minute": None,
            "redact": Redactor([SECRET]),
            "notify": clock.notes.append,
            "retries": clock.retries(max_retries),
            "transport": httpx.AsyncHTTPTransport(verify=False),
            **options,
        }
    )


def _explain(response: httpx.Response) -> GatewayError | None:
    if response.is_success:
        return None
    if response.status_code == 429:
        return RateLimited("limited", retry_after=retry_after(response))
    return AnswerLost("lost") if response.status_code >= 500 else ProtocolError("no")


UNSENT = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("busy"),
    httpx.ProxyError("407 Proxy Authentication Required"),
]
LOST = [
    httpx.ReadTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("reset"),
    httpx.WriteTimeout("slow"),
    httpx.RemoteProtocolError("cut"),
    httpx.Response(500),
    httpx.Response(503, html="<h1>down</h1>"),
]


@pytest.mark.parametrize("failure", UNSENT)
@pytest.mark.parametrize("repeatable", [True, False])
async def test_what_was_never_sent_is_sent_again(
    http: respx.MockRouter, failure: httpx.TransportError, repeatable: bool
) -> None:
    route = http.post(URL).mock(side_effect=[failure, failure, OK])
    await _open().request("POST", "/list", _explain, repeatable=repeatable)
    assert route.call_count == 3


@pytest.mark.parametrize("failure", UNSENT)
async def test_a_gateway_that_cannot_be_reached_changed_nothing(
    http: respx.MockRouter, failure: httpx.TransportError
) -> None:
    route = http.post(URL).mock(side_effect=failure)
    with pytest.raises(Unavailable, match="nothing was changed") as error:
        await _open(max_retries=4).request("POST", "/list", _explain, repeatable=False)
    assert error.value.settled
    assert route.call_count == 5


class _Dripping(httpx.AsyncBaseTransport):
    """A gateway that answers a byte at a time, for ever."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        """Answer at once, and never end."""

        async def drip() -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(1)

        return httpx.Response(200, content=drip())


@pytest.mark.parametrize(("method", "kind"), [("GET", Unavailable), ("POST", AnswerLost)])
async def test_an_answer_that_never_ends_is_cut_off_by_the_timeout(method: str, kind: type[GatewayError]) -> None:
    with pytest.raises(GatewayError, match="no whole answer within 5 s") as error:
        await _open(transport=_Dripping(), max_retries=0).request(method, "/list", _explain, repeatable=False)
    assert type(error.value) is kind
    assert now() == 5


@pytest.mark.parametrize("failure", LOST)
async def test_a_lost_answer_is_asked_for_again_only_where_that_is_safe(
    http: respx.MockRouter, failure: httpx.RequestError | httpx.Response
) -> None:
    route = http.post(URL)
    if isinstance(failure, httpx.Response):
        route.mock(return_value=failure)
    else:
        route.mock(side_effect=failure)
    with pytest.raises(AnswerLost) as error:
        await _open().request("POST", "/list", _explain, repeatable=False)
    assert not error.value.settled
    assert route.call_count == 1
    with pytest.raises(AnswerLost):
        await _open().request("POST", "/list", _explain, repeatable=True)
    assert route.call_count == 1 + 3


@pytest.mark.parametrize("failure", [failure for failure in LOST if isinstance(failure, httpx.RequestError)])
async def test_a_read_whose_answer_is_lost_changed_nothing(http: respx.MockRouter, failure: httpx.RequestError) -> None:
    http.get(URL).mock(side_effect=failure)
    with pytest.raises(Unavailable, match="cannot be reached") as error:
        await _open().request("GET", "/list", _explain, repeatable=True)
    assert "changed" not in str(error.value)  # what was changed before the reading is not its to say


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_network_error_names_the_host_and_nothing_else_of_the_address(
    http: respx.MockRouter, method: str
) -> None:
    http.route(host="proxy.test").mock(side_effect=httpx.ConnectError("Name or service not known"))
    transport = _open(base_url="https://me:pass@proxy.test:8443/path", max_retries=0)
    with pytest.raises(Unavailable) as error:
        await transport.request(method, "/token/list", _explain, params={"token": "query"}, repeatable=True)
    assert str(error.value).removesuffix("; nothing was changed") == (
        "Gateway cannot be reached (proxy.test:8443, ConnectError: Name or service not known; "
        "check the network, a proxy and baseUrl)"
    )


@pytest.mark.parametrize("retries", [0, 1, 5])
async def test_a_request_is_sent_once_and_then_so_often_again(http: respx.MockRouter, retries: int) -> None:
    clock = Clock()
    route = http.get(URL).respond(429)
    with pytest.raises(RateLimited):
        await _open(clock, max_retries=retries).request("GET", "/list", _explain, repeatable=True)
    assert route.call_count == retries + 1
    assert len(clock.waits) == retries


async def test_a_permanent_failure_and_a_refused_retry_end_at_once(http: respx.MockRouter) -> None:
    route = http.get(URL).mock(side_effect=[httpx.Response(400), httpx.Response(429)])
    with pytest.raises(ProtocolError):
        await _open().request("GET", "/list", _explain, repeatable=True)
    with pytest.raises(RateLimited):
        await _open().request("GET", "/list", _explain, repeatable=True, retry=lambda _: False)
    assert route.call_count == 2


async def test_redirects_are_not_followed(http: respx.MockRouter) -> None:
    route = http.get(URL).respond(307, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(ProtocolError):
        await _open().request("GET", "/list", _explain, repeatable=True)
    assert route.call_count == 1


@pytest.mark.parametrize(("method", "expected"), [("GET", Unavailable), ("POST", AnswerLost)])
async def test_a_body_that_cannot_be_unpacked_is_a_lost_answer(method: str, expected: type[GatewayError]) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    transport = _open(transport=httpx.MockTransport(answer))
    with pytest.raises(expected):
        await transport.request(method, "/list", _explain, repeatable=False)


# -- waits


@pytest.mark.parametrize(("asked", "waited"), [("0", 0), ("45", 45), ("86400", 120)])
async def test_a_wait_is_as_long_as_asked_but_capped(http: respx.MockRouter, asked: str, waited: float) -> None:
    clock = Clock()
    http.get(URL).mock(side_effect=[httpx.Response(429, headers={"Retry-After": asked}), OK])
    await _open(clock).request("GET", "/list", _explain, repeatable=True)
    assert clock.waits == [waited]


async def test_a_wait_that_somebody_would_notice_is_told(http: respx.MockRouter) -> None:
    clock = Clock()
    waits = [httpx.Response(429, headers={"Retry-After": seconds}) for seconds in ("1", "60")]
    http.get(URL).mock(side_effect=[*waits, OK])
    await _open(clock).request("GET", "/list", _explain, repeatable=True)
    assert clock.notes == ["waiting 60 s before trying again: limited"]


# -- the rate limit


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 30, 100])
async def test_no_minute_sees_more_requests_than_the_limit(http: respx.MockRouter, limit: int) -> None:
    sent: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        sent.append(now())
        return OK

    http.get(URL).mock(side_effect=answer)
    transport = _open(requests_per_minute=limit)

    async def one(start: float) -> None:
        await asyncio.sleep(start)
        await transport.request("GET", "/list", _explain, repeatable=True)

    # a crowd at once, a pause that lets the burst recover, and another crowd
    starts = [0.0] * (2 * limit + 2) + [400.0] * (limit + 1)
    await asyncio.gather(*(one(start) for start in starts))
    assert len(sent) == len(starts)
    for index, first in enumerate(sent):
        in_a_minute = sum(first <= moment < first + 60 - 1e-6 for moment in sent[index:])
        assert in_a_minute <= limit
    if limit >= 7:  # and not much slower than the limit: what it allows in a bit over two minutes takes less than three
        assert max(moment for moment in sent if moment < 400) < 180


async def test_tries_count_against_the_limit(http: respx.MockRouter) -> None:
    sent: list[float] = []

    def answer(_: httpx.Request) -> httpx.Response:
        sent.append(now())
        return httpx.Response(429, headers={"Retry-After": "0"})

    http.get(URL).mock(side_effect=answer)
    with pytest.raises(RateLimited):
        await _open(requests_per_minute=2, max_retries=3).request("GET", "/list", _explain, repeatable=True)
    assert len(sent) == 4
    assert sent[2] - sent[0] >= 60 - 1e-6


async def test_without_a_limit_nothing_waits(http: respx.MockRouter) -> None:
    http.get(URL).mock(return_value=OK)
    transport = _open()
    for _ in range(50):
        await transport.request("GET", "/list", _explain, repeatable=True)
    assert now() == 0


# -- credentials


@pytest.mark.parametrize("make", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_the_text_of_an_exception_is_redacted(
    http: respx.MockRouter, make: Callable[[str], httpx.TransportError]
) -> None:
    http.post(f"https://gateway.test/{quote(SECRET, safe='')}").mock(
        side_effect=make(f"no route to\nhttps://gateway.test/{quote(SECRET, safe='')}")
    )
    with pytest.raises(GatewayError) as error:
        await _open().request("POST", f"/{quote(SECRET, safe='')}", _explain, repeatable=False)
    assert "no route to https://gateway.test/[redacted]" in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


async def test_the_body_in_a_message_is_redacted_before_it_is_cut() -> None:
    transport = _open()
    # the credential straddles the place where a quotation is cut
    body = "x" * 190 + SECRET
    assert SECRET[:5] not in transport.quote(httpx.Response(200, text=body))


@pytest.mark.parametrize(
    "name",
    ["US.aBcDeFgHiJkLmNoP", "US.ENT.aBcDeFgHiJkLmNoP", "+16505551234", "+1 (650) 555-1234", "43210@lid", "494321"],
)
@pytest.mark.parametrize("body", ['{{"user_id":"{}","code":131047}}', '{{"input": "{}", "code": 131047}}'])
async def test_of_a_contact_a_quoted_body_shows_four_characters(body: str, name: str) -> None:
    quoted = _open().quote(httpx.Response(200, text=body.format(name)))
    shown = name.partition("@")[0]
    assert shown[-5:] not in quoted
    assert f"…{shown[-4:]}" in quoted
    assert "131047" in quoted


async def test_httpx_logs_no_credential(http: respx.MockRouter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = f"/token/{quote(SECRET, safe='')}/x"
    http.get(f"https://gateway.test{path}").mock(return_value=OK)
    transport = _open()
    await transport.request("GET", path, _explain, params={"token": SECRET}, repeatable=True)
    lines = [record.getMessage() for record in caplog.records if record.name == "httpx"]
    assert any("/token/[redacted]/x" in line for line in lines)
    for line in lines:
        assert not any(spelt in line for spelt in spellings())
    await transport.close()


async def test_closing_leaves_the_log_as_it_was() -> None:
    before = list(logging.getLogger("httpx").filters)
    transport = _open()
    await transport.close()
    assert logging.getLogger("httpx").filters == before
