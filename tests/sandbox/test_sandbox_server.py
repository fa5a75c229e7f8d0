"""The sandbox over HTTP, and what its page's endpoints take and refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.server import running

A = "+16505551234"
BODY = {"messaging_product": "whatsapp", "block_users": [{"user": A}]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with running(sandbox.path) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def test_every_gateway_is_served(http: httpx.Client, sandbox: Sandbox) -> None:
    requests = [
        http.post("/v25.0/1065/block_users", json=BODY, headers={"Authorization": "Bearer x"}),
        http.post("/v2/SID/whatsapp/%2B5511900000000/block_users", json=BODY, headers={"api-key": "x"}),
        http.post("/360dialog/+5511900000000/block_users", json=BODY, headers={"D360-API-KEY": "x"}),
        http.post(
            "/instances/demo/token/t/contacts/modify-blocked",
            json={"phone": A, "action": "block"},
            headers={"Client-Token": "x"},
        ),
        http.post("/api/chat/block/demo", json={"number": A, "block": True}, headers={"token": "x"}),
    ]
    assert [response.status_code for response in requests] == [200] * 5
    accounts = sandbox.accounts()
    assert [account.gateway for account in accounts] == ["meta", "kaleyra", "360dialog", "zapi", "ryzeapi"]
    assert all(account.blocked() == {A} for account in accounts)
    assert http.get("/nosuch").status_code == 404


def test_360dialog_accounts_are_found_by_key(http: httpx.Client, sandbox: Sandbox) -> None:
    for phone, key in (("+5511900000001", "one"), ("+5511900000002", "two")):
        http.get(f"/360dialog/{phone}/block_users", headers={"D360-API-KEY": key})
    http.post("/block_users", json=BODY, headers={"D360-API-KEY": "two"})
    assert sandbox.account("360dialog", "+5511900000001").blocked() == set()
    assert sandbox.account("360dialog", "+5511900000002").blocked() == {A}


@pytest.mark.parametrize("kind", ["lost_answer", "drop"])
def test_the_connection_is_dropped(http: httpx.Client, sandbox: Sandbox, kind: str) -> None:
    account = sandbox.account("meta", "1065")
    account.fault(kind)
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/v25.0/1065/block_users", json=BODY, headers={"Authorization": "Bearer x"})
    assert account.blocked() == ({A} if kind == "lost_answer" else set())
    response = http.get("/v25.0/1065/block_users", headers={"Authorization": "Bearer x"})
    assert response.status_code == 200


def test_a_timeout_is_a_timeout(http: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.account("meta", "1065").fault("timeout")
    with pytest.raises(httpx.ReadTimeout):
        http.get("/v25.0/1065/block_users", headers={"Authorization": "Bearer x"}, timeout=0.2)


def test_the_page_acts_for_itself_only(http: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    body = {"action": "block", "account": "meta/1065", "phone": A}
    refused = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Content-Type": "text/plain"},
    ]
    for headers in refused:
        assert http.post("/_sandbox/act", json=body, headers=JSON | headers).status_code == 403, headers
    assert http.get("/_sandbox/state", headers={"Host": "evil.example"}).status_code == 403
    assert http.get("/_sandbox/act").status_code == 404
    assert account.blocked() == set()
    own = {"Origin": str(http.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert http.post("/_sandbox/act", json=body, headers=own).json() == {"done": f"blocked {A}"}
    assert account.blocked() == {A}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"action": "block", "account": "meta/1065", "phone": "abc"}, "is not a phone number"),
        ({"action": "block", "account": "meta/2", "phone": A}, "no account meta/2"),
        ({"action": "nosuch", "account": "meta/1065"}, "no action nosuch"),
        ({"action": "fault", "account": "meta/1065", "kind": "x", "on": "", "times": "1"}, "no fault 'x'"),
        ({"action": "open", "gateway": "meta", "identity": " "}, "needs an identity"),
        ({"action": "block"}, "malformed"),
        ([], "malformed"),
    ],
)
def test_the_page_is_told_what_is_wrong(http: httpx.Client, sandbox: Sandbox, body: object, text: str) -> None:
    sandbox.account("meta", "1065")
    response = http.post("/_sandbox/act", json=body)
    assert response.status_code == 400
    assert text in response.json()["error"]


def test_the_page_shows_the_first_of_many(http: httpx.Client, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "1065")
    account.block(*(f"+1650{1_000_000 + number}" for number in range(64_000)))
    shown = http.get("/_sandbox/state").json()["account"]
    assert (shown["count"], len(shown["blocked"])) == (64_000, 200)
    shown = http.get("/_sandbox/state", params={"filter": "1063999"}).json()["account"]
    assert shown["blocked"] == [["+16501063999", "+16501063999", account.user_id("+16501063999"), False]]


def test_the_page_loads_nothing_from_elsewhere(http: httpx.Client) -> None:
    page = http.get("/")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "{{" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_the_command_says_what_is_wrong(sandbox: Sandbox, http: httpx.Client) -> None:
    command = [sys.executable, "-m", "whatsapp_sandbox", str(sandbox.path)]
    taken = [*command, "--port", str(http.base_url.port)]
    done = subprocess.run(taken, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
