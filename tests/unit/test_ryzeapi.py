"""RyzeAPI's wire format, request by request and answer by answer."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import httpx
import pytest
import respx

from pulumi_whatsapp.errors import (
    AccountRefused,
    AnswerLost,
    GatewayError,
    NotConnected,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    RequestRefused,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from pulumi_whatsapp.gateways.ryzeapi import Ryzeapi
from pulumi_whatsapp.names import Contact

from .wire import TOKEN, Clock, body, open_gateway

ROOT = "https://ryzeapi.cloud"
BLOCK = f"{ROOT}/api/chat/block/my%20shop"
PRIVACY = f"{ROOT}/api/profile/privacy/my%20shop"
ANN = Contact("+5511987654321")
SETTINGS = {
    "visibility": {"lastSeen": "contacts", "status": "all", "profile": "none", "online": "match_last_seen"},
    "privacy": {"readReceipts": "none"},
    "permissions": {"callAdd": "known", "groupAdd": "contact_blacklist"},
}


def _open(clock: Clock | None = None, **keys: Any) -> Ryzeapi:
    return open_gateway(Ryzeapi, clock, instance="my shop", **keys)


def _done(**fields: Any) -> dict[str, Any]:
    return {"success": True, "message": "done", "contact_jid": "5511987654321@s.whatsapp.net", **fields}


def _error(message: str) -> dict[str, Any]:
    return {"success": False, "error": {"message": message}}


@pytest.mark.parametrize("block", [True, False])
async def test_block_and_unblock_send_the_digits_and_the_token(http: respx.MockRouter, *, block: bool) -> None:
    route = http.post(BLOCK).respond(json=_done(blocked=block, blocked_count=7))
    gateway = _open()
    (ann,) = await (gateway.block if block else gateway.unblock)([ANN])
    request = route.calls.last.request
    assert request.headers["token"] == TOKEN
    assert body(request) == {"number": "5511987654321", "block": block}
    assert (ann.contact, ann.person.number, ann.error) == (ANN, "+5511987654321", None)


@pytest.mark.parametrize(
    ("jid", "wa_id"),
    [
        ("551187654321@s.whatsapp.net", "+551187654321"),
        ("551187654321:12@s.whatsapp.net", "+551187654321"),
        ("123456789012345@lid", "123456789012345@lid"),
        ("status@broadcast", None),
        (None, None),
    ],
)
async def test_the_jid_may_be_another_than_the_number(
    http: respx.MockRouter, jid: str | None, wa_id: str | None
) -> None:
    http.post(BLOCK).respond(json=_done(blocked=True, contact_jid=jid))
    (ann,) = await _open().block([ANN])
    assert ann.person.contact == wa_id


async def test_another_final_state_of_the_contact_is_a_refusal(http: respx.MockRouter) -> None:
    http.post(BLOCK).respond(json=_done(blocked=False))
    (ann,) = await _open().block([ANN])
    assert isinstance(ann.error, Refused)


@pytest.mark.parametrize(
    "answer",
    [
        {"success": False, "message": "no", "blocked": False},
        {"success": False, "message": "no"},
        _error("Timeout, try again later"),
    ],
)
async def test_a_failure_on_200_is_neither_done_nor_a_verdict(http: respx.MockRouter, answer: object) -> None:
    http.post(BLOCK).respond(json=answer)
    with pytest.raises(Unconfirmed):
        await _open().block([ANN])


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (400, "Instance disconnected", NotConnected),
        (401, "Invalid token", Unauthorized),
        (401, "Missing token in header", Unauthorized),
        (403, "Forbidden", Unauthorized),
        (404, "Instance not found", NotFound),
        (429, "Rate limit exceeded. Try again later.", RateLimited),
        (500, "Internal server error", AnswerLost),
        (503, "Instance is not connected to WhatsApp", NotConnected),
        (503, "Service unavailable", AnswerLost),
        (501, "Not implemented", RequestRefused),
        (408, "Request timeout", AnswerLost),
        (423, "Locked", Unavailable),
        (400, "Invalid request body", GatewayError),
        (400, "Number is required", GatewayError),
        (402, "Your plan has expired", AccountRefused),
        (409, "Conflict", GatewayError),
    ],
)
async def test_a_failure_of_the_whole_instance_is_no_outcome_of_a_contact(
    http: respx.MockRouter, status: int, message: str, expected: type[GatewayError]
) -> None:
    http.post(BLOCK).respond(status, json=_error(message))
    with pytest.raises(GatewayError) as error:
        await _open(max_retries=0).block([ANN])
    assert type(error.value) is expected
    assert message in str(error.value)
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<html>",
        "[]",
        "null",
        '{"items": [1]}',
        '{"success": true, "blocked": "ye',
        '{"success": 1, "blocked": true}',
        '{"success": true, "blocked": 0}',
    ],
)
async def test_what_is_not_documented_is_never_a_success(http: respx.MockRouter, answer: str) -> None:
    http.post(BLOCK).respond(200, text=answer)
    with pytest.raises(ProtocolError) as error:
        await _open().block([ANN])
    assert not error.value.settled


async def test_a_lost_answer_is_sent_again_because_both_actions_are_idempotent(http: respx.MockRouter) -> None:
    route = http.post(BLOCK).mock(side_effect=[httpx.ReadTimeout(""), httpx.Response(200, json=_done(blocked=True))])
    (ann,) = await _open().block([ANN])
    assert ann.error is None
    assert route.call_count == 2


async def test_a_no_after_a_lost_answer_settles_nothing(http: respx.MockRouter) -> None:
    http.post(BLOCK).mock(side_effect=[httpx.ReadTimeout(""), httpx.Response(400, json=_error("no"))])
    with pytest.raises(AnswerLost, match="an earlier try was not answered"):
        await _open().block([ANN])


# -- the rate limit


def _limited(reset: float | str | None, date: float | None) -> httpx.Response:
    headers = {} if reset is None else {"X-RateLimit-Reset": str(reset), "X-RateLimit-Remaining": "0"}
    if date is not None:
        headers["Date"] = formatdate(date, usegmt=True)
    return httpx.Response(429, json=_error("Rate limit exceeded. Try again later."), headers=headers)


@pytest.mark.parametrize("skew", [-7200, 0, 7200], ids=["our clock is fast", "our clock is right", "our clock is slow"])
async def test_the_wait_until_the_reset_is_measured_by_the_gateways_clock(http: respx.MockRouter, skew: int) -> None:
    clock = Clock()
    now = int(time.time()) + skew
    http.post(BLOCK).mock(side_effect=[_limited(now + 37, now), httpx.Response(200, json=_done(blocked=True))])
    await _open(clock).block([ANN])
    assert clock.waits == [37]
    assert clock.notes[0].startswith("waiting 37 s before trying again: RyzeAPI my shop limits the rate (HTTP 429: ")


async def test_without_a_date_our_own_clock_has_to_do(http: respx.MockRouter) -> None:
    clock = Clock()
    limited = _limited(int(time.time()) + 60, None)
    http.post(BLOCK).mock(side_effect=[limited, httpx.Response(200, json=_done(blocked=True))])
    await _open(clock).block([ANN])
    assert 55 < clock.waits[0] <= 60


@pytest.mark.parametrize("reset", [None, "soon", -5], ids=["none", "no number", "in the past"])
async def test_without_a_reset_to_come_it_backs_off(http: respx.MockRouter, reset: float | str | None) -> None:
    now = int(time.time())
    spelt = now + reset if isinstance(reset, int) else reset
    http.post(BLOCK).mock(return_value=_limited(spelt, now))
    with pytest.raises(RateLimited) as error:
        await _open().block([ANN])
    assert error.value.retry_after is None


# -- privacy


async def test_every_setting_is_read(http: respx.MockRouter) -> None:
    http.get(f"{ROOT}/api/profile/getPrivacy/my%20shop").respond(json={"success": True, "settings": SETTINGS})
    assert await _open().get_privacy() == {
        "last_seen": "contacts",
        "about": "all",
        "profile_photo": "none",
        "online": "match_last_seen",
        "read_receipts": "none",
        "call_add": "known",
        "group_add": "contact_blacklist",
    }


@pytest.mark.parametrize(
    ("setting", "value", "sent"),
    [
        ("last_seen", "contacts", {"visibility": {"lastSeen": "contacts"}}),
        ("about", "all", {"visibility": {"status": "all"}}),
        ("profile_photo", "none", {"visibility": {"profile": "none"}}),
        ("online", "match_last_seen", {"visibility": {"online": "match_last_seen"}}),
        ("read_receipts", "none", {"privacy": {"readReceipts": "none"}}),
        ("call_add", "known", {"permissions": {"callAdd": "known"}}),
        ("group_add", "contact_blacklist", {"permissions": {"groupAdd": "contact_blacklist"}}),
    ],
)
async def test_a_setting_is_sent_alone(http: respx.MockRouter, setting: str, value: str, sent: dict[str, Any]) -> None:
    route = http.post(PRIVACY).respond(json={"success": True, "settings": SETTINGS})
    await _open().set_privacy(setting, value)
    assert body(route.calls.last.request) == sent


async def test_an_answer_that_still_shows_the_old_value_settles_nothing(http: respx.MockRouter) -> None:
    http.post(PRIVACY).respond(json={"success": True, "settings": SETTINGS})
    with pytest.raises(AnswerLost, match="still shows another last_seen"):
        await _open().set_privacy("last_seen", "none")


@pytest.mark.parametrize("answer", [{"success": False, "settings": SETTINGS}, _error("no")])
async def test_an_answer_of_false_is_a_setting_that_failed(http: respx.MockRouter, answer: object) -> None:
    http.post(PRIVACY).respond(json=answer)
    with pytest.raises(Unconfirmed):
        await _open().set_privacy("last_seen", "contacts")


async def test_exceptions_are_not_sent(http: respx.MockRouter) -> None:  # noqa: ARG001
    with pytest.raises(NotImplementedError):
        await _open().set_privacy("last_seen", "contact_blacklist", [ANN])


# -- status


@pytest.mark.parametrize("state", ["connected", "connecting", "disconnected", "loggedout"])
async def test_status_says_whether_the_instance_is_connected(http: respx.MockRouter, state: str) -> None:
    instance = {"name": "my shop", "connection": {"state": state, "numberJid": "1@s.whatsapp.net"}}
    route = http.get(f"{ROOT}/api/instance/list").respond(json={"success": True, "instances": [instance]})
    status = await _open().status()
    assert dict(route.calls.last.request.url.params) == {"instanceName": "my shop"}
    assert (status.connected, status.detail) == (state == "connected", f"the instance is {state}")
