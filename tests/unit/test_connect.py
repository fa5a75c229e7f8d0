"""How an account is opened: its project, its credentials, its sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pulumi_whatsapp.connect import configuration, connect, project_root, provider_configuration
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import Sandbox

from .configured import META, ZAPI, load_accounts
from .fake import Heard, number


def test_a_preview_takes_an_account_without_credentials_and_says_so_once() -> None:
    configured = load_accounts({key: value for key, value in ZAPI.items() if key != "clientToken"})
    report = Heard()
    accounts = connect(configured, report)
    with pytest.raises(ConfigurationError, match="clientToken is missing"):
        accounts.named(None)
    accounts.preview = True
    account = accounts.named(None)
    assert accounts.by_id(account.id) is accounts.named("default") is account
    assert accounts.is_account(None, account.id)
    (said,) = report.infos
    assert said.startswith(
        "the default account lacks token or clientToken here, so this preview asks its gateway nothing"
    )
    with pytest.raises(ConfigurationError, match="clientToken is missing"):
        _ = account.gateway.http


@pytest.mark.parametrize("missing", ["instance", "gateway"])
def test_a_preview_takes_no_account_that_nobody_can_tell(missing: str) -> None:
    accounts = connect(load_accounts({key: value for key, value in ZAPI.items() if key != missing}), Heard())
    accounts.preview = True
    with pytest.raises(ConfigurationError):
        accounts.named(None)


def test_the_project_is_the_nearest_folder_with_a_pulumi_yaml(tmp_path: Path) -> None:
    deep = tmp_path / "project" / "src" / "deep"
    deep.mkdir(parents=True)
    assert project_root(deep) == deep
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "project" / "Pulumi.yml").touch()
    assert project_root(deep) == tmp_path / "project"


def test_the_project_of_a_program_is_looked_for_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    account = configuration({**ZAPI, "sandbox": "wa.sandbox"}, {})["default"]
    assert account.sandbox == tmp_path / "wa.sandbox"
    configured = provider_configuration("support", {**ZAPI, "sandbox": "wa.sandbox"}, {})
    assert configured[configured.default].sandbox == tmp_path / "wa.sandbox"


def test_a_file_that_is_no_sandbox_is_told_when_its_account_is_used(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("call them back")
    accounts = connect(
        load_accounts({**ZAPI, "sandbox": str(tmp_path / "notes.txt")}, support={**META, "sandbox": ""}), Heard()
    )
    assert accounts.named("support").id == "meta/106540352242922"
    with pytest.raises(ConfigurationError, match="whatsapp:sandbox is wrong: ") as error:
        accounts.named(None)
    assert "\n" not in str(error.value)
    assert (tmp_path / "notes.txt").read_text() == "call them back"


async def test_an_account_on_a_sandbox_asks_it_and_not_the_gateway(sandbox: Sandbox) -> None:
    account = connect(load_accounts({**ZAPI, "sandbox": str(sandbox.path)}), Heard()).named(None)
    assert account.id == "sandbox/zapi/3A5B"
    (outcome,) = await account.gateway.block([number(1)])
    await account.gateway.http.close()
    assert outcome.error is None
    assert sandbox.account("zapi", "3A5B").blocked() == {number(1)}


@pytest.mark.parametrize(("configured", "limit"), [({"requestsPerMinute": "7"}, 7), ({}, 60)])
def test_without_a_limit_of_its_own_an_account_keeps_to_what_the_gateway_documents(
    monkeypatch: pytest.MonkeyPatch, configured: dict[str, str], limit: int
) -> None:
    gateway = GATEWAYS["zapi"]
    monkeypatch.setattr(gateway, "capabilities", replace(gateway.capabilities, requests_per_minute=60))
    account = connect(load_accounts({**ZAPI, **configured}), Heard()).named(None)
    assert 60 / limit <= account.gateway.http.seconds_for(1) < 1.3 * 60 / limit
