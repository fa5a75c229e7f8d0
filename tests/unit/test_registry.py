"""Every gateway is found by its name."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.config import ACCOUNT_KEYS, SECRETS
from pulumi_whatsapp.gateways.base import Gateway
from pulumi_whatsapp.gateways.registry import GATEWAYS


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_calls_itself_by_the_name_that_the_configuration_has_for_it(name: str) -> None:
    assert issubclass(GATEWAYS[name], Gateway)
    assert GATEWAYS[name].name == name


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_asks_for_keys_that_there_are_and_every_credential_is_a_secret(name: str) -> None:
    needs = GATEWAYS[name].requirements
    assert set(needs.keys) <= set(ACCOUNT_KEYS)
    assert set(needs.credentials) <= SECRETS
    assert not set(needs.identity) & SECRETS  # an identity is shown


def test_a_gateway_that_is_not_there_is_none() -> None:
    assert len(GATEWAYS) == len({gateway.title for gateway in GATEWAYS.values()})
    assert GATEWAYS.get("twilio") is None
    assert "zapi.Zapi" not in GATEWAYS
