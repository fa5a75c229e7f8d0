"""Z-API and RyzeAPI on the wire."""

from __future__ import annotations

from pathlib import Path

import pytest

from whatsapp_sandbox import Sandbox

from .clients import MakeClient, make

A, B = "5544999990001", "5544999990002"
ZAPI_SETTINGS = [
    ("last-seen", "visualizationType", "CONTACTS", "last_seen", "contacts"),
    ("photo", "visualizationType", "NONE", "profile_photo", "none"),
    ("description", "visualizationType", "ALL", "about", "all"),
    ("group-add", "type", "CONTACTS", "group_add", "contacts"),
    ("online", "visualizationType", "SAME_LAST_SEEN", "online", "match_last_seen"),
]
ZAPI_QUERIES = [
    ("read-receipts", "disable", "read_receipts", "none"),
    ("read-receipts", "enable", "read_receipts", "all"),
    ("messages-duration", "days90", "default_message_timer", "90d"),
    ("messages-duration", "days7", "default_message_timer", "7d"),
    ("messages-duration", "hours24", "default_message_timer", "24h"),
    ("messages-duration", "disable", "default_message_timer", "off"),
]


def test_zapi_blocks_and_unblocks(client: MakeClient) -> None:
    zapi = client("zapi")
    for phone in (A, int(A), A):
        response = zapi.send("POST", json={"phone": phone, "action": "block"})
        assert (response.status_code, response.json()) == (200, {"value": True})
    assert zapi.account.blocked() == {"+554499990001"}
    assert zapi.send("POST", json={"phone": "554499990001", "action": "unblock"}).json() == {"value": True}
    assert zapi.send("POST", json={"phone": A, "action": "unblock"}).json() == {"value": True}
    assert zapi.account.blocked() == set()


@pytest.mark.parametrize("phone", ["", "abc", "12", None, "120363040000000000@g.us"])
def test_zapi_refuses_a_bad_phone(client: MakeClient, phone: object) -> None:
    response = client("zapi").send("POST", json={"phone": phone, "action": "block"})
    assert (response.status_code, response.json()) == (400, {"error": "Invalid phone"})


@pytest.mark.parametrize(("name", "key", "value", "setting", "canonical"), ZAPI_SETTINGS)
def test_zapi_sets_privacy_by_body(
    client: MakeClient, name: str, key: str, value: str, setting: str, canonical: str
) -> None:
    zapi = client("zapi")
    path = f"/privacy/{name}"
    assert zapi.send("POST", path, json={key: value}).json() == {"success": True}
    assert zapi.account.privacy()[setting] == canonical
    for body in ({}, {key: "SOMEBODY"}, {"wrong": value}):
        assert zapi.send("POST", path, json=body).status_code == 400
    assert zapi.send("GET", path).status_code == 405
    assert zapi.send("POST", path, content=b"{}").status_code == 415


@pytest.mark.parametrize(("name", "value", "setting", "canonical"), ZAPI_QUERIES)
def test_zapi_sets_privacy_by_query(client: MakeClient, name: str, value: str, setting: str, canonical: str) -> None:
    zapi = client("zapi")
    assert zapi.send("POST", f"/privacy/{name}", params={"value": value}).json() == {"success": True}
    assert zapi.account.privacy()[setting] == canonical
    assert zapi.send("POST", f"/privacy/{name}", params={"value": "x"}).status_code == 400


def test_zapi_groups_cannot_be_for_nobody(client: MakeClient) -> None:
    assert client("zapi").send("POST", "/privacy/group-add", json={"type": "NONE"}).status_code == 400


def test_zapi_exceptions_are_deltas_of_each_setting_and_shown_in_their_mode_only(client: MakeClient) -> None:
    zapi = client("zapi")

    def change(action: str, phone: str) -> None:
        body = {
            "visualizationType": "CONTACT_BLACKLIST",
            "contactsBlacklist": [{"action": action, "phone": phone}],
        }
        assert zapi.send("POST", "/privacy/last-seen", json=body).json() == {"success": True}

    def shown(scope: str) -> object:
        path = f"/privacy/disallowed-contacts?type={scope}"
        return zapi.send("GET", path).json()["disallowedContacts"]

    change("add", "16505551234")
    change("add", "16505551235")
    assert shown("lastSeen") == ["16505551234", "16505551235"]
    assert shown("photo") == []
    change("remove", "16505551234")
    assert shown("lastSeen") == ["16505551235"]
    zapi.account.contact("16505551235", lid="123456")
    assert shown("lastSeen") == ["123456@lid"]
    change("remove", "123456@lid")
    assert shown("lastSeen") == []
    change("add", "16505551236")
    zapi.account.set_privacy("last_seen", "none")
    assert shown("lastSeen") == []
    assert zapi.account.exceptions("last_seen") == {"+16505551236"}
    assert zapi.send("GET", "/privacy/disallowed-contacts?type=online").status_code == 400


