"""Faults: what the client meets, and what the account did."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from whatsapp_sandbox import FAULTS, Sandbox
from whatsapp_sandbox.gateways import fault_kinds

from .clients import Client, MakeClient

A, B, C, D = (f"+1650555000{number}" for number in range(4))
GATEWAYS = ("zapi", "ryzeapi", "360dialog", "kaleyra", "meta")
GRAPH = ("360dialog", "kaleyra", "meta")


def block(client: Client, phone: str = A, *, unblock: bool = False) -> httpx.Response:
    """Block or unblock one contact in the gateway's own format."""
    if client.gateway in GRAPH:
        return client.users("DELETE" if unblock else "POST", phone)
    if client.gateway == "zapi":
        return client.send("POST", json={"phone": phone, "action": "unblock" if unblock else "block"})
    return client.send("POST", json={"number": phone, "block": not unblock})


STATUSES: dict[str, dict[str, int]] = {
    "rate_limit": dict.fromkeys(GATEWAYS, 429) | {"360dialog": 400},
    "outage": dict.fromkeys(GATEWAYS, 503),
    "unauthorized": dict.fromkeys(GATEWAYS, 401),
    "forbidden": dict.fromkeys(GATEWAYS, 403),
    "not_found": dict.fromkeys(GATEWAYS, 404) | {"kaleyra": 401},
    "not_connected": {"zapi": 400, "ryzeapi": 503, "kaleyra": 401},
    "internal": dict.fromkeys(GRAPH, 500),
    "cap": dict.fromkeys(GRAPH, 400),
    "no_success": dict.fromkeys(GATEWAYS, 200),
    "html": dict.fromkeys(GATEWAYS, 200),
    "wrong_shape": dict.fromkeys(GATEWAYS, 200),
}


@pytest.mark.parametrize(
    ("kind", "gateway", "status"),
    [(kind, gateway, status) for kind, found in STATUSES.items() for gateway, status in found.items()],
)
def test_refused_without_effect(client: MakeClient, kind: str, gateway: str, status: int) -> None:
    one = client(gateway)
    one.account.fault(kind, on="block")
    response = block(one)
    assert response.status_code == status
    assert one.account.blocked() == set()
    assert one.account.faults() == []
    assert one.account.requests()[-1].fault == kind
    assert block(one).status_code == 200
    assert one.account.blocked() == {A}


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize(
    ("kind", "raised", "done"),
    [
        ("lost_answer", httpx.RemoteProtocolError, True),
        ("drop", httpx.RemoteProtocolError, False),
        ("timeout", httpx.ReadTimeout, False),
    ],
)
def test_without_an_answer(client: MakeClient, gateway: str, kind: str, raised: type[Exception], *, done: bool) -> None:
    one = client(gateway)
    one.account.fault(kind)
    with pytest.raises(raised):
        block(one)
    assert one.account.blocked() == ({A} if done else set())
    (request,) = one.account.requests()
    assert (request.status, request.fault) == (None, kind)


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_garbage_is_told_after_the_effect(client: MakeClient, gateway: str) -> None:
    one = client(gateway)
    one.account.fault("garbage")
    response = block(one)
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()
    assert one.account.blocked() == {A}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_an_unblock_refused_for_good(client: MakeClient, gateway: str) -> None:
    one = client(gateway)
    one.account.fault("reject_unblock", times=None)
    for _ in range(3):
        assert block(one).status_code == 200
        answer = block(one, unblock=True)
        assert answer.status_code == 400 or answer.json()["blocked"] is True
    assert one.account.blocked() == {A}
    one.account.clear_faults()
    assert block(one, unblock=True).status_code == 200


@pytest.mark.parametrize("gateway", GRAPH)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_every_second_contact_fails(client: MakeClient, gateway: str, method: str) -> None:
    one = client(gateway)
    if method == "DELETE":
        one.account.block(A, B, C, D)
    one.account.fault("half_failed")
    assert one.users(method, A, B, C, D).status_code == 400
    assert one.account.blocked() == ({A, C} if method == "POST" else {B, D})


def test_half_of_the_settings_is_applied(client: MakeClient) -> None:
    ryze = client("ryzeapi")
    ryze.account.fault("half_applied", on="privacy")
    body = {"visibility": {"lastSeen": "none", "status": "none"}, "permissions": {"callAdd": "known"}}
    assert ryze.send("POST", "/api/profile/privacy/demo", json=body).status_code == 500
    privacy = ryze.account.privacy()
    assert (privacy["last_seen"], privacy["about"], privacy["call_add"]) == ("none", "all", "all")


def cursor(page: dict[str, Any]) -> str | None:
    found: str | None = page.get("paging", {}).get("cursors", {}).get("after")
    return found


@pytest.mark.parametrize("gateway", GRAPH)
def test_listings_go_wrong(client: MakeClient, gateway: str) -> None:
    one = client(gateway)
    one.account.block(A, B, C, D)

    def page(after: str | None = None) -> dict[str, Any]:
        query = {"limit": "2"} | ({"after": after} if after else {})
        answer: dict[str, Any] = one.send("GET", params=query).json()
        return answer

    first = cursor(page())
    one.account.fault("empty_page", on="list")
    empty = page(first)
    assert empty["data"] == []
    assert cursor(empty) not in (None, first)
    assert page(cursor(empty))["data"] == page(first)["data"]
    one.account.fault("repeated_cursor", on="list")
    repeated = page(first)
    assert repeated["data"]
    assert cursor(repeated) == first
    one.account.fault("short_list")
    assert page()["data"] == []
    one.account.fault("list_changed")
    assert page(first)["error"]["code"] == 139102
    assert one.account.blocked() == {A, B, C, D}


def test_a_fault_begins_after_some_requests_and_ends_after_others(client: MakeClient) -> None:
    zapi = client("zapi")
    zapi.account.fault("outage", on="block", after=1, times=2, status=502)
    codes = []
    for _ in range(4):
        assert zapi.send("GET", "/status").status_code == 200
        codes.append(block(zapi).status_code)
    assert codes == [200, 502, 502, 200]


def test_a_rate_limit_with_and_without_a_hint(client: MakeClient) -> None:
    meta, ryze = client("meta"), client("ryzeapi")
    meta.account.fault("rate_limit", retry_after=7)
    assert block(meta).headers["Retry-After"] == "7"
    meta.account.fault("rate_limit", retry_after=None)
    response = block(meta)
    assert "Retry-After" not in response.headers
    assert response.json()["error"]["code"] == 130429
    usual = int(block(ryze).headers["X-RateLimit-Reset"])
    ryze.account.fault("rate_limit", retry_after=500)
    assert int(block(ryze).headers["X-RateLimit-Reset"]) > usual + 400


def test_faults_that_cannot_happen_are_refused(sandbox: Sandbox) -> None:
    for gateway in GATEWAYS:
        account = sandbox.account(gateway, "1")
        for kind in FAULTS.keys() - fault_kinds(gateway).keys():
            with pytest.raises(ValueError, match="does not happen on"):
                account.fault(kind)
    account = sandbox.account("meta", "1")
    with pytest.raises(ValueError, match="no fault 'nosuch'"):
        account.fault("nosuch")
    with pytest.raises(ValueError, match="does not happen on 'unblock'"):
        account.fault("cap", on="unblock")


def test_a_wrong_credential_uses_no_fault_up(client: MakeClient) -> None:
    meta = client("meta")
    block(meta)
    meta.account.fault("outage")
    meta.headers = {"Authorization": "Bearer wrong"}
    assert block(meta).status_code == 401
    assert len(meta.account.faults()) == 1
