"""Business-scoped user ids: who hides the number is named by one, in requests, answers and lists."""

from __future__ import annotations

import re
from typing import Any

import pytest

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.hand import act

from .clients import Client, MakeClient

A, B, BRAZIL = "+16505551234", "+16505551235", "+5531987654321"
GRAPH = pytest.mark.parametrize("gateway", ["meta", "360dialog", "kaleyra"])
TAKES = pytest.mark.parametrize("gateway", ["meta", "360dialog"])


def _send(client: Client, method: str, *users: dict[str, str]) -> Any:
    return client.send(method, json={"messaging_product": "whatsapp", "block_users": list(users)})


def _rows(client: Client) -> list[dict[str, str]]:
    data = client.send("GET").json()["data"]
    return [one for row in data for one in row.get("block_users", [row])]


@GRAPH
def test_everybody_has_an_id_of_the_portfolio_from_the_start(client: MakeClient, gateway: str) -> None:
    account = client(gateway).account
    assert re.fullmatch(r"US\.\d{17}", account.user_id(A))
    assert account.user_id(BRAZIL).startswith("BR.")
    assert len({account.user_id(A), account.user_id(B), account.user_id(BRAZIL)}) == 3
    assert account.user_id(BRAZIL) == account.user_id("553187654321"), "another spelling, and the same person"
    account.block(account.user_id(B))
    assert account.blocked() == {B}


def test_another_portfolio_knows_nobody_by_it(sandbox: Sandbox) -> None:
    one, two = sandbox.account("meta", "1"), sandbox.account("meta", "2")
    with pytest.raises(ValueError, match="is not a phone number"):
        two.block(one.user_id(A))
    one.join_portfolio("acme")
    two.join_portfolio("acme")
    two.block(one.user_id(A))
    assert two.blocked() == {A}


@GRAPH
def test_a_username_takes_the_number_off_the_list(client: MakeClient, gateway: str) -> None:
    there = client(gateway)
    there.users("POST", A, B)
    there.account.contact(A, username=True)
    hidden, shown = _rows(there)
    assert {*hidden.items()} >= {("user_id", there.account.user_id(A))}
    assert not {"wa_id", "input"} & hidden.keys()
    assert (shown["wa_id"], shown["user_id"]) == (B[1:], there.account.user_id(B))
    assert there.account.blocked() == {A, B}, "the phone knows who it is"
    there.account.contact(A, username=False)
    assert _rows(there)[0]["wa_id"] == A[1:]


@TAKES
def test_an_answer_names_somebody_as_the_request_did(client: MakeClient, gateway: str) -> None:
    there = client(gateway)
    other = there.account.user_id(B)
    rows = _send(there, "POST", {"user": A}, {"user_id": other}).json()["block_users"]["added_users"]
    assert rows == [{"input": A, "wa_id": A[1:]}, {"input": other, "user_id": other}]
    assert there.account.blocked() == {A, B}
    assert _send(there, "DELETE", {"user_id": there.account.user_id(A)}).status_code == 200
    assert there.account.blocked() == {B}


@TAKES
def test_of_a_number_and_an_id_the_number_counts(client: MakeClient, gateway: str) -> None:
    there = client(gateway)
    rows = _send(there, "POST", {"user": A, "user_id": there.account.user_id(B)}).json()["block_users"]["added_users"]
    assert rows == [{"input": A, "wa_id": A[1:]}]


@TAKES
@pytest.mark.parametrize("entry", [{"user_id": "US.ENT.11815799212886844830"}, {"user_id": "US.1"}, {"user_id": A}])
def test_what_is_no_id_of_the_portfolio_blocks_nobody(client: MakeClient, gateway: str, entry: dict[str, str]) -> None:
    there = client(gateway)
    answer = _send(there, "POST", entry, {"user": B})
    assert answer.status_code == 400
    assert len(answer.json()["block_users"]["failed_users"]) == 1
    assert there.account.blocked() == {B}


@TAKES
def test_an_id_in_the_place_of_a_number_blocks_nobody(client: MakeClient, gateway: str) -> None:
    there = client(gateway)
    assert _send(there, "POST", {"user": there.account.user_id(A)}).status_code == 400
    assert there.account.blocked() == set()


def test_kaleyra_takes_numbers_alone(client: MakeClient) -> None:
    there = client("kaleyra")
    answer = _send(there, "POST", {"user_id": there.account.user_id(A)})
    assert (answer.status_code, there.account.blocked()) == (400, set())


@TAKES
def test_a_new_id_takes_the_place_of_the_old_one(client: MakeClient, gateway: str) -> None:
    there = client(gateway)
    there.users("POST", A)
    before = there.account.user_id(A)
    there.account.contact(A, new_user_id=True)
    assert there.account.user_id(A) != before
    assert _rows(there)[0]["user_id"] == there.account.user_id(A)
    assert _send(there, "DELETE", {"user_id": before}).status_code == 400
    assert there.account.blocked() == {A}


def test_parent_ids_are_listed_where_the_portfolio_is_enrolled(client: MakeClient) -> None:
    there = client("meta")
    there.users("POST", A)
    assert "parent_user_id" not in _rows(there)[0]
    there.account.join_portfolio("acme", parent_ids=True)
    assert re.fullmatch(r"US\.ENT\.\d{17}", _rows(there)[0]["parent_user_id"])


def test_by_hand_as_on_the_page(sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.block(A)
    before = account.user_id(A)
    contact = {"action": "contact", "account": "meta/1065", "phone": f" {A} "}
    assert f"hides the number and is listed as {before}" in act(sandbox, {**contact, "username": True})
    said = act(sandbox, {**contact, "new_user_id": True})
    assert f"its new id is {account.user_id(A)}" in said
    assert account.user_id(A) != before
    (row,) = account.summary(shown=9)["blocked"]
    assert row == {"contact": A, "sent_as": A, "user_id": account.user_id(A), "hides_number": True}
    act(sandbox, {**contact, "username": False})
    assert account.summary(shown=9)["blocked"][0]["hides_number"] is False
