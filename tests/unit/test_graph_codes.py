"""What each error code of Meta's Graph API means, of a contact and of a whole request."""

from __future__ import annotations

import pytest
import respx

from pulumi_whatsapp.errors import (
    AccountRefused,
    AnswerLost,
    GatewayError,
    ListChanged,
    NotFound,
    NotReached,
    RateLimited,
    Refused,
    RequestRefused,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from pulumi_whatsapp.gateways.graph import BlockUsers
from pulumi_whatsapp.gateways.meta import Meta

from .block_users import ANN, BOTH, META, failed_row, graph_error, user_rows
from .wire import open_gateway


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (131047, Refused, "24 hours"),
        (131021, Refused, "own number"),
        (139101, AccountRefused, "64,000"),
        (100, Unconfirmed, "no"),
        (131056, NotReached, "try again later"),
        (131016, AnswerLost, "try again"),
        (131000, AnswerLost, "try again"),
        (131005, Unauthorized, "check token"),
        (131031, AccountRefused, "locked"),
        (131057, Unavailable, "maintenance"),
        (133004, AnswerLost, "try again"),
        (139103, AnswerLost, "try again"),
        (130429, RateLimited, "130429"),
    ],
)
async def test_what_the_code_of_a_contact_means(
    http: respx.MockRouter, code: int, kind: type[GatewayError], says: str
) -> None:
    http.post(META).respond(400, json={**user_rows(failed_users=[failed_row(ANN, code)]), "error": graph_error(139100)})
    (ann,) = await open_gateway(Meta).block([ANN])
    assert type(ann.error) is kind
    assert says in str(ann.error)
    assert ann.error.code == code


@BOTH
@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 139100, Unconfirmed),
        (400, 139101, AccountRefused),
        (400, 139102, ListChanged),
        (500, 139103, AnswerLost),
        (400, 139103, AnswerLost),
        (400, 131021, Refused),
        (400, 131047, Refused),
        (400, 130429, RateLimited),
        (429, 130429, RateLimited),
        (401, 190, Unauthorized),
        (400, 190, Unauthorized),
        (403, 10, Unauthorized),
        (403, 200, Unauthorized),
        (403, 4711, Unauthorized),
        (404, 4711, NotFound),
        (400, 100, GatewayError),
        (400, 131031, AccountRefused),
        (400, 131016, AnswerLost),
        (500, 131057, Unavailable),
        (500, 3, Unauthorized),
        (401, 0, Unauthorized),
        (403, 299, Unauthorized),
        (403, 368, AccountRefused),
        (400, 33, NotFound),
        (501, 4711, RequestRefused),
        (405, 4711, RequestRefused),
        (413, 4711, RequestRefused),
        (511, 4711, AccountRefused),
        (400, 4, RateLimited),
        (400, 80007, RateLimited),
        (400, 1, AnswerLost),
        (400, 2, AnswerLost),
        (408, 4711, AnswerLost),
        (423, 4711, Unavailable),
        (500, 1, AnswerLost),
        (503, 2, AnswerLost),
    ],
)
async def test_what_the_code_of_a_request_means(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, status: int, code: int, expected: type[GatewayError]
) -> None:
    gateway = open_gateway(kind, max_retries=0)
    http.post(url).respond(status, json={"error": graph_error(code, "some detail")})
    with pytest.raises(GatewayError) as error:
        await gateway.block([ANN])
    assert type(error.value) is expected
    assert error.value.code in {code, None}
    assert "some detail" in str(error.value)
    assert "\n" not in str(error.value)
