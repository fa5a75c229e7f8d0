"""No credential and no secret contact is in plaintext anywhere that a command leaves something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import pytest

from whatsapp_sandbox import Sandbox
from whatsapp_sandbox.server import running

from .conftest import MakeProject
from .project import CliProject, CommandOutcome

CREDENTIALS = {
    ("zap", "token"): "SECRET+zapi=token",
    ("zap", "clientToken"): "SECRET-zapi-client",
    ("biz", "token"): "SECRET-meta-token",
    ("dialog", "apiKey"): "SECRET-360-key",
}
ONE, TWO = "+16505551001", "+16505551002"

PROGRAM = """
    whatsapp.BlockedContact("contact", phone="+16505551001", account="zap")
    whatsapp.PrivacySetting("online", setting="online", value="match_last_seen", baseline="all", account="zap")
    for name in ("zap", "biz", "dialog"):
        listed = whatsapp.Blocklist(name, contacts=["+16505551002", *{more}], account=name)
        pulumi.export(name, {{"id": listed.id, "failed": listed.failed, "account": listed.account_id}})
"""


def variable(account: str, key: str) -> str:
    """Return the variable of a credential."""
    words = {"token": "TOKEN", "clientToken": "CLIENT_TOKEN", "apiKey": "API_KEY"}
    return f"WHATSAPP_ACCOUNTS_{account.upper()}_{words[key]}"


def spellings(secrets: Iterable[str]) -> list[bytes]:
    """Return secrets as they are and as a URL has them."""
    return [spelt.encode() for secret in secrets for spelt in {secret, quote(secret, safe="")}]


def assert_nowhere(secrets: Iterable[str], places: dict[str, bytes]) -> None:
    """Assert that no place has a secret in it."""
    found = [(place, secret) for secret in spellings(secrets) for place, data in places.items() if secret in data]
    assert found == []


def shown(outcome: CommandOutcome, *, log: bool) -> bytes:
    """Return what a command showed."""
    parts = [outcome.output, *outcome.errors, *outcome.said, *([outcome.log] if log else [])]
    return "\n".join(parts).encode()


@pytest.fixture
def accounts(sandbox: Sandbox) -> Any:
    """Three accounts on a sandbox over HTTP, without their credentials."""
    with running(sandbox.path) as url:
        yield {
            "zap": {"gateway": "zapi", "instance": "demo", "baseUrl": url, "maxRetries": 0},
            "biz": {"gateway": "meta", "phoneNumberId": "106540352242922", "baseUrl": url, "maxRetries": 0},
            "dialog": {
                "gateway": "360dialog",
                "phoneNumber": "+16505550000",
                "baseUrl": f"{url}/360dialog/+16505550000",
                "maxRetries": 0,
            },
        }


@pytest.mark.parametrize("where", ["environment", "configuration"])
def test_credentials_are_nowhere(
    make_project: MakeProject, sandbox: Sandbox, accounts: dict[str, Any], where: str
) -> None:
    stack: CliProject = make_project(accounts=accounts)
    stack.configure({"accounts": accounts})  # without the sandbox in the process
    in_environment = where == "environment"
    environment: dict[str, str] = {}
    for (account, key), secret in CREDENTIALS.items():
        if in_environment:
            environment[variable(account, key)] = secret
        else:
            stack.configure_secret(f"accounts.{account}.{key}", secret)
    # The engine's own verbose log has the stack configuration in it, so it is only searched where that has no secrets.
    verbose = ["-v=9", "--logtostderr"] if in_environment else []
    rotated = {variable(account, key): f"{secret}-rotated" for (account, key), secret in CREDENTIALS.items()}
    places: dict[str, bytes] = {}

    def keep(name: str, outcome: CommandOutcome, *, fails: bool = False) -> None:
        assert (outcome.exit != 0) == fails, outcome.output + outcome.log[-3000:]
        places[name] = shown(outcome, log=True)
        places[f"{name}: events"] = (stack.folder / "events.jsonl").read_bytes()
        places[f"{name}: state"] = stack.written()

    stack.program(PROGRAM.format(more="[]"))
    keep("up", stack.up(*verbose, **environment))
    places["outputs"] = str(stack.outputs()).encode()
    ids = {name: resource["id"] for name, resource in stack.state().items()}
    places["ids"] = str(ids).encode()
    keep("refresh", stack.refresh(*verbose, **environment))
    stack.program(PROGRAM.format(more='["+16505551003"]'))
    keep("preview", stack.preview("--diff", *verbose, **environment))
    refused = stack.up(*verbose, **rotated)
    keep("refused", refused, fails=True)
    assert any("Unauthorized" in error for error in refused.errors)
    for phone in sandbox.accounts():
        phone.fault("html", times=None)
    keep("html", stack.destroy(*verbose, **environment), fails=True)
    for phone in sandbox.accounts():
        phone.clear_faults()
    keep("destroy", stack.destroy(*verbose, **environment))
    for path in sandbox.path.parent.glob(f"{sandbox.path.name}*"):
        places[path.name] = path.read_bytes()

    assert all(phone.blocked() == set() for phone in sandbox.accounts())
    assert len(places["up: state"]) > 1000
    assert len(places["up"]) > (100_000 if in_environment else 100)
    assert_nowhere(CREDENTIALS.values(), places)


def test_secret_contacts_are_nowhere(make_project: MakeProject, sandbox: Sandbox) -> None:
    stack = make_project(gateway="meta", phoneNumberId="106540352242922")
    account = sandbox.account("meta", "106540352242922")
    stack.cli("config", "set", "--secret", "demo:phone", "+5531987654321", "--stack", "dev")
    stack.cli("config", "set", "--secret", "demo:more", "+16505554712", "--stack", "dev")
    account.contact("+16505554712", messaged_recently=False)
    stack.program("""
        config = pulumi.Config()
        contact = whatsapp.BlockedContact("contact", phone=config.require_secret("phone"))
        listed = whatsapp.Blocklist("list", contacts=[config.require_secret("more"), "+16505551001"])
        pulumi.export("wa_id", contact.wa_id)
        pulumi.export("failed", listed.failed)
    """)
    secrets = ["5531987654321", "553187654321", "16505554712"]
    places: dict[str, bytes] = {}

    failed = stack.up()
    assert failed.exit == 1
    assert account.blocked() == {"+553187654321", "+16505551001"}
    assert any("…4712" in error for error in failed.errors), failed.errors
    places |= {"up": shown(failed, log=True), "up: state": stack.written()}
    account.contact("+16505554712", messaged_recently=True)
    healed = stack.up("--diff")
    assert healed.exit == 0
    places |= {"healed": shown(healed, log=True), "healed: state": stack.written()}
    refreshed = stack.refresh("--diff")
    assert refreshed.exit == 0
    places |= {"refresh": shown(refreshed, log=True), "refresh: state": stack.written()}
    assert stack.preview("--expect-no-changes").exit == 0
    gone = stack.destroy()
    assert gone.exit == 0
    places["destroy"] = shown(gone, log=True)

    assert account.blocked() == set()
    assert_nowhere(secrets, places)
