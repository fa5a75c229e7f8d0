"""Who is blocked already is taken over: ``export`` writes them, and the first ``up`` sends nothing for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_local_engine import Engine
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import Sandbox, SandboxAccount

from .conftest import Command

CONTACTS = {f"+16505551{number:03}" for number in range(11)} | {"+447400123456"}
IDENTITIES: dict[str, tuple[str, dict[str, Any]]] = {
    "meta": ("106540352242922", {"phoneNumberId": "106540352242922"}),
    "360dialog": ("+16505550000", {"phoneNumber": "+16505550000"}),
    "kaleyra": ("+16505550000", {"phoneNumber": "+16505550000", "sid": "HXIN1751096205IN", "region": "in"}),
}
LISTING = [name for name, gateway in GATEWAYS.items() if gateway.capabilities.lists_blocked]
PROGRAMS = {
    "program": "",
    "csv": "whatsapp.Blocklist('blocked', contacts=whatsapp.contacts_from_file('made/of/blocked.csv'))",
    "yaml": "whatsapp.Blocklist('blocked', contacts=whatsapp.contacts_from_file('made/of/blocked.yaml'))",
}
FILES = {"program": "made/of/blocked.py", "csv": "made/of/blocked.csv", "yaml": "made/of/blocked.yaml"}


@pytest.fixture(params=LISTING)
def account(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SandboxAccount:
    """An account that blocks twelve contacts already, in a project without a program; the working directory."""
    identity, keys = IDENTITIES[request.param]
    config = {f"whatsapp:{key}": value for key, value in {"gateway": request.param, **keys}.items()}
    settings = {"name": "demo", "runtime": "python", "config": {**config, "whatsapp:sandbox": "whatsapp.sandbox"}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    monkeypatch.chdir(tmp_path)
    account: SandboxAccount = request.getfixturevalue("sandbox").account(request.param, identity)
    account.block(*CONTACTS)
    return account


@pytest.mark.parametrize("form", PROGRAMS)
def test_the_first_up_of_adopted_people_sends_nothing(
    command: Command, account: SandboxAccount, tmp_path: Path, form: str
) -> None:
    ran = command("export", "--output", FILES[form])
    assert (ran.status, ran.out) == (0, "")
    assert f"Wrote 12 contacts of sandbox/{account.gateway}/" in ran.err
    written = (tmp_path / FILES[form]).read_text()
    program = PROGRAMS[form]
    (tmp_path / "__main__.py").write_text(f"import pulumi_whatsapp as whatsapp\n{program}\n" if program else written)
    account.clear_requests()
    engine = Engine(tmp_path, "dev")
    up = engine.up()
    assert up.ok, up.errors
    assert {request.operation for request in account.requests()} <= {"list"}
    assert account.blocked() == CONTACTS
    assert set(engine.preview().changes) == {"same"}
    assert engine.destroy().ok
    assert account.blocked() == set()


def test_a_file_is_not_written_over(command: Command, account: SandboxAccount, tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text("mine\n")
    ran = command("export", "--output", "contacts.csv")
    assert ran.status == 1
    assert ran.err == "error: contacts.csv exists, and is not written over; choose another --output, or remove it\n"
    assert (tmp_path / "contacts.csv").read_text() == "mine\n"
    assert account.blocked() == CONTACTS


def test_a_file_that_says_no_form(command: Command) -> None:
    ran = command("export", "--output", "contacts.xlsx")
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith("error: contacts.xlsx does not say what to write; end it with .csv, .yaml, .yml, .py, ")


@pytest.mark.parametrize("name", sorted(GATEWAYS.keys() - set(LISTING)))
def test_where_a_gateway_cannot_list_who_is_declared_is_sent_and_stays_blocked(
    name: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    config = {"whatsapp:gateway": name, "whatsapp:instance": "demo", "whatsapp:sandbox": "whatsapp.sandbox"}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "demo", "runtime": "python", "config": config}))
    (tmp_path / "__main__.py").write_text(
        f"import pulumi_whatsapp as whatsapp\nwhatsapp.Blocklist('blocked', contacts={sorted(CONTACTS)})\n"
    )
    account = sandbox.account(name, "demo")
    account.block(*CONTACTS)
    up = Engine(tmp_path, "dev").up()
    assert up.ok, up.errors
    assert account.blocked() == CONTACTS
    assert sorted(request.operation for request in account.requests()) == ["block"] * 12
