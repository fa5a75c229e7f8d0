"""``list`` and ``export`` print the live block list."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from pulumi_local_engine import Engine
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import Sandbox

from .conftest import Command

CONTACTS = {"+16505551234", "+447400123456"}


pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture(autouse=True)
def _blocked(sandbox: Sandbox) -> None:
    sandbox.account("meta", "106540352242922").block(*CONTACTS)


def test_one_contact_a_line(command: Command) -> None:
    ran = command("list", "--account", "support")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == sorted(CONTACTS)


def test_json_names_the_account_and_its_contacts(command: Command) -> None:
    listed = json.loads(command("list", "--account", "support", "--json").out)
    assert listed == {"account_id": "sandbox/meta/106540352242922", "contacts": sorted(CONTACTS)}


def test_a_project_is_read_from_another_folder(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert command("list", "--account", "support", "--cwd", str(project)).out.splitlines() == sorted(CONTACTS)


def test_whoever_hides_the_number_is_shown_by_the_id(command: Command, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "106540352242922")
    account.contact("+16505551234", username=True)
    account.contact("+447400123456", username=True)
    ids = sorted(map(account.user_id, CONTACTS))
    assert command("list", "--account", "support").out.splitlines() == ids
    assert [row["phone"] for row in csv.DictReader(io.StringIO(command("export", "-a", "support").out))] == ids


def test_an_export_leaves_out_whom_the_account_cannot_declare(command: Command, sandbox: Sandbox) -> None:
    sandbox.account("meta", "106540352242922").block("123456789012345@lid")
    listed, exported = (command(name, "--account", "support") for name in ("list", "export"))
    assert "123456789012345@lid" in listed.out
    assert [row["phone"] for row in csv.DictReader(io.StringIO(exported.out))] == sorted(CONTACTS)
    assert exported.err == (
        "warning: 1 contact of the list left out: Meta shows no name of them that a program on this account can "
        "declare\n"
    )
    assert (listed.err, listed.status, exported.status) == ("", 0, 0)


@pytest.mark.parametrize("arguments", [("list",), ("export", "--format", "csv")])
def test_a_gateway_that_cannot_list(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments)
    able = ", ".join(gateway.title for gateway in GATEWAYS.values() if gateway.capabilities.lists_blocked)
    expected = (
        f"error: Z-API cannot list who is blocked, so the block list of sandbox/zapi/3A5B is unknown; only {able} can. "
        "Declare whom you know of: who is blocked already stays so\n"
    )
    assert (ran.status, ran.out, ran.err) == (1, "", expected)


def test_an_account_that_is_not_configured(command: Command) -> None:
    ran = command("list", "--account", "sales")
    assert ran.status == 1
    assert ran.err.startswith("error: no account 'sales' is configured (there is: default, support)")
    assert ran.err.count("\n") == 1


def test_an_outage_is_one_line(command: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_MAX_RETRIES", "0")
    sandbox.account("meta", "106540352242922").fault("outage")
    ran = command("list", "--account", "support")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: Meta ")
    assert ran.err.count("\n") == 1


def test_an_export_is_a_table_of_phones_and_reasons(command: Command) -> None:
    rows = list(csv.DictReader(io.StringIO(command("export", "--account", "support").out)))
    assert rows == [{"phone": contact, "reason": ""} for contact in sorted(CONTACTS)]


def test_the_program_declares_what_is_blocked(command: Command, project: Path, sandbox: Sandbox) -> None:
    account = sandbox.account("meta", "106540352242922")
    account.block("+22997123456", "+999123456789")  # an id of old, and one that no numbering plan has
    ran = command("export", "--account", "support", "--format", "program")
    (project / "__main__.py").write_text(ran.out)
    account.clear_requests()
    result = Engine(project, "dev").up()
    assert result.ok, result.errors
    assert account.blocked() == {*CONTACTS, "+22997123456", "+999123456789"}
    assert {request.method for request in account.requests()} == {"GET"}


def test_without_its_secrets_an_account_is_not_asked(command: Command, project: Path, sandbox: Sandbox) -> None:
    accounts = "whatsapp:accounts: {support: {gateway: meta, phoneNumberId: '106540352242922', token: {secure: v1:x}}}"
    (project / "Pulumi.dev.yaml").write_text(f"config:\n  {accounts}\n")
    sandbox.account("meta", "106540352242922").clear_requests()
    ran = command("list", "--account", "support")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("error: the secrets in whatsapp:accounts.support.token cannot be read; ")
    assert sandbox.account("meta", "106540352242922").requests() == []


def test_a_misspelt_variable_is_warned_of(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_TOKN", "x")
    ran = command("list", "--account", "support")
    assert ran.out.splitlines() == sorted(CONTACTS)
    assert "did you mean WHATSAPP_ACCOUNTS_SUPPORT_TOKEN?" in ran.err
