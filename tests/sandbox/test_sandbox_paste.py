"""What is pasted works: in a stack, in the environment, in a shell."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pulumi_whatsapp.cli.app import run
from pulumi_whatsapp.config import AccountConfig, load
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.gateways import WIRES
from whatsapp_sandbox.log import Redactor
from whatsapp_sandbox.paste import CREDENTIAL
from whatsapp_sandbox.server import running

from .clients import SECRET, MakeClient

EACH = pytest.mark.parametrize("gateway", WIRES)
KNOWN = pytest.mark.parametrize("gateway", ["zapi", "ryzeapi", "360dialog", "kaleyra", "meta"])
A = "+16505551234"


@pytest.fixture
def url(sandbox: Sandbox) -> Iterator[str]:
    with running(sandbox.path) as served:
        yield served


def pasted(url: str, gateway: str, identity: str | None = None) -> dict[str, Any]:
    identity = WIRES[gateway].setup.example if identity is None else identity
    query = {"gateway": gateway, "identity": identity}
    found: dict[str, Any] = httpx.get(f"{url}/_sandbox/setup", params=query, trust_env=False).json()
    return found


def configured(lines: list[str], tmp_path: Path) -> AccountConfig:
    """Return the account that commands of a stack, or lines of a shell, configure."""
    config, environment = {}, {}
    for words in map(shlex.split, lines):
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            environment[name] = value
        else:
            assert words[:3] == ["pulumi", "config", "set"]
            key, value = (word for word in words[3:] if word != "--secret")
            config[key.removeprefix("whatsapp:")] = value
    return load(config, environment, GATEWAYS, root=tmp_path)["default"]


@EACH
def test_each_way_configures_the_account_as_the_provider_needs_it(url: str, gateway: str, tmp_path: Path) -> None:
    found = pasted(url, gateway)
    stack, environment, embedded = (
        configured(found[way], tmp_path) for way in ("stack", "environment", "embedded")
    )  # fmt: skip
    assert stack.described() == environment.described()
    assert stack.base_url == WIRES[gateway].setup.base_url(url, WIRES[gateway].setup.example)
    assert all(secret == CREDENTIAL for secret in stack.secrets())
    secret = {line.split()[4].removeprefix("whatsapp:") for line in found["stack"] if "--secret" in line}
    assert secret == set(GATEWAYS[gateway].requirements.credentials)
    assert embedded.base_url is None
    assert embedded.sandbox is not None
    assert GATEWAYS[gateway].identity(embedded) == GATEWAYS[gateway].identity(stack)


@EACH
def test_the_doctor_reaches_the_account_that_was_pasted(
    url: str, sandbox: Sandbox, gateway: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = pasted(url, gateway)
    assert (found["exists"], found["own_credential"]) == (False, True)
    for line in found["environment"]:
        name, _, value = shlex.split(line)[1].partition("=")
        monkeypatch.setenv(name, value)
    assert run(["doctor"]) == 0
    (account,) = sandbox.accounts()
    assert account.name == found["account"]
    assert [request.own_credential for request in account.requests()] != []
    assert all(request.own_credential for request in account.requests())
    assert pasted(url, gateway)["exists"] is True


@KNOWN
def test_an_account_with_another_credential_shows_a_variable(
    url: str, client: MakeClient, gateway: str, tmp_path: Path
) -> None:
    there = client(gateway)
    there.send("GET")
    found = pasted(url, gateway, there.identity)
    assert (found["exists"], found["own_credential"]) == (True, False)
    assert CREDENTIAL not in str(found)
    assert SECRET not in str(found)
    for key in WIRES[gateway].setup.credentials:
        (line,) = (line for line in found["stack"] if f":{key} " in line)
        variable = line.rpartition(" ")[2]
        assert variable.startswith('"$WHATSAPP_')
        assert load({}, {variable.strip('"$'): "x"}, GATEWAYS, root=tmp_path).ignored == {}, "a variable that there is"
    there.account.forget_credential()
    assert pasted(url, gateway, there.identity)["own_credential"] is True


def sent(http: httpx.Client, gateway: str, credential: str, identity: str) -> None:
    """Block somebody as a client of the gateway does."""
    graph: dict[str, object] = {"messaging_product": "whatsapp", "block_users": [{"user": A}]}
    known: dict[str, tuple[str, dict[str, str], dict[str, object]]] = {
        "zapi": (
            f"/instances/{identity}/token/{credential}/contacts/modify-blocked?token={credential}",
            {"Client-Token": credential},
            {"phone": A, "action": "block", "note": "it's `id` $HOME \\ \n"},
        ),
        "ryzeapi": (f"/api/chat/block/{identity}", {"token": credential}, {"number": A, "block": True, "x": "'; id"}),
        "360dialog": ("/block_users", {"D360-API-KEY": credential}, graph),
        "kaleyra": (f"/v2/HXAP16/whatsapp/{identity}/block_users", {"api-key": credential}, graph),
        "meta": (f"/v25.0/{identity}/block_users", {"Authorization": f"Bearer {credential}"}, graph),
    }
    path, headers, body = known[gateway]
    assert http.post(path, headers=headers, json=body).status_code == 200


@KNOWN
@pytest.mark.parametrize("credential", [CREDENTIAL, SECRET])
@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
def test_the_command_sends_the_request_again(url: str, sandbox: Sandbox, gateway: str, credential: str) -> None:
    identity = WIRES[gateway].setup.example
    account = sandbox.account(gateway, identity)
    with httpx.Client(base_url=url, trust_env=False) as http:
        sent(http, gateway, credential, identity)
        (first,) = account.requests()
        query = {"account": account.name}
        command = http.get(f"/_sandbox/requests/{first.id}", params=query).json()["curl"]
    assert SECRET not in command
    variables = {f"WHATSAPP_{name}": credential for name in ("TOKEN", "CLIENT_TOKEN", "API_KEY")}
    done = subprocess.run(
        ["sh", "-c", f"{command} -s"],
        env=variables if credential == SECRET else {},
        capture_output=True,
        text=True,
        check=True,
    )
    first, again = account.requests()
    assert (again.status, json.loads(done.stdout)) == (200, json.loads(again.answer or ""))
    assert (again.method, again.json, again.operation) == (first.method, first.json, first.operation)
    assert again.target.removeprefix(WIRES[gateway].setup.base_url("", identity)) == first.target
    assert account.blocked() == {A}


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
def test_the_command_runs_nothing_that_a_request_holds(url: str, sandbox: Sandbox, tmp_path: Path) -> None:
    evil = "'; touch hit; \"$(touch hit)`touch hit`"
    account = sandbox.account("ryzeapi", evil)
    with httpx.Client(base_url=url, trust_env=False) as http:
        body = {"number": evil, "block": True}
        http.post(f"/api/chat/block/{evil}", params={"q": evil}, json=body, headers={"token": CREDENTIAL})
        (request,) = account.requests()
        command = http.get(f"/_sandbox/requests/{request.id}", params={"account": account.name}).json()["curl"]
    subprocess.run(["sh", "-c", f"{command} -s"], cwd=tmp_path, env={}, capture_output=True, check=True)
    assert list(tmp_path.glob("hit")) == []
    assert [one.json for one in account.requests()] == [body, body]
    for line in pasted(url, "ryzeapi", evil)["environment"]:
        subprocess.run(["sh", "-c", line], cwd=tmp_path, env={}, check=True)
    assert list(tmp_path.glob("hit")) == []


@pytest.mark.parametrize("secret", ["t", "a b", "x/y+z=", 'quo"te', "ção", "sid:key", "$&", "1", "true"])
def test_a_credential_is_taken_out_in_every_spelling(secret: str) -> None:
    redact = Redactor([secret, None, ""])
    plain = secret.rpartition(":")[2]
    told = redact(json.dumps({"error": f"{plain} not allowed"}))
    assert json.loads(told) == {"error": "*** not allowed"}
    assert redact.json({plain: [plain, 1, None, True, f"a {plain}"]}) == {"***": ["***", 1, None, True, "a ***"]}
    assert redact.target(f"/x/{httpx.QueryParams({'q': plain})}".replace("+", "%20")) == "/x/q=***"
