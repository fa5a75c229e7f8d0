"""What an account of the configuration says of itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest

from pulumi_whatsapp.config.keys import ACCOUNT_KEYS, AccountConfig, Role, described, read_account
from pulumi_whatsapp.config.keys import SECRETS as SECRET_KEYS
from pulumi_whatsapp.redact import Secret
from pulumi_whatsapp.spelling import to_snake

from .configured import META, SECRETS, ZAPI, load_accounts


def test_an_account_says_where_each_credential_comes_from() -> None:
    configured = load_accounts(
        ZAPI, {"WHATSAPP_TOKEN": "rotated", "WHATSAPP_ACCOUNTS_SUPPORT_TOKEN": "x"}, support=META
    )
    assert configured["default"].called == "the default account"
    assert configured["default"].whence("token") == "token (WHATSAPP_TOKEN in the environment)"
    assert configured["default"].whence("clientToken") == "clientToken (whatsapp:clientToken in the stack)"
    assert configured["support"].called == "account 'support'"
    assert configured["support"].whence("token") == "token (WHATSAPP_ACCOUNTS_SUPPORT_TOKEN in the environment)"


def test_no_secret_shows_in_a_repr() -> None:
    account = load_accounts(ZAPI)["default"]
    for shown in (repr(account), str(account), repr(asdict(account)), f"{account.token} {account.token!r}"):
        assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize("key", sorted(SECRET_KEYS))
def test_every_credential_is_told_to_whoever_redacts(key: str) -> None:
    given: dict[str, Any] = {to_snake(key): Secret("s3cret")}
    account = AccountConfig(**given)
    assert account.secrets() == ["s3cret"]
    assert account.described()[key] == "s3cret"  # two accounts with different ones are different
    assert "s3cret" not in repr(account)


@pytest.mark.parametrize(
    ("name", "called", "named"),
    [
        ("default", "the default account", None),
        ("support", "account 'support'", "support"),
        ("provider:line", "provider 'line'", None),  # a resource of it names no account
    ],
)
def test_what_messages_call_an_account_and_how_a_resource_picks_it(name: str, called: str, named: str | None) -> None:
    account = AccountConfig(name=name)
    assert (account.called, account.named) == (called, named)


def test_the_first_thing_that_is_wrong_with_a_key_is_told_and_each_key_is() -> None:
    account, wrong = read_account({"timeout": "soon", "phoneNumber": "", "region": "in"}, "default", {}, Path())
    assert account is None
    assert wrong.keys() == {"timeout", "phoneNumber"}


@pytest.mark.parametrize("key", ACCOUNT_KEYS)
def test_each_key_has_a_role_and_a_meaning(key: str) -> None:
    role, meaning, _ = described(key)
    assert role in get_args(Role)
    assert meaning
