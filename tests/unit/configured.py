"""Accounts of a configuration and an environment, for tests of what is read from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.config import AccountConfig, Configuration, load
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.gateways.registry import GATEWAYS

ROOT = Path("/project")
ZAPI = {"gateway": "zapi", "instance": "3A5B", "token": "t0ken", "clientToken": "cl1ent"}
META = {"gateway": "meta", "phoneNumberId": "106540352242922", "token": "m3ta"}
SECRETS = ("t0ken", "cl1ent", "m3ta", "s3cret")


def load_accounts(
    config: dict[str, Any] | None = None, environment: dict[str, str] | None = None, **accounts: dict[str, Any]
) -> Configuration:
    given = {key: str(value) for key, value in (config or {}).items()}
    if accounts:
        given["accounts"] = json.dumps(accounts)
    return load(given, environment or {}, GATEWAYS, root=ROOT)


def why_not_usable(configured: Configuration, name: str = "default") -> str:
    with pytest.raises(ConfigurationError) as error:
        configured[name]
    assert "\n" not in str(error.value)
    assert not any(secret in str(error.value) for secret in SECRETS)
    return str(error.value)


def token_of(account: AccountConfig) -> str:
    assert account.token is not None
    return account.token.reveal()
