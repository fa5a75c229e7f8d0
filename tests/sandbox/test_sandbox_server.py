"""The sandbox over HTTP, and what its page's endpoints take and refuse."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.server import running, serve

A, B = "+16505551234", "+16505550000"
ON = {"account": "meta/1065"}
BODY = {"messaging_product": "whatsapp", "block_users": [{"user": A}]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def http_client(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with running(sandbox.path) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_every_gateway_is_served(http_client: httpx.Client, sandbox: Sandbox) -> None:
    requests = [
        http_client.post("/v25.0/1065/block_users", json=BODY, headers={"Authorization": "Bearer x"}),
        http_client.post("/v2/SID/whatsapp/%2B5511900000000/block_users", json=BODY, headers={"api-key": "x"}),
        http_client.post("/360dialog/+5511900000000/block_users", json=BODY, headers={"D360-API-KEY": "x"}),
        http_client.post(
            "/instances/demo/token/t/contacts/modify-blocked",
            json={"phone": A, "action": "block"},
            headers={"Client-Token": "x"},
        ),
        http_client.post("/api/chat/block/demo", json={"number": A, "block": True}, headers={"token": "x"}),
    ]
    assert [response.status_code for response in requests] == [200] * 5
    accounts = sandbox.accounts()
    assert [account.gateway for account in accounts] == ["meta", "kaleyra", "360dialog", "zapi", "ryzeapi"]
    assert all(account.blocked() == {A} for account in accounts)
    assert http_client.get("/nosuch").status_code == 404


def test_360dialog_accounts_are_found_by_key(http_client: httpx.Client, sandbox: Sandbox) -> None:
    for phone, key in (("+5511900000001", "one"), ("+5511900000002", "two")):
        http_client.get(f"/360dialog/{phone}/block_users", headers={"D360-API-KEY": key})
    http_client.post("/block_users", json=BODY, headers={"D360-API-KEY": "two"})
    assert sandbox.account("360dialog", "+5511900000001").blocked() == set()
    assert sandbox.account("360dialog", "+5511900000002").blocked() == {A}


@pytest.mark.parametrize("kind", ["lost_answer", "drop"])
def test_the_connection_is_dropped(http_client: httpx.Client, sandbox: Sandbox, kind: str) -> None:
    account = sandbox.account("meta", "1065")
    account.fault(kind)
    with pytest.raises(httpx.RemoteProtocolError):
        http_client.post("/v25.0/1065/block_users", json=BODY, headers={"Authorization": "Bearer x"})
    assert account.blocked() == ({A} if kind == "lost_answer" else set())
    response = http_client.get("/v25.0/1065/block_users", headers={"Authorization": "Bearer x"})
    assert response.status_code == 200


def test_a_timeout_is_a_timeout(http_client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.account("meta", "1065").fault("timeout")
    with pytest.raises(httpx.ReadTimeout):
        http_client.get("/v25.0/1065/block_users", headers={"Authorization": "Bearer x"}, timeout=0.2)


def test_the_page_acts_for_itself_only(http_client: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    body = {"action": "block", "account": "meta/1065", "phones": [A]}
    refused = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Content-Type": "text/plain"},
    ]
    for headers in refused:
        assert http_client.post("/_sandbox/act", json=body, headers=JSON | headers).status_code == 403, headers
    for path in ("/", "/_sandbox/page.js", "/_sandbox/state", "/_sandbox/requests", "/_sandbox/setup"):
        assert http_client.get(path, headers={"Host": "evil.example"}).status_code == 403, path
    assert http_client.get("/_sandbox/act").status_code == 404
    assert account.blocked() == set()
    own = {"Origin": str(http_client.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert http_client.post("/_sandbox/act", json=body, headers=own).json() == {"done": f"blocked {A}"}
    assert account.blocked() == {A}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({**ON, "action": "block", "phones": [A, "abc"]}, "'abc' is not a phone number"),
        ({**ON, "action": "block", "phones": A}, "phones must be a list of texts"),
        ({**ON, "action": "block", "phones": []}, "phones must be a list of texts"),
        ({**ON, "action": "block", "phones": [1]}, "phones must be a list of texts"),
        ({**ON, "action": "block"}, "phones is missing; it must be a list of texts"),
        ({**ON, "action": "block", "phones": [A], "phone": A}, "nothing is known of 'phone' here"),
        ({"action": "block", "account": "meta/2", "phones": [A]}, "no account 'meta/2'; create it"),
        ({"action": "block", "phones": [A]}, "account is missing"),
        ({**ON, "action": "nosuch"}, "no action 'nosuch', but create, reset, delete"),
        ({**ON}, "action is missing; it must be a text"),
        ({**ON, "action": "fault", "kind": "x"}, "no fault 'x'; there are rate_limit"),
        ({**ON, "action": "fault", "kind": "outage", "on": "nosuch"}, "does not happen on 'nosuch'"),
        ({**ON, "action": "fault", "kind": "outage", "times": 0}, "times must be a whole number from 1 on, or null"),
        ({**ON, "action": "fault", "kind": "outage", "times": True}, "times must be a whole number"),
        ({**ON, "action": "fault", "kind": "outage", "status": "503"}, "status must be a whole number"),
        ({**ON, "action": "contact", "phone": A, "username": "yes"}, "username must be true or false"),
        ({**ON, "action": "contact", "phone": A, "wa_id": "x"}, "'x' is not a WhatsApp id"),
        ({**ON, "action": "set_privacy", "setting": "about", "value": "off"}, "about cannot be 'off'"),
        ({**ON, "action": "add_exceptions", "setting": "online", "phones": [A]}, "has no exceptions"),
        ({**ON, "action": "delete", "sure": True}, "nothing is known of 'sure' here"),
        ({"action": "create", "gateway": "meta", "identity": " "}, "needs an identity"),
        ({"action": "create", "gateway": "nosuch", "identity": "1"}, "no gateway 'nosuch'"),
        ([], "must be a JSON object"),
    ],
)
def test_the_page_is_told_what_is_wrong(http_client: httpx.Client, sandbox: Sandbox, body: object, text: str) -> None:
    sandbox.account("meta", "1065").block(B)
    before = http_client.get("/_sandbox/state", params=ON).json()
    response = http_client.post("/_sandbox/act", json=body)
    assert response.status_code == 400
    assert text in response.json()["error"]
    assert http_client.get("/_sandbox/state", params=ON).json() == before


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("state?account=meta/1065&sort=age", 400, "not sorted by 'age', but by one of oldest, newest, number"),
        ("state?account=meta/1065&shown=-1", 400, "shown must be a whole number"),
        ("contact?account=meta/1065&phone=x", 400, "'x' is not a phone number"),
        ("contact?account=meta/2&phone=1", 400, "no account 'meta/2'"),
        ("requests", 400, "no account ''"),
        ("requests/7?account=meta/1065", 404, "has no request 7"),
        ("setup?gateway=nosuch&identity=1", 400, "no gateway 'nosuch'"),
        ("setup?gateway=zapi", 400, "needs an identity"),
    ],
)
def test_a_question_that_has_no_answer(
    http_client: httpx.Client, sandbox: Sandbox, path: str, status: int, text: str
) -> None:
    sandbox.account("meta", "1065")
    response = http_client.get(f"/_sandbox/{path}")
    assert response.status_code == status
    assert text in response.json()["error"]
    assert [account.name for account in sandbox.accounts()] == ["meta/1065"], "asking makes no account"


def test_what_is_no_json_is_told(http_client: httpx.Client) -> None:
    response = http_client.post("/_sandbox/act", content=b"{", headers=JSON)
    assert (response.status_code, response.json()) == (400, {"error": "the body is not JSON"})


def test_an_account_is_made_reset_and_deleted(http_client: httpx.Client, sandbox: Sandbox) -> None:
    def act(action: str, **fields: object) -> str:
        response = http_client.post("/_sandbox/act", json={"action": action, **fields})
        assert response.status_code == 200, response.text
        done: str = response.json()["done"]
        return done

    def state() -> dict[str, Any]:
        found: dict[str, Any] = http_client.get("/_sandbox/state", params=ON).json()["account"]
        return found

    assert act("create", gateway="meta", identity=" 1065 ") == "meta/1065"
    new = state()
    assert act("block", **ON, phones=[A, B]) == "blocked 2 contacts"
    act("set_privacy", **ON, setting="about", value="contact_blacklist")
    act("add_exceptions", **ON, setting="about", phones=[A])
    act("contact", **ON, phone=A, username=True, messaged_recently=False)
    act("join_portfolio", **ON, portfolio="acme", parent_ids=True)
    act("fault", **ON, kind="outage", times=None)
    act("let_a_day_pass", **ON)
    url = "/v25.0/1065/block_users"
    http_client.get(url, headers={"Authorization": "Bearer one"})
    assert http_client.get(url, headers={"Authorization": "Bearer two"}).status_code == 401
    assert state() != new
    other = sandbox.account("meta", "2")
    other.block(A)
    act("reset", **ON)
    assert state() == new
    assert sandbox.account("meta", "1065").find(A).messaged_recently
    assert http_client.get(url, headers={"Authorization": "Bearer two"}).status_code == 200, "the credential is new too"
    act("delete", **ON)
    assert [account.name for account in sandbox.accounts()] == ["meta/2"]
    assert other.blocked() == {A}, "nobody else's is touched"
    assert state() is None


def test_a_list_under_way_notices_a_reset(http_client: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.block(A, B)
    url, headers = "/v25.0/1065/block_users", {"Authorization": "Bearer one"}
    page = http_client.get(url, params={"limit": "1"}, headers=headers).json()
    account.reset()
    account.block(A, B)
    answer = http_client.get(url, params={"limit": "1", "after": page["paging"]["cursors"]["after"]}, headers=headers)
    assert answer.json()["error"]["code"] == 139102


def test_requests_are_told_with_their_answers(http_client: httpx.Client, sandbox: Sandbox) -> None:
    headers = {"Authorization": "Bearer one"}
    http_client.post("/v25.0/1065/block_users", json=BODY, headers=headers)
    http_client.post("/v25.0/1065/block_users", content=b"{no json", headers=headers)
    sandbox.account("meta", "1065").fault("lost_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        http_client.get("/v25.0/1065/block_users", headers=headers)
    done, malformed, lost = http_client.get("/_sandbox/requests", params=ON).json()["requests"]
    assert (done["operation"], done["contacts"], done["status"], done["json"]) == ("block", 1, 200, BODY)
    assert json.loads(done["answer"])["block_users"]["added_users"] == [{"input": A, "wa_id": A[1:]}]
    assert (malformed["status"], malformed["json"]) == (400, "{no json")
    assert (lost["status"], lost["fault"], lost["answer"]) == (None, "lost_answer", None)


def test_the_page_shows_the_first_of_many(http_client: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.block(*(f"+1650{1_000_000 + number}" for number in range(64_000)))
    shown = http_client.get("/_sandbox/state", params=ON).json()["account"]
    assert (shown["count"], len(shown["blocked"])) == (64_000, 200)
    shown = http_client.get("/_sandbox/state", params={**ON, "shown": 64_000}).json()["account"]
    assert {row["contact"] for row in shown["blocked"]} == account.blocked()
    for search in ("1063999", "+1 (650) 106-3999", account.user_id("+16501063999")):
        shown = http_client.get("/_sandbox/state", params={**ON, "search": search}).json()["account"]
        assert (shown["matching"], [row["contact"] for row in shown["blocked"]]) == (1, ["+16501063999"]), search


def test_the_page_loads_nothing_from_elsewhere(http_client: httpx.Client) -> None:
    page = http_client.get("/")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    nonce = policy.pop("script-src")
    assert re.fullmatch(r"'nonce-[\w-]{20,}'", nonce)
    assert policy == {
        "default-src": "'none'",
        "style-src": nonce,
        "connect-src": "'self'",
        "img-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert nonce not in http_client.get("/").headers["Content-Security-Policy"], "each page has its own"
    assert "{{" not in page.text
    for path, media in (("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        asset = http_client.get(f"/_sandbox/{path}")
        assert asset.headers["Content-Type"].startswith(media)
        assert asset.headers["X-Content-Type-Options"] == "nosniff"
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", page.text + asset.text) == []


def test_the_command_says_what_is_wrong(sandbox: Sandbox, http_client: httpx.Client) -> None:
    command = [sys.executable, "-m", "whatsapp_sandbox", str(sandbox.path)]
    taken = [*command, "--port", str(http_client.base_url.port)]
    done = subprocess.run(taken, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_leaves_no_file(tmp_path: Path, http_client: httpx.Client) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(tmp_path / "new" / "whatsapp.sqlite", port=http_client.base_url.port or 0)
    assert not (tmp_path / "new").exists()
