"""Z-API's wire format, request by request and answer by answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

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
    Unconfirmed,
)
from pulumi_whatsapp.gateways.zapi import Zapi
from pulumi_whatsapp.names import Contact

from .wire import CLIENT_TOKEN, TOKEN, Clock, body, open_gateway

ROOT = f"https://api.z-api.io/instances/3A5B/token/{quote(TOKEN, safe='')}"
MODIFY = f"{ROOT}/contacts/modify-blocked"
TRUE = {"value": True}
ANN = Contact("+5544999999999")


def _path(request: httpx.Request) -> str:
    return request.url.raw_path.decode()


@pytest.mark.parametrize("action", ["block", "unblock"])
async def test_block_and_unblock_send_the_digits_and_both_credentials(http: respx.MockRouter, action: str) -> None:
    route = http.post(MODIFY).respond(json=TRUE)
    gateway = open_gateway(Zapi)
    outcomes = await (gateway.block if action == "block" else gateway.unblock)([ANN])
    request = route.calls.last.request
    assert _path(request) == f"/instances/3A5B/token/{quote(TOKEN, safe='')}/contacts/modify-blocked"
    assert body(request) == {"phone": "5544999999999", "action": action}
    assert request.headers["Client-Token"] == CLIENT_TOKEN
    assert request.headers["Content-Type"] == "application/json"
    assert [(outcome.contact, outcome.error) for outcome in outcomes] == [(ANN, None)]


async def test_a_lid_is_sent_as_it_is(http: respx.MockRouter) -> None:
    route = http.post(MODIFY).respond(json=TRUE)
    await open_gateway(Zapi).block([Contact("123456789012345@lid")])
    assert body(route.calls.last.request)["phone"] == "123456789012345@lid"


@pytest.mark.parametrize(
    ("setting", "value", "path", "sent"),
    [
        ("last_seen", "none", "last-seen", {"visualizationType": "NONE"}),
        ("profile_photo", "contacts", "photo", {"visualizationType": "CONTACTS"}),
        ("about", "all", "description", {"visualizationType": "ALL"}),
        ("about", "contact_blacklist", "description", {"visualizationType": "CONTACT_BLACKLIST"}),
        ("group_add", "contacts", "group-add", {"type": "CONTACTS"}),
        ("online", "all", "online", {"visualizationType": "ALL"}),
        ("online", "match_last_seen", "online", {"visualizationType": "SAME_LAST_SEEN"}),
    ],
)
async def test_a_setting_is_sent_in_a_body(
    http: respx.MockRouter, setting: str, value: str, path: str, sent: dict[str, Any]
) -> None:
    route = http.post(f"{ROOT}/privacy/{path}").respond(json={"success": True})
    await open_gateway(Zapi).set_privacy(setting, value)
    assert body(route.calls.last.request) == sent
    assert not route.calls.last.request.url.query


@pytest.mark.parametrize(
    ("setting", "value", "path", "sent"),
    [
        ("read_receipts", "all", "read-receipts", "enable"),
        ("read_receipts", "none", "read-receipts", "disable"),
        ("default_message_timer", "off", "messages-duration", "disable"),
        ("default_message_timer", "24h", "messages-duration", "hours24"),
        ("default_message_timer", "7d", "messages-duration", "days7"),
        ("default_message_timer", "90d", "messages-duration", "days90"),
    ],
)
async def test_a_setting_is_sent_in_the_query(
    http: respx.MockRouter, setting: str, value: str, path: str, sent: str
) -> None:
    route = http.post(f"{ROOT}/privacy/{path}").respond(json={"success": True})
    await open_gateway(Zapi).set_privacy(setting, value)
    assert route.calls.last.request.url.query == f"value={sent}".encode()
    assert route.calls.last.request.content == b""


@pytest.mark.parametrize(("setting", "key"), [("last_seen", "visualizationType"), ("group_add", "type")])
async def test_exceptions_go_with_the_value_as_changes(http: respx.MockRouter, setting: str, key: str) -> None:
    route = http.post(f"{ROOT}/privacy/{setting.replace('_', '-')}").respond(json={"success": True})
    add, remove = [Contact("+554411111111")], [Contact("+554422222222")]
    await open_gateway(Zapi).set_privacy(setting, "contact_blacklist", add, remove)
    assert body(route.calls.last.request) == {
        key: "CONTACT_BLACKLIST",
        "contactsBlacklist": [
            {"action": "add", "phone": "554411111111"},
            {"action": "remove", "phone": "554422222222"},
        ],
    }


@pytest.mark.parametrize(
    ("setting", "name"),
    [("last_seen", "lastSeen"), ("profile_photo", "photo"), ("about", "description"), ("group_add", "groupAdd")],
)
async def test_exceptions_are_read_by_the_settings_own_name(http: respx.MockRouter, setting: str, name: str) -> None:
    route = http.get(f"{ROOT}/privacy/disallowed-contacts").respond(
        json={"disallowedContacts": ["554411111111", "123456789012345@lid"]}
    )
    assert await open_gateway(Zapi).get_exceptions(setting) == ["+554411111111", "123456789012345@lid"]
    assert route.calls.last.request.url.query == f"type={name}".encode()


async def test_no_exceptions_are_an_empty_list(http: respx.MockRouter) -> None:
    http.get(f"{ROOT}/privacy/disallowed-contacts").respond(json={"disallowedContacts": []})
    assert await open_gateway(Zapi).get_exceptions("about") == []


@pytest.mark.parametrize(
    "answer", [{}, {"disallowedContacts": None}, {"disallowedContacts": "554411111111"}, [], {"value": True}, None]
)
async def test_a_wrong_shape_is_never_an_empty_list(http: respx.MockRouter, answer: object) -> None:
    http.get(f"{ROOT}/privacy/disallowed-contacts").respond(json=answer)
    with pytest.raises(ProtocolError, match="does not document"):
        await open_gateway(Zapi).get_exceptions("about")


@pytest.mark.parametrize(
    ("answer", "connected", "detail"),
    [
        ({"connected": True, "error": None, "smartphoneConnected": True}, True, "connected"),
        ({"connected": True, "error": "You are already connected.", "smartphoneConnected": True}, True, "connected"),
        (
            {"connected": False, "error": "You are not connected.", "smartphoneConnected": False},
            False,
            "You are not connected.",
        ),
        ({"connected": False, "error": "You need to restore the session."}, False, "restore the session"),
        ({"connected": False, "error": None}, False, "not connected"),
    ],
)
async def test_status_says_whether_the_instance_is_connected(
    http: respx.MockRouter, answer: dict[str, Any], connected: bool, detail: str
) -> None:
    http.get(f"{ROOT}/status").respond(json=answer)
    status = await open_gateway(Zapi).status()
    assert status.connected is connected
    assert detail in status.detail


@pytest.mark.parametrize("answer", [{"value": False}, {"success": False}, {"value": False, "success": True}])
async def test_false_on_200_is_neither_done_nor_a_verdict(http: respx.MockRouter, answer: dict[str, bool]) -> None:
    http.post(MODIFY).respond(json=answer)
    with pytest.raises(Unconfirmed, match="could not block the contact"):
        await open_gateway(Zapi).block([ANN])


async def test_an_answer_of_false_is_a_setting_that_failed(http: respx.MockRouter) -> None:
    http.post(f"{ROOT}/privacy/last-seen").respond(json={"success": False})
    with pytest.raises(Unconfirmed, match="could not set last_seen"):
        await open_gateway(Zapi).set_privacy("last_seen", "all")


@pytest.mark.parametrize("action", ["block", "set_privacy"])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={}),
        httpx.Response(200, json={"value": None}),
        httpx.Response(200, json={"value": 1, "success": "yes"}),
        httpx.Response(200, json=[True]),
        httpx.Response(200, text="true"),
        httpx.Response(200),
        httpx.Response(200, html="<html><title>Sign in</title>"),
        httpx.Response(200, content=b"\xff\xfe\x00garbage"),
        httpx.Response(200, content=b"[" * 200_000),
    ],
    ids=["no flag", "null", "no boolean", "a list", "a bare word", "empty", "html", "garbage", "nested too deep"],
)
async def test_what_is_not_documented_is_never_a_success(
    http: respx.MockRouter, action: str, answer: httpx.Response
) -> None:
    http.post(url__startswith=ROOT).mock(return_value=answer)
    gateway = open_gateway(Zapi)
    work = gateway.block([ANN]) if action == "block" else gateway.set_privacy("last_seen", "all")
    with pytest.raises(ProtocolError, match=r"check baseUrl") as error:
        await work
    assert not error.value.settled
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize(
    ("status", "answer", "kind", "advice"),
    [
        (200, {"error": "null not allowed"}, Unauthorized, "check token and clientToken"),
        (403, {"error": "null not allowed"}, Unauthorized, "check token and clientToken"),
        (400, {"error": "203.0.113.9 not allowed"}, Unauthorized, "list of allowed addresses"),
        (500, {"error": "203.0.113.9 not allowed"}, Unauthorized, "list of allowed addresses"),
        (200, {"error": "You are not connected."}, NotConnected, "connect its phone"),
        (400, {"error": "You are not connected."}, NotConnected, "connect its phone"),
        (500, {"error": "You need to restore the session."}, NotConnected, "connect its phone"),
        (401, {"error": "invalid"}, Unauthorized, "check token and clientToken"),
        (404, {"error": "Instance not found"}, NotFound, "check instance and baseUrl"),
        (405, None, RequestRefused, "check baseUrl"),
        (405, {"error": "Method not allowed"}, RequestRefused, "check baseUrl"),
        (415, None, RequestRefused, "check baseUrl"),
        (501, None, RequestRefused, "another try would not help"),
        (302, None, ProtocolError, "check baseUrl"),
        (200, {"error": "subscribe to this instance again"}, Unconfirmed, "did not confirm"),
        (400, {"error": "subscribe to this instance again"}, GatewayError, "refused the request (HTTP 400: "),
        (402, {"error": "Payment required"}, AccountRefused, "pay what is due"),
        (422, {}, GatewayError, "refused the request (HTTP 422: "),
    ],
)
async def test_a_failure_of_the_whole_instance_is_no_outcome_of_a_contact(
    http: respx.MockRouter, status: int, answer: object, kind: type[GatewayError], advice: str
) -> None:
    route = http.post(MODIFY).mock(
        return_value=httpx.Response(status) if answer is None else httpx.Response(status, json=answer)
    )
    with pytest.raises(GatewayError) as error:
        await open_gateway(Zapi).block([ANN])
    assert type(error.value) is kind
    assert advice in str(error.value)
    assert error.value.status == status
    assert "\n" not in str(error.value)
    assert route.call_count == 1  # another try would end the same


@pytest.mark.parametrize("status", [400, 200])
async def test_a_refused_contact_is_an_outcome(http: respx.MockRouter, status: int) -> None:
    route = http.post(MODIFY).respond(status, json={"error": "Invalid phone"})
    (outcome,) = await open_gateway(Zapi).block([ANN])
    assert isinstance(outcome.error, Refused)
    assert route.call_count == 1


async def test_a_rate_limit_waits_as_long_as_it_says(http: respx.MockRouter) -> None:
    clock = Clock()
    http.post(MODIFY).mock(
        side_effect=[httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, json=TRUE)]
    )
    (outcome,) = await open_gateway(Zapi, clock).block([ANN])
    assert outcome.error is None
    assert clock.waits == [7]
    assert len(clock.notes) == 1


async def test_a_rate_limit_that_stays_is_told(http: respx.MockRouter) -> None:
    route = http.post(MODIFY).respond(429)
    with pytest.raises(RateLimited, match="requestsPerMinute"):
        await open_gateway(Zapi, max_retries=2).block([ANN])
    assert route.call_count == 3


@pytest.mark.parametrize("broken", [httpx.ReadTimeout("slow"), httpx.Response(502, html="<h1>Bad Gateway</h1>")])
async def test_a_lost_answer_is_sent_again_because_both_actions_name_a_final_state(
    http: respx.MockRouter, broken: httpx.Response | httpx.ReadTimeout
) -> None:
    route = http.post(MODIFY).mock(side_effect=[broken, httpx.Response(200, json=TRUE)])
    (outcome,) = await open_gateway(Zapi).block([ANN])
    assert outcome.error is None
    assert route.call_count == 2


async def test_a_server_error_that_stays_leaves_the_outcome_open(http: respx.MockRouter) -> None:
    http.post(MODIFY).respond(503, json={"error": "down"})
    with pytest.raises(AnswerLost):
        await open_gateway(Zapi).block([ANN])


async def test_another_address_keeps_the_documented_path(http: respx.MockRouter) -> None:
    route = http.post(url__startswith="https://proxy.test/zapi/instances/3A5B/token/").respond(json=TRUE)
    await open_gateway(Zapi, base_url="https://proxy.test/zapi/").block([ANN])
    assert _path(route.calls.last.request).endswith("/contacts/modify-blocked")
