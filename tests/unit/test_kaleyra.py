"""Kaleyra's wire format: its envelope, its codes, its regions, the number in its path."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from pulumi_whatsapp.errors import (
    AccountRefused,
    AnswerLost,
    GatewayError,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    Unauthorized,
    Unconfirmed,
)
from pulumi_whatsapp.gateways.kaleyra import Kaleyra
from pulumi_whatsapp.names import Contact, person_called

from .block_users import user_row, user_rows
from .wire import API_KEY, Clock, body, open_gateway

PATH = "/v2/HXAP16/whatsapp/%2B5511900000000/block_users"
URL = f"https://api.in.kaleyra.io{PATH}"
ANN, BOB = Contact("+447911120000"), Contact("+447911120001")
FINE = {"code": "WA200", "message": "Request Processed Successfully"}


def _open(clock: Clock | None = None, **keys: Any) -> Kaleyra:
    return open_gateway(Kaleyra, clock, **{"sid": "HXAP16", "region": "in", **keys})


def _failure(status: int, code: str, message: str, error: object, data: object = None) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "message": message, "data": data or {}, "error": error})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_the_key_is_in_a_header_and_the_plus_is_encoded(http: respx.MockRouter, method: str) -> None:
    done = "added_users" if method == "POST" else "removed_users"
    route = http.request(method, URL).respond(json={**FINE, "data": user_rows(**{done: [user_row(ANN)]})})
    gateway = _open()
    (ann,) = await (gateway.block if method == "POST" else gateway.unblock)([ANN])
    request = route.calls.last.request
    assert request.headers["api-key"] == API_KEY
    assert request.headers["Content-Type"] == "application/json"
    assert request.url.raw_path.decode() == PATH
    assert body(request) == {"messaging_product": "whatsapp", "block_users": [{"user": ANN}]}
    assert (ann.contact, ann.person.number, ann.error) == (ANN, ANN, None)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("in", "api.in.kaleyra.io"),
        ("ap", "api.ap.kaleyra.io"),
        ("eu", "api.eu.kaleyra.io"),
        ("na", "api.na.kaleyra.ai"),
    ],
)
async def test_every_region_has_its_host(http: respx.MockRouter, region: str, host: str) -> None:
    http.get(f"https://{host}{PATH}").respond(json={**FINE, "data": []})
    assert (await _open(region=region).status()).connected


async def test_a_page_has_25_contacts_and_leads_on_by_its_cursor(http: respx.MockRouter) -> None:
    rows = [{"messaging_product": "whatsapp", "wa_id": ANN[1:]}, {"messaging_product": "whatsapp", "wa_id": BOB[1:]}]
    route = http.get(URL).respond(json={**FINE, "data": rows, "paging": {"cursors": {"before": "b", "after": "a+/="}}})
    page = await _open().blocked_page(None)
    assert dict(route.calls.last.request.url.params) == {"limit": "25"}
    assert (page.people, page.cursor) == ([person_called(ANN), person_called(BOB)], "a+/=")
    await _open().blocked_page(page.cursor)
    assert dict(route.calls.last.request.url.params) == {"limit": "25", "after": "a+/="}


@pytest.mark.parametrize("inside", [True, False], ids=["in data", "beside data"])
@pytest.mark.parametrize("status", [200, 400])
async def test_rows_are_found_in_the_envelope_or_beside_it(
    http: respx.MockRouter, status: int, *, inside: bool
) -> None:
    failed = {"input": BOB, "errors": [{"message": "no", "code": 131047}]}
    users = user_rows(added_users=[user_row(ANN)], failed_users=[failed])
    envelope: dict[str, Any] = {"code": "WA200" if status == 200 else "WA400", "message": ""}
    http.post(URL).respond(status, json={**envelope, "data": users} if inside else {**envelope, **users})
    ann, bob = await _open().block([ANN, BOB])
    assert ann.error is None
    assert isinstance(bob.error, Refused)


@pytest.mark.parametrize("data", [{}, [], None])
async def test_a_success_without_rows_is_neither_success_nor_refusal(http: respx.MockRouter, data: object) -> None:
    http.post(URL).respond(json={**FINE, "data": data})
    (ann,) = await _open().block([ANN])
    assert isinstance(ann.error, ProtocolError)
    assert not ann.error.settled


ACCOUNTS = "Phone number is not present or does not belong to the account."


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        (
            _failure(401, "WA401", "Unauthorized", {"phone_number": ACCOUNTS}),
            NotFound,
            f"'+5511900000000' (HTTP 401: Unauthorized: {ACCOUNTS}); check phoneNumber and sid and region and baseUrl",
        ),
        (
            _failure(401, "RBC001", "Incorrect SID or API key.", {}, []),
            Unauthorized,
            "refused the credentials (HTTP 401: Incorrect SID or API key.); check apiKey",
        ),
        (
            _failure(400, "WA400", "Refer to correct payload format", {"payload": "Incorrect"}),
            GatewayError,
            "HTTP 400: Refer to correct payload format: Incorrect",
        ),
        (_failure(500, "WA500", "Please try again later", {"error": "oops"}), AnswerLost, "HTTP 500: Please try"),
        (_failure(429, "WA429", "Too many requests", {}), RateLimited, "HTTP 429: Too many requests"),
    ],
)
async def test_what_the_codes_of_the_envelope_mean(
    http: respx.MockRouter, answer: httpx.Response, expected: type[GatewayError], says: str
) -> None:
    http.post(URL).mock(return_value=answer)
    with pytest.raises(GatewayError) as error:
        await _open(max_retries=0).block([ANN])
    assert type(error.value) is expected
    assert says in str(error.value)
    assert API_KEY not in str(error.value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (_failure(400, "WA400", "Refer to correct payload format", {"payload": "Incorrect"}), GatewayError),
        (_failure(400, "WA400", "", {"message": "(#139100) Failed", "code": 139100}), Unconfirmed),
    ],
    ids=["payload", "some failed, and not who"],
)
async def test_a_refused_batch_is_no_refusal_of_its_contacts(
    http: respx.MockRouter, answer: httpx.Response, expected: type[GatewayError]
) -> None:
    http.delete(URL).mock(return_value=answer)
    with pytest.raises(GatewayError) as error:
        await _open().unblock([ANN, BOB])
    assert type(error.value) is expected


async def test_a_full_list_is_about_the_account(http: respx.MockRouter) -> None:
    http.post(URL).mock(return_value=_failure(400, "WA400", "", {"message": "(#139101) Full", "code": 139101}))
    with pytest.raises(AccountRefused, match="64,000"):
        await _open().block([ANN, BOB])