def test_zapi_wants_both_credentials(client: MakeClient) -> None:
    zapi = client("zapi")
    zapi.headers = {}
    response = zapi.send("GET", "/status")
    assert (response.status_code, response.json()) == (401, {"error": "null not allowed"})
    zapi.headers = {"Client-Token": "one"}
    assert zapi.send("GET", "/status").json()["connected"] is True
    zapi.headers = {"Client-Token": "two"}
    assert zapi.send("GET", "/status").status_code == 401
    zapi.headers = {"Client-Token": "one"}
    assert zapi.send("GET", f"{zapi.base_url}-other/status").status_code == 401


def test_ryzeapi_blocks_and_unblocks(client: MakeClient) -> None:
    ryze = client("ryzeapi")
    expected = {
        "success": True,
        "message": "Contact blocked successfully",
        "contact_jid": "554499990001@s.whatsapp.net",
        "blocked_count": 1,
        "blocked": True,
    }
    for number in (A, f"{A}@s.whatsapp.net", "+55 (44) 99999-0001"):
        assert ryze.send("POST", json={"number": number, "block": True}).json() == expected
    response = ryze.send("POST", json={"number": A, "block": False})
    assert response.json()["message"] == "Contact unblocked successfully"
    assert (response.json()["blocked"], response.json()["blocked_count"]) == (False, 0)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ([], "Invalid request body"),
        ({"number": A}, "Invalid request body"),
        ({"block": True}, "Number is required"),
        ({"number": "x", "block": True}, "Invalid number"),
    ],
)
def test_ryzeapi_refuses_a_bad_body(client: MakeClient, body: object, text: str) -> None:
    response = client("ryzeapi").send("POST", json=body)
    assert response.status_code == 400
    assert response.json() == {"success": False, "error": {"message": text}}


def test_ryzeapi_changes_the_settings_that_are_sent(client: MakeClient) -> None:
    ryze = client("ryzeapi")
    body = {
        "visibility": {"lastSeen": "none", "status": "contacts", "online": "match_last_seen"},
        "privacy": {"readReceipts": "none"},
        "permissions": {"callAdd": "known", "groupAdd": "contact_blacklist"},
    }
    changed = ryze.send("POST", "/api/profile/privacy/demo", json=body).json()
    assert changed["settings"] == {
        "visibility": body["visibility"] | {"profile": "all"},
        "privacy": body["privacy"],
        "permissions": body["permissions"],
    }
    for path in ("/api/profile/getPrivacy/demo", "/api/profile/privacy/demo"):
        assert ryze.send("GET", path).json()["settings"] == changed["settings"]
    wrong: list[dict[str, object]] = [{}, {"visibility": {}}, {"visibility": {"lastSeen": "known"}}]
    for bad in [*wrong, {"visibility": []}]:
        assert ryze.send("POST", "/api/profile/privacy/demo", json=bad).status_code == 400


def test_ryzeapi_counts_a_hundred_requests_a_minute(tmp_path: Path) -> None:
    now = 1_000_000.5
    sandbox = Sandbox(tmp_path / "file", clock=lambda: now)
    ryze = make(sandbox, "ryzeapi")
    for left in range(99, -1, -1):
        response = ryze.send("GET", "/api/instance/list?instanceName=demo")
        assert response.status_code == 200
        assert response.headers["X-RateLimit-Limit"] == "100"
        assert response.headers["X-RateLimit-Remaining"] == str(left)
    response = ryze.send("POST", json={"number": A, "block": True})
    assert response.status_code == 429
    assert response.json()["error"]["message"] == "Rate limit exceeded. Try again later."
    assert "Retry-After" not in response.headers
    assert ryze.account.blocked() == set()
    now = float(response.headers["X-RateLimit-Reset"])
    assert ryze.send("POST", json={"number": A, "block": True}).status_code == 200
    sandbox.close()


def test_ryzeapi_takes_a_bearer_and_refuses_another_token(client: MakeClient) -> None:
    ryze = client("ryzeapi")
    assert ryze.send("GET", "/api/instance/list").json()["instances"][0]["connection"]["state"] == "connected"
    ryze.headers = {"Authorization": f"Bearer {ryze.headers['token']}"}
    assert ryze.send("POST", json={"number": A, "block": True}).status_code == 200
    for headers, text in (({"token": "x"}, "Invalid token"), ({}, "Missing token in header")):
        ryze.headers = headers
        response = ryze.send("POST", json={"number": A, "block": True})
        assert (response.status_code, response.json()["error"]["message"]) == (401, text)
        assert "X-RateLimit-Reset" in response.headers


def test_zapi_takes_a_token_with_a_slash_and_keeps_it_to_itself(client: MakeClient) -> None:
    zapi = client("zapi")
    path = "/instances/slashed/token/left%2Fright-half/status"
    assert zapi.send("GET", f"https://api.z-api.io{path}").status_code == 200
    assert "right-half" not in zapi.sandbox.account("zapi", "slashed").requests()[-1].path
