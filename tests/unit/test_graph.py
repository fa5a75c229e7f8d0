"""The Block Users format of Meta and 360dialog, request by request and answer by answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

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
from pulumi_whatsapp.gateways.dialog360 import Dialog360
from pulumi_whatsapp.gateways.graph import BlockUsers
from pulumi_whatsapp.gateways.meta import Meta
from pulumi_whatsapp.names import NOBODY, Contact, Person, person_called
from pulumi_whatsapp.outcome import State

from .block_users import ANN, BOB, BOTH, CAT, DAN, DIALOG, META, failed_row, graph_error, listed, user_row, user_rows
from .clock import run
from .wire import API_KEY, TOKEN, Clock, body, open_gateway

# -- requests


@BOTH
async def test_a_list_is_asked_for_by_page(http: respx.MockRouter, kind: type[BlockUsers], url: str) -> None:
    route = http.get(url).respond(json=listed(ANN))
    gateway = open_gateway(kind)
    await gateway.blocked_page(None)
    assert dict(route.calls.last.request.url.params) == {"limit": "1000"}
    await gateway.blocked_page("c/u+r=s&o")
    assert dict(route.calls.last.request.url.params) == {"limit": "1000", "after": "c/u+r=s&o"}
    assert route.calls.last.request.content == b""


# -- what became of each contact


@BOTH
@pytest.mark.parametrize("status", [200, 400])
async def test_one_answer_may_carry_both_lists(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, status: int
) -> None:
    answer = user_rows(added_users=[user_row(BOB)], failed_users=[failed_row(ANN, 131047)])
    http.post(url).respond(status, json={**answer, "error": graph_error(139100)})
    ann, bob = await open_gateway(kind).block([ANN, BOB])
    assert bob.error is None
    assert isinstance(ann.error, Refused)
    assert ann.error.code == 131047
    assert "24 hours" in str(ann.error)


@BOTH
async def test_one_answer_may_refuse_everybody(http: respx.MockRouter, kind: type[BlockUsers], url: str) -> None:
    rows = user_rows(added_users=[], failed_users=[failed_row(ANN, 131047), failed_row(BOB, 131021)])
    http.post(url).respond(400, json={**rows, "error": graph_error(139100)})
    ann, bob = await open_gateway(kind).block([ANN, BOB])
    assert ann.error is not None
    assert bob.error is not None
    assert "own number" in str(bob.error)


async def test_a_failed_contact_may_lack_its_wa_id(http: respx.MockRouter) -> None:
    http.post(META).respond(
        400, json=user_rows(failed_users=[{"input": ANN, "errors": [{"message": "no", "code": 131047}]}])
    )
    (ann,) = await open_gateway(Meta).block([ANN])
    assert isinstance(ann.error, Refused)
    assert ann.person == NOBODY


@pytest.mark.parametrize(
    "why",
    [
        {"errors": [{"message": "no", "code": 131047}]},
        {"error": {"message": "no", "code": 131047}},
        {"error": [{"message": "no", "code": 131047}]},
    ],
)
async def test_the_reason_of_a_row_may_be_called_error_or_errors(http: respx.MockRouter, why: dict[str, Any]) -> None:
    http.post(META).respond(400, json=user_rows(failed_users=[{"input": ANN, **why}]))
    (ann,) = await open_gateway(Meta).block([ANN])
    assert isinstance(ann.error, Refused)
    assert ann.error.code == 131047


@pytest.mark.parametrize("why", ["no such user", ["no such user"], [{"message": "no such user"}]])
async def test_the_reason_of_a_row_may_be_a_bare_text_and_is_no_verdict(http: respx.MockRouter, why: object) -> None:
    http.post(META).respond(400, json=user_rows(failed_users=[{"input": ANN, "errors": why}]))
    (ann,) = await open_gateway(Meta).block([ANN])
    assert type(ann.error) is Unconfirmed
    assert "no such user" in str(ann.error)


async def test_a_row_s_first_reason_counts_whatever_else_it_says(http: respx.MockRouter) -> None:
    why = {"errors": [{"message": "no", "code": 131047}], "error": True}
    http.post(META).respond(400, json=user_rows(added_users=[user_row(ANN)], failed_users=[{"input": BOB, **why}]))
    ann, bob = await open_gateway(Meta).block([ANN, BOB])
    assert ann.error is None
    assert isinstance(bob.error, Refused)
    assert bob.error.code == 131047


@pytest.mark.parametrize("other", [5, True, {"code": "OAuthException"}])
async def test_an_error_is_told_whatever_stands_beside_it(http: respx.MockRouter, other: object) -> None:
    body = {"data": [], "errors": [{"message": "no", "code": 190}], "error": other}
    http.get(META).respond(json=body)
    with pytest.raises(Unauthorized):
        await open_gateway(Meta).blocked_page(None)


@pytest.mark.parametrize("error", [5, True, [None], {"code": "OAuthException"}])
async def test_an_error_of_an_unknown_shape_is_never_an_empty_list(http: respx.MockRouter, error: object) -> None:
    http.get(META).respond(json={"data": [], "error": error})
    with pytest.raises(ProtocolError):
        await open_gateway(Meta).blocked_page(None)


@pytest.mark.parametrize("error", [None, False, [], {}, ""])
async def test_an_error_that_says_nothing_is_none(http: respx.MockRouter, error: object) -> None:
    http.get(META).respond(json={"data": [], "error": error})
    assert (await open_gateway(Meta).blocked_page(None)).people == []


@pytest.mark.parametrize("error", [5, [5], {"message": {"text": "no"}}, [[]]])
async def test_an_error_of_an_unknown_shape_leaves_the_http_status_to_tell(
    http: respx.MockRouter, error: object
) -> None:
    http.post(META).respond(403, json={"error": error})
    with pytest.raises(Unauthorized):
        await open_gateway(Meta).block([ANN])


@pytest.mark.parametrize(
    "row", [{"input": ANN}, {"input": ANN, "errors": []}, {"input": ANN, "errors": None}, failed_row(ANN, 4711)]
)
async def test_a_failed_contact_without_a_documented_reason_is_neither_done_nor_refused(
    http: respx.MockRouter, row: dict[str, Any]
) -> None:
    http.post(META).respond(400, json=user_rows(failed_users=[row]))
    (ann,) = await open_gateway(Meta).block([ANN])
    assert type(ann.error) is Unconfirmed


@BOTH
async def test_a_block_that_answers_as_an_unblock_does_confirms_nothing(
    http: respx.MockRouter, kind: type[BlockUsers], url: str
) -> None:
    http.post(url).respond(json=user_rows(removed_users=[user_row(ANN)]))
    (ann,) = await open_gateway(kind).block([ANN])
    assert isinstance(ann.error, ProtocolError)
    assert "said nothing of this contact" in str(ann.error)


async def test_lists_that_are_null_are_empty(http: respx.MockRouter) -> None:
    answer = {"block_users": {"added_users": [user_row(ANN)], "removed_users": None, "failed_users": None}}
    http.post(META).respond(json=answer)
    (ann,) = await open_gateway(Meta).block([ANN])
    assert ann.error is None


async def test_rows_are_matched_by_either_name_in_any_order(http: respx.MockRouter) -> None:
    rows = [
        {"input": "16505551236", "wa_id": "999000111222"},
        {"wa_id": "16505551235"},
        {"input": "+551187654321", "wa_id": "551187654321"},
    ]
    http.post(META).respond(json=user_rows(added_users=rows))
    bob, cat, mobile = await open_gateway(Meta).block([BOB, CAT, Contact("+5511987654321")])
    assert (bob.error, bob.person.number) == (None, "+16505551235")
    assert (cat.error, cat.person.number) == (None, "+999000111222")
    assert (mobile.error, mobile.person.number) == (None, "+551187654321")


async def test_an_incomplete_id_in_a_row_names_nobody(http: respx.MockRouter) -> None:
    rows = [{"input": ANN, "wa_id": "+"}, {"input": BOB, "wa_id": "US.ENT.1"}]
    http.post(META).respond(json=user_rows(added_users=rows))
    outcomes = await open_gateway(Meta).block([ANN, BOB])
    assert [(outcome.error, outcome.person) for outcome in outcomes] == [(None, NOBODY), (None, NOBODY)]


async def test_a_contact_in_both_lists_counts_as_failed(http: respx.MockRouter) -> None:
    http.post(META).respond(400, json=user_rows(added_users=[user_row(ANN)], failed_users=[failed_row(ANN, 131047)]))
    (ann,) = await open_gateway(Meta).block([ANN])
    assert ann.error is not None


async def test_silence_about_a_contact_is_neither_success_nor_refusal(http: respx.MockRouter) -> None:
    http.post(META).respond(json=user_rows(added_users=[user_row(ANN)]))
    ann, bob = await open_gateway(Meta).block([ANN, BOB])
    assert ann.error is None
    assert isinstance(bob.error, ProtocolError)
    assert not bob.error.settled


@BOTH
@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("code", "why"),
    [
        (131031, AccountRefused),
        (190, Unauthorized),
        (139101, AccountRefused),
        (131000, AnswerLost),
        # about contacts, and the rows say about whom
        (131047, ProtocolError),
        (131021, ProtocolError),
        (131056, ProtocolError),
        (139100, ProtocolError),
        # to be tried again, once the list has said for whom
        (130429, ProtocolError),
        (131057, ProtocolError),
        # not documented
        (4711, ProtocolError),
    ],
)
async def test_what_rows_do_not_mention_failed_as_the_whole_did_and_may_be_done(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, method: str, code: int, why: type[GatewayError]
) -> None:
    http.request(method, url).respond(400, json={**user_rows(added_users=[user_row(ANN)]), "error": graph_error(code)})
    gateway = open_gateway(kind)
    ann, bob = await (gateway.block if method == "POST" else gateway.unblock)([ANN, BOB])
    assert ann.error is None
    assert type(bob.error) is why
    assert bob.state is State.UNKNOWN
    if why is not ProtocolError:
        assert bob.error.code == code


@pytest.mark.parametrize("rows", [{"added_users": [user_row(DAN)]}, {"removed_users": [user_row(ANN)]}])
async def test_rows_about_nobody_of_a_split_batch_leave_it_unknown(
    http: respx.MockRouter, rows: dict[str, Any]
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if len(body(request)["block_users"]) == 2:
            return httpx.Response(400, json={"error": graph_error(130429)})
        return httpx.Response(400, json={**user_rows(**rows), "error": graph_error(131031)})

    http.post(META).mock(side_effect=answer)
    ann, bob = await open_gateway(Meta).block([ANN, BOB])
    assert (ann.state, bob.state) == (State.UNKNOWN, State.PENDING)
    assert isinstance(ann.error, AccountRefused)


# -- errors of a whole request


@BOTH
@pytest.mark.parametrize("code", [False, True])
@pytest.mark.parametrize(("status", "expected"), [(200, ProtocolError), (502, AnswerLost)])
async def test_a_boolean_is_no_code(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, code: bool, status: int, expected: type[GatewayError]
) -> None:
    """Read as a number, `false` would be a documented 0, by which the request surely had no effect."""
    http.post(url).respond(status, json={"error": {"message": "no", "code": code}})
    with pytest.raises(expected) as error:
        await open_gateway(kind, max_retries=0).block([ANN])
    assert not error.value.settled


@pytest.mark.parametrize(
    "answer", [{"errors": [graph_error(130429)]}, {"errors": graph_error(130429)}, {"error": [graph_error(130429)]}]
)
async def test_the_error_of_a_request_may_be_called_errors_and_be_a_list(
    http: respx.MockRouter, answer: dict[str, Any]
) -> None:
    http.get(META).respond(400, json=answer)
    with pytest.raises(RateLimited):
        await open_gateway(Meta, max_retries=0).blocked_page(None)


@BOTH
@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, GatewayError), (401, Unauthorized), (403, Unauthorized), (404, NotFound), (500, AnswerLost)],
)
async def test_an_error_may_be_a_bare_text(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, status: int, expected: type[GatewayError]
) -> None:
    http.post(url).respond(status, json={"error": "Invalid api_key"})
    with pytest.raises(GatewayError, match="Invalid api_key") as error:
        await open_gateway(kind).block([ANN])
    assert type(error.value) is expected


async def test_the_advice_names_the_credentials_of_the_gateway(http: respx.MockRouter) -> None:
    http.post(META).respond(401, json={"error": graph_error(190)})
    http.post(DIALOG).respond(401, json={"error": "Invalid api_key"})
    with pytest.raises(Unauthorized, match="check token"):
        await open_gateway(Meta).block([ANN])
    with pytest.raises(Unauthorized, match="check apiKey"):
        await open_gateway(Dialog360).block([ANN])


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200),
        httpx.Response(200, html="<html>Sign in</html>"),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"messaging_product": "whatsapp"}),
        httpx.Response(200, json={"block_users": "ok"}),
        httpx.Response(302, headers={"Location": "https://login.test"}),
        httpx.Response(200, content=b"[" * 200_000),
    ],
    ids=["empty", "html", "garbage", "list", "object", "no rows", "text", "redirect", "nested too deep"],
)
async def test_what_is_not_documented_is_never_a_success(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, answer: httpx.Response
) -> None:
    http.post(url).mock(return_value=answer)
    with pytest.raises(ProtocolError, match="check baseUrl") as error:
        await open_gateway(kind).block([ANN])
    assert not error.value.settled


@BOTH
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200),
        httpx.Response(200, html="<html>Sign in</html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"data": None}),
        httpx.Response(200, json={"data": {}}),
        httpx.Response(200, json={"data": [{}]}),
        httpx.Response(200, json={"data": [{"block_users": [{}]}]}),
        httpx.Response(200, json={"data": ["16505551234"]}),
        httpx.Response(200, json={"error": {"message": "oops", "code": 4711}}),
        httpx.Response(200, json={"success": False, "data": "x"}),
    ],
)
async def test_a_wrong_shape_is_never_an_empty_list(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, answer: httpx.Response
) -> None:
    http.get(url).mock(return_value=answer)
    with pytest.raises(ProtocolError):
        await open_gateway(kind).blocked_page(None)


@BOTH
async def test_a_page_of_html_is_quoted_short_and_on_one_line(
    http: respx.MockRouter, kind: type[BlockUsers], url: str
) -> None:
    secret = TOKEN if kind is Meta else API_KEY
    http.get(url).respond(200, html=f"<html>\n<p>{secret}</p>" + "x" * 5000)
    with pytest.raises(ProtocolError) as error:
        await open_gateway(kind).blocked_page(None)
    assert "<html> <p>[redacted]</p>" in str(error.value)
    assert len(str(error.value)) < 500


# -- rate limits


async def test_a_rate_limit_on_many_contacts_splits_the_batch_without_waiting(http: respx.MockRouter) -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        users = [user["user"] for user in body(request)["block_users"]]
        sizes.append(len(users))
        if len(users) > 2:
            return httpx.Response(400, json={"error": graph_error(130429)})
        return httpx.Response(200, json=user_rows(added_users=[user_row(user) for user in users]))

    clock = Clock()
    http.post(META).mock(side_effect=answer)
    contacts = [Contact(f"+1650555{index:04d}") for index in range(7)]
    outcomes = await open_gateway(Meta, clock).block(contacts)
    assert [outcome.contact for outcome in outcomes] == contacts
    assert all(outcome.error is None for outcome in outcomes)
    assert sizes == [7, 3, 1, 2, 4, 2, 2]
    assert clock.waits == []


async def test_a_rate_limit_on_one_contact_waits(http: respx.MockRouter) -> None:
    clock = Clock()
    limited = httpx.Response(400, json={"error": graph_error(130429)}, headers={"Retry-After": "11"})
    done = httpx.Response(200, json=user_rows(added_users=[user_row(ANN)]))
    http.post(META).mock(side_effect=[limited, limited, done])
    (ann,) = await open_gateway(Meta, clock).block([ANN])
    assert ann.error is None
    assert clock.waits == [11, 11]


async def test_a_split_batch_keeps_what_was_confirmed_before_the_limit(http: respx.MockRouter) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        users = [user["user"] for user in body(request)["block_users"]]
        if users == [ANN]:
            return httpx.Response(200, json=user_rows(added_users=[user_row(ANN)]))
        return httpx.Response(400, json={"error": graph_error(130429)})

    http.post(META).mock(side_effect=answer)
    ann, bob, cat = await open_gateway(Meta).block([ANN, BOB, CAT])
    assert ann.error is None
    assert isinstance(bob.error, RateLimited)
    assert isinstance(cat.error, RateLimited)


async def test_a_split_batch_stops_at_the_first_failure_that_concerns_all(http: respx.MockRouter) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if len(body(request)["block_users"]) == 4:
            return httpx.Response(400, json={"error": graph_error(130429)})
        return httpx.Response(401, json={"error": graph_error(190)})

    route = http.post(META).mock(side_effect=answer)
    with pytest.raises(Unauthorized):
        await open_gateway(Meta).block([ANN, BOB, CAT, DAN])
    assert route.call_count == 2


# -- what is sent again


@BOTH
@pytest.mark.parametrize(
    "broken", [httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut"), httpx.Response(500, json={"error": "x"})]
)
async def test_a_write_whose_answer_was_lost_is_not_repeated(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, broken: httpx.Response | httpx.TransportError
) -> None:
    route = http.post(url).mock(side_effect=[broken])
    with pytest.raises(AnswerLost):
        await open_gateway(kind).block([ANN])
    assert route.call_count == 1


@BOTH
async def test_a_read_whose_answer_was_lost_is_repeated(
    http: respx.MockRouter, kind: type[BlockUsers], url: str
) -> None:
    route = http.get(url).mock(
        side_effect=[httpx.ReadTimeout("slow"), httpx.Response(500), httpx.Response(200, json=listed(ANN))]
    )
    assert (await open_gateway(kind).blocked_page(None)).people == [person_called(ANN)]
    assert route.call_count == 3


@pytest.mark.parametrize("code", [139102, 131047, 131021, 139101])
async def test_what_would_fail_again_is_not_repeated(http: respx.MockRouter, code: int) -> None:
    route = http.get(META).respond(400, json={"error": graph_error(code)})
    with pytest.raises(GatewayError):
        await open_gateway(Meta).blocked_page(None)
    assert route.call_count == 1


async def test_a_listing_that_the_gateway_failed_is_read_again(http: respx.MockRouter) -> None:
    http.get(META).mock(
        side_effect=[httpx.Response(500, json={"error": graph_error(139103)}), httpx.Response(200, json=listed(ANN))]
    )
    assert (await open_gateway(Meta).blocked_page(None)).people == [person_called(ANN)]


# -- pages


@BOTH
@pytest.mark.parametrize(
    ("data", "contacts"),
    [
        ([{"messaging_product": "whatsapp", "wa_id": "16505551234"}], [ANN]),
        ([{"block_users": [{"input": "x", "wa_id": "16505551234"}, {"input": BOB}]}], [ANN, BOB]),
        ([{"block_users": [{"wa_id": "16505551234"}]}, {"block_users": []}, {"wa_id": "16505551235"}], [ANN, BOB]),
        ([{"input": ANN}], [ANN]),
        ([], []),
    ],
    ids=["meta", "360dialog", "mixed", "input only", "empty"],
)
async def test_both_shapes_of_a_list_are_read(
    http: respx.MockRouter, kind: type[BlockUsers], url: str, data: list[Any], contacts: list[str]
) -> None:
    http.get(url).respond(json={"data": data})
    page = await open_gateway(kind).blocked_page(None)
    assert page.people == [person_called(contact) for contact in contacts]
    assert page.cursor is None


@pytest.mark.parametrize(
    ("paging", "cursor"),
    [
        ({}, None),
        ({"paging": None}, None),
        ({"paging": {}}, None),
        ({"paging": {"cursors": None}}, None),
        ({"paging": {"cursors": {}}}, None),
        ({"paging": {"cursors": {"after": None}}}, None),
        ({"paging": {"cursors": {"after": ""}}}, None),
        ({"paging": {"cursors": {"before": "b"}}}, None),
        ({"paging": {"cursors": {"after": "a", "before": "b"}}}, "a"),
        ({"paging": {"cursors": {"after": "a"}, "next": "https://elsewhere.test/?after=z"}}, "a"),
    ],
)
async def test_only_a_cursor_after_leads_to_the_next_page(
    http: respx.MockRouter, paging: dict[str, Any], cursor: str | None
) -> None:
    http.get(META).respond(json={"data": [], **paging})
    assert (await open_gateway(Meta).blocked_page(None)).cursor == cursor


@given(st.lists(st.integers(0, 9999), unique=True), st.integers(1, 7), st.booleans(), st.booleans())
def test_every_page_size_and_shape_gives_the_same_set(
    people: list[int], size: int, nested: bool, trailing: bool
) -> None:
    """``trailing``: the last page still carries a cursor, which leads to an empty page."""
    wa_ids = [f"1650555{number:04d}" for number in people]

    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("after", "0"))
        rows = [{"wa_id": wa_id} for wa_id in wa_ids[start : start + size]]
        more = start + size < len(wa_ids) or (trailing and start < len(wa_ids))
        paging = {"paging": {"cursors": {"after": str(start + size)}}} if more else {}
        return httpx.Response(200, json={"data": [{"block_users": rows}] if nested else rows, **paging})

    async def read() -> list[Person]:
        gateway = open_gateway(Meta)
        found: list[Person] = []
        cursor = None
        while True:
            page = await gateway.blocked_page(cursor)
            found += page.people
            if page.cursor is None:
                return found
            cursor = page.cursor

    with respx.mock() as http:
        http.get(META).mock(side_effect=answer)
        assert run(read()) == [person_called(wa_id) for wa_id in wa_ids]


# -- business-scoped user ids


_ID = Contact("US.13491208655302741918")


async def test_numbers_and_user_ids_go_in_one_request_and_never_as_both(http: respx.MockRouter) -> None:
    rows: list[dict[str, Any]] = [{"input": ANN, "wa_id": ANN[1:]}, {"input": _ID, "user_id": _ID}]
    route = http.post(META).respond(json=user_rows(added_users=rows))
    outcomes = await open_gateway(Meta).block([ANN, _ID])
    assert body(route.calls.last.request)["block_users"] == [{"user": ANN}, {"user_id": _ID}]
    assert [(o.contact, o.person, o.error) for o in outcomes] == [
        (ANN, person_called(ANN), None),
        (_ID, person_called(_ID), None),
    ]


async def test_what_a_row_repeats_of_the_request_comes_before_what_it_is_called(http: respx.MockRouter) -> None:
    """A number may be somebody else's own id."""
    rows = user_rows(
        added_users=[{"input": ANN, "wa_id": "1"}], failed_users=[{**failed_row(BOB, 131047), "wa_id": ANN[1:]}]
    )
    http.post(META).respond(400, json=rows)
    ann, bob = await open_gateway(Meta).block([ANN, BOB])
    assert ann.error is None
    assert isinstance(bob.error, Refused)


@pytest.mark.parametrize(
    "row", [{"input": _ID}, {"user_id": _ID}, {"input": _ID, "user_id": _ID, "parent_user_id": "x"}]
)
async def test_any_name_of_a_row_may_be_missing(http: respx.MockRouter, row: dict[str, str]) -> None:
    http.post(META).respond(json=user_rows(added_users=[row]))
    (outcome,) = await open_gateway(Meta).block([_ID])
    assert (outcome.contact, outcome.error) == (_ID, None)


@pytest.mark.parametrize("nested", [True, False])
async def test_rows_of_people_who_hide_the_number_are_read(http: respx.MockRouter, nested: bool) -> None:
    rows = [
        {"wa_id": ANN[1:], "user_id": _ID, "parent_user_id": "US.ENT.1"},
        {"user_id": "US.2"},
        {"parent_user_id": "US.ENT.3"},
        {"input": BOB},
    ]
    http.get(META).respond(json={"data": [{"block_users": rows}] if nested else rows})
    page = await open_gateway(Meta).blocked_page(None)
    assert page.people == [person_called(ANN, _ID), person_called("US.2"), NOBODY, person_called(BOB)]
