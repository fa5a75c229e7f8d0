"""What 360dialog has beside the Block Users format: its key, its status, its rate limit in an HTTP 400."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx

from pulumi_whatsapp.errors import AccountRefused, AnswerLost, GatewayError
from pulumi_whatsapp.gateways.dialog360 import Dialog360
from pulumi_whatsapp.names import person_called

from .block_users import ANN, DIALOG, graph_error, listed, user_row, user_rows
from .wire import API_KEY, Clock, body, open_gateway


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_360dialog_has_its_key_in_a_header(http: respx.MockRouter, method: str) -> None:
    route = http.request(method, DIALOG).respond(json=user_rows(added_users=[user_row(ANN)]))
    gateway = open_gateway(Dialog360)
    await (gateway.block if method == "POST" else gateway.unblock)([ANN])
    request = route.calls.last.request
    assert request.headers["D360-API-KEY"] == API_KEY
    assert "Authorization" not in request.headers
    assert body(request) == {"messaging_product": "whatsapp", "block_users": [{"user": ANN}]}


async def test_360dialog_status_reads_the_list(http: respx.MockRouter) -> None:
    http.get(DIALOG).respond(json=listed())
    assert (await open_gateway(Dialog360).status()).connected


@pytest.mark.parametrize("done", ["removed_users", "added_users"])
async def test_an_unblock_may_answer_as_a_block_does(http: respx.MockRouter, done: str) -> None:
    # 360dialog's OpenAPI file has added_users for both; Meta answers removed_users.
    http.delete(DIALOG).respond(json=user_rows(**{done: [user_row(ANN)]}))
    (ann,) = await open_gateway(Dialog360).unblock([ANN])
    assert ann.error is None


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ({"error": "You have exceeded the limit of 1 request every 5 seconds"}, 5),
        ({"meta": {"developerMessage": "You have exceeded the limit of 1 request every 9 seconds."}}, 9),
        ({"error": {"message": "You have exceeded the limit of 30 requests every 1 second"}}, 1),
    ],
)
async def test_360dialogs_rate_limit_in_a_400_waits_as_long_as_it_says(
    http: respx.MockRouter, said: dict[str, Any], wait: float
) -> None:
    clock = Clock()
    http.get(DIALOG).mock(side_effect=[httpx.Response(400, json=said), httpx.Response(200, json=listed(ANN))])
    assert (await open_gateway(Dialog360, clock).blocked_page(None)).people == [person_called(ANN)]
    assert clock.waits == [wait]


async def test_360dialogs_rate_limit_without_seconds_backs_off(http: respx.MockRouter) -> None:
    clock = Clock()
    limited = httpx.Response(400, json={"error": "You have exceeded the endpoint rate limit"})
    http.post(DIALOG).mock(side_effect=[limited, httpx.Response(200, json=user_rows(added_users=[user_row(ANN)]))])
    (ann,) = await open_gateway(Dialog360, clock).block([ANN])
    assert ann.error is None
    assert len(clock.waits) == 1


async def test_a_400_of_360dialog_that_limits_nothing_is_not_tried_again(http: respx.MockRouter) -> None:
    route = http.post(DIALOG).respond(
        400, json={"meta": {"httpCode": 400, "developerMessage": "bad", "success": False}}
    )
    with pytest.raises(GatewayError, match="bad") as error:
        await open_gateway(Dialog360).block([ANN])
    assert type(error.value) is GatewayError
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Your API has been disabled", AccountRefused),
        ("Blocked due to lack of payment", AccountRefused),
        ("API not available", AnswerLost),
    ],
)
@pytest.mark.parametrize("status", [400, 500])
async def test_what_a_text_of_360dialog_means_comes_before_the_http_status(
    http: respx.MockRouter, text: str, kind: type[GatewayError], status: int
) -> None:
    http.post(DIALOG).respond(status, json={"meta": {"developerMessage": text}})
    with pytest.raises(kind, match=text) as error:
        await open_gateway(Dialog360).block([ANN])
    assert error.value.status == status


async def test_a_code_of_meta_comes_before_a_text_of_360dialog(http: respx.MockRouter) -> None:
    http.post(DIALOG).respond(400, json={"error": graph_error(131031, "API not available")})
    with pytest.raises(AccountRefused, match="locked") as error:
        await open_gateway(Dialog360).block([ANN])
    assert error.value.code == 131031


async def test_a_text_of_360dialog_in_a_success_is_no_error(http: respx.MockRouter) -> None:
    http.get(DIALOG).respond(json={**listed(ANN), "note": "API not available"})
    assert (await open_gateway(Dialog360).blocked_page(None)).people == [person_called(ANN)]
