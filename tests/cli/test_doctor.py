"""``doctor`` finds every mistake in one go, says where things come from, and shows no credential."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
import yaml

from pulumi_local_engine import Engine
from pulumi_local_engine.encryption import Encryption
from whatsapp_sandbox import Sandbox

from .conftest import Command

SECRET = "unmistakable-secret-7731"


def encrypt(project: Path, **secrets: str) -> None:
    """Write a stack ``dev`` with secrets under the passphrase ``open sesame``."""
    encryption = Encryption("open sesame")
    config = {f"whatsapp:{key}": {"secure": encryption.encrypt(value)} for key, value in secrets.items()}
    (project / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"encryptionsalt": encryption.salt, "config": config}))


def test_a_project_without_mistakes_is_ok_and_shows_no_credential(
    project: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSAPP_TOKEN", SECRET)
    ran = command("doctor")
    assert ran.status == 0
    assert f"Configuration of {project}" in ran.out
    assert "Pulumi.yaml      whatsapp:accounts, whatsapp:gateway, whatsapp:instance, whatsapp:sandbox" in ran.out
    assert "environment      WHATSAPP_TOKEN" in ran.out
    default = "default (Z-API, sandbox/zapi/3A5B, a sandbox: nothing reaches WhatsApp)"
    assert f"ok               {default}: the instance is connected" in ran.out
    assert (
        "ok               support (Meta, sandbox/meta/106540352242922, a sandbox: nothing reaches WhatsApp)" in ran.out
    )
    assert SECRET not in ran.out + ran.err


def test_every_mistake_is_named_with_the_line_that_mends_it(tmp_path: Path, command: Command) -> None:
    config = {
        "whatsapp:gateway": "zapi",
        "whatsapp:timeout": "soon",
        "whatsapp:tokne": "x",
        "whatsapp:accounts": {"value": {"support": {"gateway": "meta"}}},
    }
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "demo", "runtime": "python", "config": config}))
    ran = command("doctor", "--cwd", str(tmp_path))
    assert ran.status == 1
    for line in (
        "pulumi config set whatsapp:instance <value>, or WHATSAPP_INSTANCE in the environment",
        "pulumi config set --secret whatsapp:token <value>, or WHATSAPP_TOKEN in the environment",
        "whatsapp:timeout is 'soon'",
        "whatsapp:tokne is not a key of this provider; did you mean token?",
        "pulumi config set --path whatsapp:accounts.support.phoneNumberId <value>",
        "pulumi config set --secret --path whatsapp:accounts.support.token <value>",
    ):
        assert line in ran.out
    only = command("doctor", "--cwd", str(tmp_path), "--account", "support")
    assert "whatsapp:instance is missing" not in only.out
    assert "whatsapp:accounts.support.token is missing" in only.out


def test_a_project_without_configuration_is_told_what_is_missing(tmp_path: Path, command: Command) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    ran = command("doctor", "--cwd", str(tmp_path))
    assert ran.status == 1
    assert "project          no whatsapp: key in Pulumi.yaml\n" in ran.out
    assert "whatsapp:gateway is missing (pulumi config set whatsapp:gateway <one of " in ran.out


def test_the_environment_needs_no_project(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = str(tmp_path / "a.sandbox")
    for key, value in {"GATEWAY": "zapi", "INSTANCE": "3A5B", "SANDBOX": sandbox, "API_KEY": SECRET}.items():
        monkeypatch.setenv(f"WHATSAPP_{key}", value)
    ran = command("doctor", "--cwd", str(tmp_path))
    assert ran.status == 0
    assert "project          no Pulumi.yaml here or above" in ran.out
    assert "not used         WHATSAPP_API_KEY is not used by zapi" in ran.out
    assert SECRET not in ran.out


@pytest.mark.usefixtures("project")
def test_a_misspelt_variable_is_pointed_out(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_TOKN", "x")
    monkeypatch.setenv("WHATSAPP_ACCOUNTS_SUPPORT_TOKEN", "y")
    ran = command("doctor")
    assert "WHATSAPP_TOKN in the environment is ignored; did you mean WHATSAPP_TOKEN?" in ran.out
    assert "environment      WHATSAPP_ACCOUNTS_SUPPORT_TOKEN\n" in ran.out


@pytest.mark.parametrize(
    ("sandbox", "why"),
    [(".", "cannot be used"), ("Pulumi.yaml", "Pulumi.yaml is not a sandbox file; choose another path")],
)
def test_a_file_that_is_no_sandbox(project: Path, command: Command, sandbox: str, why: str) -> None:
    settings = (project / "Pulumi.yaml").read_text()
    (project / "Pulumi.yaml").write_text(settings.replace("whatsapp.sandbox", sandbox))
    (project / "__main__.py").write_text(
        "import pulumi_whatsapp as whatsapp\n\nwhatsapp.BlockedContact('ann', phone='+16505551234')\n"
    )
    ran = command("doctor")
    assert (ran.status, ran.err) == (1, "")
    for name in ("default", "support"):
        told = ran.out.partition(f"wrong            {name}: 1 to mend\n    whatsapp:sandbox is wrong: ")[2]
        assert why in told.splitlines()[0]
    [error] = [error for error in Engine(project, "dev").preview().errors if "exit code" not in error]
    assert "whatsapp:sandbox is wrong: " in error
    assert why in error
    assert "report it" not in error


@pytest.mark.usefixtures("project")
def test_refused_credentials_are_wrong_and_not_shown(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_TOKEN", "the right one")
    assert command("doctor").status == 0
    monkeypatch.setenv("WHATSAPP_TOKEN", SECRET)
    ran = command("doctor")
    assert ran.status == 1
    assert "wrong            default (Z-API, sandbox/zapi/3A5B, a sandbox: nothing reaches WhatsApp): Z-API" in ran.out
    assert "ok               support" in ran.out
    assert SECRET not in ran.out + ran.err


@pytest.mark.usefixtures("project")
def test_a_phone_that_is_not_connected(command: Command, sandbox: Sandbox) -> None:
    sandbox.account("zapi", "3A5B").fault("not_connected")
    ran = command("doctor", "--account", "default")
    assert ran.status == 1
    assert "wrong            default" in ran.out


def test_secrets_of_the_stack_are_read_with_the_passphrase(
    project: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt(project, token=SECRET, clientToken="another")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "open sesame")
    ran = command("doctor")
    assert ran.status == 0
    assert "Pulumi.dev.yaml  whatsapp:clientToken, whatsapp:token\n" in ran.out
    # The sandbox holds an account to the first credentials it saw: so these are the ones of the stack.
    monkeypatch.setenv("WHATSAPP_TOKEN", "not the stack's")
    ran = command("doctor")
    assert ran.status == 1
    assert SECRET not in ran.out + ran.err


def test_secrets_without_the_passphrase_are_left_out(project: Path, command: Command) -> None:
    encrypt(project, token=SECRET)
    (project / "Pulumi.yaml").write_text("name: demo\nruntime: python\nconfig:\n  whatsapp:gateway: zapi\n")
    ran = command("doctor")
    assert ran.status == 1
    assert "not read         the secrets in whatsapp:token; set PULUMI_CONFIG_PASSPHRASE" in ran.out
    assert "whatsapp:token is missing" not in ran.out
    assert "whatsapp:clientToken is missing" in ran.out


def test_without_the_secrets_a_gateway_is_not_asked(
    project: Path, command: Command, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt(project, token=SECRET)
    ran = command("doctor", "--account", "default")
    assert ran.status == 1
    assert re.search(r"not asked        default \(.*\): whatsapp:token could not be read", ran.out)
    assert sandbox.account("zapi", "3A5B").requests() == []
    assert command("doctor", "--account", "support").status == 0
    monkeypatch.setenv("WHATSAPP_TOKEN", SECRET)
    assert "ok               default" in command("doctor", "--account", "default").out


def test_without_the_secret_accounts_not_all_is_well(project: Path, command: Command) -> None:
    (project / "Pulumi.dev.yaml").write_text("config:\n  whatsapp:accounts: {secure: 'v1:x'}\n")
    ran = command("doctor")
    assert ran.status == 1
    assert "not read         the secrets in whatsapp:accounts; " in ran.out
    assert "Pulumi.dev.yaml  whatsapp:accounts (encrypted)" in ran.out


def test_a_wrong_passphrase_is_one_line(
    project: Path, command: Command, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt(project, token=SECRET)
    wrong = tmp_path_factory.mktemp("passphrase") / "wrong"
    wrong.write_text("open barley")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(wrong))
    ran = command("doctor")
    says = f"error: incorrect passphrase: PULUMI_CONFIG_PASSPHRASE_FILE ({wrong}) does not open the secrets in "
    assert (ran.status, ran.out, ran.err) == (1, "", f"{says}Pulumi.dev.yaml\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "open barley")
    assert "incorrect passphrase: PULUMI_CONFIG_PASSPHRASE does not open" in command("doctor").err


def test_json_has_every_account_and_no_credential(
    project: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHATSAPP_TOKEN", SECRET)
    monkeypatch.setenv("WHATSAPP_TOKN", "x")
    (project / "Pulumi.dev.yaml").write_text("config:\n  whatsapp:timeout: 5\n")
    ran = command("doctor", "--json")
    found = json.loads(ran.out)
    assert (ran.status, found["healthy"], found["stack"], found["folder"]) == (0, True, "dev", str(project))
    assert found["files"]["Pulumi.dev.yaml"] == ["whatsapp:timeout"]
    assert found["environment"] == ["WHATSAPP_TOKEN"]
    assert len(found["ignored"]) == 1
    default, support = found["accounts"]
    assert (default["name"], default["gateway"], default["sandbox"]) == ("default", "Z-API", True)
    assert (support["account_id"], support["status"]) == ("sandbox/meta/106540352242922", "ok")
    assert SECRET not in ran.out + ran.err


def test_json_says_what_to_mend(tmp_path: Path, command: Command) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\nconfig:\n  whatsapp:gateway: zapi\n")
    ran = command("doctor", "--cwd", str(tmp_path), "--json")
    found = json.loads(ran.out)
    assert (ran.status, found["healthy"]) == (1, False)
    [account] = found["accounts"]
    assert (account["status"], account["account_id"], account["sandbox"]) == ("wrong", None, None)
    assert any("pulumi config set whatsapp:instance <value>" in problem for problem in account["problems"])


def test_a_credential_in_plain_text_of_a_real_account_is_warned_of(tmp_path: Path, command: Command) -> None:
    """The gateway is nobody's: nothing listens there, and the account is told to be a real one all the same."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    config = {
        "whatsapp:gateway": "meta",
        "whatsapp:phoneNumberId": "1234",
        "whatsapp:token": SECRET,
        "whatsapp:baseUrl": f"http://127.0.0.1:{port}",
        "whatsapp:maxRetries": 0,
    }
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
    ran = command("doctor", "--cwd", str(tmp_path))
    assert "whatsapp:token stands in the stack's file in plain text; set it again with pulumi config set --secret" in (
        ran.out
    )
    assert f"wrong            default (Meta, meta/127.0.0.1:{port}/1234, real): " in ran.out
    found = json.loads(command("doctor", "--cwd", str(tmp_path), "--json").out)
    assert [account["sandbox"] for account in found["accounts"]] == [False]
    assert len(found["warnings"]) == 1
    assert SECRET not in ran.out + json.dumps(found)
