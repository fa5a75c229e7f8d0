"""Meta, 360dialog and Kaleyra on the wire."""

from __future__ import annotations

import base64
import json
from tempfile import TemporaryDirectory

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsapp_sandbox import Sandbox

from .clients import MakeClient, make

GRAPH = ("meta", "360dialog", "kaleyra")
A, B, C = "+16505551234", "+16505551235", "+16505551236"


def users(response: httpx.Response) -> dict[str, list[dict[str, object]]]:
    body = response.json()
    found = body.get("block_users") or body["data"]["block_users"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("gateway", GRAPH)
def test_blocks_lists_and_unblocks(client: MakeClient, gateway: str) -> None:
    meta = client(gateway)
    response = meta.users("POST", A, B)
    assert response.status_code == 200
    assert users(response) == {"added_users": [{"input": A, "wa_id": A[1:]}, {"input": B, "wa_id": B[1:]}]}
    assert meta.account.blocked() == {A, B}
    assert meta.listed() == [A[1:], B[1:]]
    response = meta.users("DELETE", A, C)
    assert response.status_code == 200
    assert [row["input"] for row in users(response)[
        "added_users" if gateway == "360dialog" else "removed_users"
    ]] == [A, C]  # fmt: skip
    assert meta.account.blocked() == {B}


@pytest.mark.parametrize("gateway", GRAPH)
def test_tells_each_contact_that_failed_in_a_400_and_blocks_the_others(client: MakeClient, gateway: str) -> None:
    meta = client(gateway)
    meta.account.contact(B, messaged_recently=False)
    meta.account.contact(C, on_whatsapp=False)
    own = meta.account.phone
    response = meta.users("POST", A, B, C, own, "nonsense")
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 139100
    assert [row["wa_id"] for row in users(response)["added_users"]] == [A[1:]]
    codes = {row["input"]: row["errors"][0]["code"] for row in users(response)["failed_users"]}  # type: ignore[index]
    assert codes == {B: 131047, C: 131047, own: 131021, "nonsense": 131047}
    assert meta.account.blocked() == {A}


def test_nobody_can_be_blocked_again_after_a_day(client: MakeClient) -> None:
    meta = client("meta")
    meta.users("POST", A)
    meta.account.let_a_day_pass()
    assert meta.users("POST", A).status_code == 400
    assert meta.account.blocked() == {A}
    assert meta.users("DELETE", A).status_code == 200
    assert meta.users("POST", A).status_code == 400
    meta.account.contact(A, messaged_recently=True)
    assert meta.users("POST", A).status_code == 200


@pytest.mark.parametrize("gateway", GRAPH)
def test_takes_a_thousand_contacts_and_no_more(client: MakeClient, gateway: str) -> None:
    meta = client(gateway)
    phones = [f"+1650{1000000 + number}" for number in range(1001)]
    response = meta.users("POST", *phones)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 130429
    assert meta.account.blocked() == set()
    assert meta.users("POST", *phones[:1000]).status_code == 200
    assert meta.account.blocked() == set(phones[:1000])
    assert [request.contacts for request in meta.account.requests()] == [1001, 1000]


def test_refuses_what_is_over_the_cap(client: MakeClient, sandbox: Sandbox) -> None:
    Sandbox(sandbox.path, blocklist_cap=2).close()
    meta = client("meta")
    meta.users("POST", A)
    response = meta.users("POST", A, B, C)
    assert response.status_code == 400
    (failed,) = users(response)["failed_users"]
    assert failed["input"] == C
    assert failed["errors"][0]["code"] == 139101  # type: ignore[index]
    assert meta.account.blocked() == {A, B}


@settings(deadline=None, max_examples=50)
@given(count=st.integers(0, 60), limit=st.integers(1, 70), gateway=st.sampled_from(GRAPH))
def test_every_page_size_gives_the_same_list(count: int, limit: int, gateway: str) -> None:
    with TemporaryDirectory() as folder:
        sandbox = Sandbox(f"{folder}/file")
        meta = make(sandbox, gateway)
        phones = [f"+1650{1000000 + number}" for number in range(count)]
        meta.account.block(*phones)
        assert [f"+{wa_id}" for wa_id in meta.listed(limit)] == phones
        sandbox.close()


def test_pages_lead_back_too(client: MakeClient) -> None:
    meta = client("meta")
    meta.account.block(*(f"+1650{1000000 + number}" for number in range(7)))
    first = meta.send("GET", params={"limit": 3}).json()
    second = meta.send("GET", params={"limit": 3, "after": first["paging"]["cursors"]["after"]}).json()
    back = meta.send("GET", params={"limit": 3, "before": second["paging"]["cursors"]["before"]}).json()
    assert back == first
    assert meta.send("GET", params={"before": first["paging"]["cursors"]["before"]}).json() == {"data": []}


@pytest.mark.parametrize(("gateway", "size"), [("kaleyra", 25), ("meta", 100), ("360dialog", 100)])
def test_default_page_size(client: MakeClient, gateway: str, size: int) -> None:
    meta = client(gateway)
    meta.account.block(*(f"+1650{1000000 + number}" for number in range(size + 1)))
    page = meta.send("GET").json()
    rows = page["data"][0]["block_users"] if gateway == "360dialog" else page["data"]
    assert len(rows) == size


@pytest.mark.parametrize("gateway", GRAPH)
def test_a_cursor_ends_with_the_version_of_the_list(client: MakeClient, gateway: str) -> None:
    meta = client(gateway)
    meta.account.block(A, B)
    cursor = meta.send("GET", params={"limit": 1}).json()["paging"]["cursors"]["after"]
    assert json.loads(base64.urlsafe_b64decode(cursor))["offset"] == 1
    meta.account.block(A)
    assert meta.send("GET", params={"after": cursor}).status_code == 200
    meta.account.block(C)
    response = meta.send("GET", params={"after": cursor})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == 139102


@pytest.mark.parametrize("query", [{"after": "nonsense"}, {"after": "bnVsbA=="}, {"limit": "0"}, {"limit": "x"}])
def test_refuses_a_bad_query(client: MakeClient, query: dict[str, str]) -> None:
    response = client("meta").send("GET", params=query)
    assert (response.status_code, response.json()["error"]["code"]) == (400, 100)


@pytest.mark.parametrize("body", [None, {}, {"messaging_product": "whatsapp"}, [1], {"block_users": [{"user": A}]}])
def test_refuses_a_bad_body(client: MakeClient, body: object) -> None:
    response = client("meta").send("POST", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, 100)
    kaleyra = client("kaleyra").send("POST", json=body)
    assert (kaleyra.status_code, kaleyra.json()["code"]) == (400, "WA400")


def test_360dialog_lists_in_its_own_shape_with_links(client: MakeClient) -> None:
    dialog = client("360dialog")
    dialog.users("POST", "+5531987654321", A)
    page = dialog.send("GET", params={"limit": 1}).json()
    brazil = {"input": "+5531987654321", "wa_id": "553187654321", "user_id": dialog.account.user_id("+5531987654321")}
    assert page["data"] == [{"block_users": [brazil]}]
    following = dialog.send("GET", page["paging"]["next"]).json()
    assert following["data"] == [{"block_users": [{"input": A, "wa_id": A[1:], "user_id": dialog.account.user_id(A)}]}]
    assert "next" not in following["paging"]


def test_kaleyra_takes_both_versions_and_both_spellings_of_its_number(client: MakeClient) -> None:
    kaleyra = client("kaleyra")
    kaleyra.users("POST", A)
    for path in (kaleyra.path, "/v1/HXAP16/whatsapp/+5511900000000/block_users"):
        page = kaleyra.send("GET", path).json()
        assert page["code"] == "WA200"
        row = {"messaging_product": "whatsapp", "wa_id": A[1:], "user_id": kaleyra.account.user_id(A)}
        assert page["data"] == [row]


def test_kaleyra_knows_a_number_that_is_none(client: MakeClient) -> None:
    response = client("kaleyra").send("GET", "/v2/HXAP16/whatsapp/nobody/block_users")
    assert (response.status_code, response.json()["code"]) == (401, "WA401")


def test_meta_takes_a_path_without_a_version_and_tells_who_it_is(client: MakeClient) -> None:
    meta = client("meta")
    meta.users("POST", A)
    assert meta.send("GET", "/106540352242922/block_users").json()["data"][0]["wa_id"] == A[1:]
    about = meta.send("GET", "/v25.0/106540352242922").json()
    assert about["id"] == "106540352242922"
    assert about["display_phone_number"] == meta.account.phone


@pytest.mark.parametrize(
    ("gateway", "text"),
    [
        ("meta", "Invalid OAuth access token - Cannot parse access token"),
        ("360dialog", "Invalid api_key"),
        ("kaleyra", "Incorrect SID or API key."),
    ],
)
def test_refuses_another_credential_than_the_first(client: MakeClient, gateway: str, text: str) -> None:
    meta = client(gateway)
    assert meta.send("GET").status_code == 200
    name, value = next(iter(meta.headers.items()))
    meta.headers = {name: value + "-rotated"}
    response = meta.users("POST", A)
    assert response.status_code == 401
    assert text in response.text
    meta.account.forget_credential()
    assert meta.users("POST", A).status_code == 200
    meta.headers = {name: value}
    assert meta.send("GET").status_code == 401
