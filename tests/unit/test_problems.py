"""What is said of a configuration that is wrong: what, why, and the line that mends it."""

from __future__ import annotations

import json

from pulumi_whatsapp.config import exposed

from .configured import META, SECRETS, ZAPI, load_accounts, why_not_usable


def test_a_contradiction_shows_no_more_of_an_address_than_its_host() -> None:
    config = {**ZAPI, "baseUrl": "https://me:s3cret@a.test/s3cret?s3cret"}
    text = why_not_usable(load_accounts(config, {"WHATSAPP_BASE_URL": "https://[s3cret"}))
    assert "it is '…' in the environment and 'https://a.test/…' in the stack" in text


def test_one_error_names_every_mistake_and_what_mends_it() -> None:
    text = why_not_usable(
        load_accounts({"gateway": "zapi", "timeout": "soon", "colour": "red", "defaultRegion": "Brazil"})
    )
    assert text.startswith("the default account is not usable: ")
    assert "pulumi config set whatsapp:instance <value>, or WHATSAPP_INSTANCE in the environment" in text
    assert "pulumi config set --secret whatsapp:token <value>, or WHATSAPP_TOKEN in the environment" in text
    assert "pulumi config set --secret whatsapp:clientToken <value>, or WHATSAPP_CLIENT_TOKEN" in text
    assert "whatsapp:timeout is 'soon'; it must be a number of seconds above 0" in text
    assert "whatsapp:colour is not a key of this provider; remove it" in text
    assert "whatsapp:defaultRegion is 'Brazil'; it must be a country's two capital letters, e.g. BR" in text


def test_the_mistakes_of_a_named_account_have_its_path() -> None:
    text = why_not_usable(load_accounts({}, **{"on-call": {"gateway": "meta", "token": ""}}), "on-call")
    assert text.startswith("account 'on-call' is not usable: ")
    assert "pulumi config set --path whatsapp:accounts.on-call.phoneNumberId <value>" in text
    assert "pulumi config set --secret --path whatsapp:accounts.on-call.token <value>" in text
    assert "WHATSAPP_ACCOUNTS_ON_CALL_TOKEN in the environment" in text


def test_an_empty_configuration_is_asked_for_its_gateway() -> None:
    text = why_not_usable(load_accounts())
    assert "pulumi config set whatsapp:gateway <one of zapi," in text


def test_an_unknown_gateway_names_the_known_ones() -> None:
    text = why_not_usable(load_accounts({**ZAPI, "gateway": "twilio"}))
    assert "whatsapp:gateway is 'twilio'; it must be one of zapi, " in text
    assert "is missing" not in text


def test_a_credential_in_plain_text_is_told() -> None:
    plain = {**ZAPI, "accounts": json.dumps({"support": META})}
    told = exposed(plain, ["clientToken"])
    assert [text.partition(" stands in the stack's file in plain text")[0] for text in told] == [
        "a credential in whatsapp:accounts",
        "whatsapp:token",
    ]
    assert "pulumi config set --secret whatsapp:token <value>" in told[1]
    assert not any(secret in text for secret in SECRETS for text in told)
    assert exposed(plain, ["clientToken", "token", "accounts"]) == []
    assert exposed({**plain, "sandbox": "a"}, []) == []
    assert exposed({"accounts": "no JSON"}, []) == []


def test_a_wrong_value_is_named_where_it_stands() -> None:
    configured = load_accounts({**ZAPI, "timeout": "soon"}, {"WHATSAPP_MAX_UNBLOCKS": "many"}, support=META)
    for name in configured.names():
        text = why_not_usable(configured, name)
        assert "whatsapp:timeout is 'soon'" in text
        assert "WHATSAPP_MAX_UNBLOCKS is 'many'" in text


def test_a_key_of_another_gateway_is_named_beside_the_missing_ones() -> None:
    text = why_not_usable(load_accounts({"gateway": "zapi", "instance": "3A5B", "apiKey": "s3cret"}))
    assert "whatsapp:token is missing" in text
    assert "whatsapp:apiKey is not used by zapi, which takes instance, token, clientToken" in text
    text = why_not_usable(load_accounts({}, {"WHATSAPP_ACCOUNTS_X_INSTANCE": "3A5B"}, x={"gateway": "meta"}), "x")
    assert "WHATSAPP_ACCOUNTS_X_INSTANCE is not used by meta, which takes phoneNumberId, token" in text
    text = why_not_usable(load_accounts({}, x={"gateway": "meta", "instance": "3A5B"}), "x")
    assert "which takes phoneNumberId, token (pulumi config rm --path whatsapp:accounts.x.instance)" in text
    configured = load_accounts({**ZAPI, "apiKey": "s3cret"})
    assert configured["default"].instance == "3A5B"
    (unused,) = configured.unused["default"]
    assert unused.endswith("which takes instance, token, clientToken (pulumi config rm whatsapp:apiKey)")


def test_a_wrong_secret_is_not_quoted() -> None:
    text = why_not_usable(load_accounts({}, support={**META, "token": ["s3cret"]}), "support")
    assert "whatsapp:accounts.support.token is wrong" in text
