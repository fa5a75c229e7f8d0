"""How an account is opened: its project, its credentials, its sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_whatsapp.connect import connect, project_root
from pulumi_whatsapp.errors import ConfigurationError

from .configured import ZAPI, load_accounts
from .fake import Heard


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
