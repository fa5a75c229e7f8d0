"""What Meta has beside the Block Users format: its path, its credential, its status."""

from __future__ import annotations

import pytest
import respx

from pulumi_whatsapp.gateways.meta import Meta

from .block_users import ANN, BOB, META, listed, user_row, user_rows
from .wire import TOKEN, body, open_gateway


@pytest.mark.parametrize(("method", "done"), [("POST", "added_users"), ("DELETE", "removed_users")])
async def test_meta_blocks_and_unblocks_with_a_body(http: respx.MockRouter, method: str, done: str) -> None:
    route = http.request(method, META).respond(json=user_rows(**{done: [user_row(ANN), user_row(BOB)]}))
    gateway = open_gateway(Meta)
    outcomes = await (gateway.block if method == "POST" else gateway.unblock)([ANN, BOB])
    request = route.calls.last.request
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert body(request) == {"messaging_product": "whatsapp", "block_users": [{"user": ANN}, {"user": BOB}]}
    assert [(o.contact, o.person.number, o.error) for o in outcomes] == [(ANN, ANN, None), (BOB, BOB, None)]


async def test_the_version_of_the_api_can_be_chosen(http: respx.MockRouter) -> None:
    http.get("https://graph.facebook.com/v25.0/106540352242922/block_users").respond(json=listed())
    await open_gateway(Meta, api_version="v25.0").blocked_page(None)


async def test_meta_status_asks_for_the_number(http: respx.MockRouter) -> None:
    http.get("https://graph.facebook.com/v23.0/106540352242922").respond(json={"id": "106540352242922"})
    assert (await open_gateway(Meta).status()).connected
