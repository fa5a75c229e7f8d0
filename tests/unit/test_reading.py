"""Accounts from the stack's configuration and the environment: what of both is in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pulumi_whatsapp.config import ACCOUNT_KEYS, AccountConfig, Configuration, load, load_provider
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.gateways.registry import GATEWAYS

from .configured import META, ROOT, ZAPI, load_accounts, token_of, why_not_usable

# -- precedence


def test_the_environment_wins_for_secrets() -> None:
    account = load_accounts(ZAPI, {"WHATSAPP_TOKEN": "rotated"})["default"]
    assert token_of(account) == "rotated"
    assert account.secrets() == ["rotated", "cl1ent"]


@pytest.mark.parametrize(
    ("key", "variable", "field", "value"),
    [
        ("maxUnblocks", "WHATSAPP_MAX_UNBLOCKS", "max_unblocks", 3),
        ("timeout", "WHATSAPP_TIMEOUT", "timeout", 5),
        ("maxRetries", "WHATSAPP_MAX_RETRIES", "max_retries", 1),
        ("requestsPerMinute", "WHATSAPP_REQUESTS_PER_MINUTE", "requests_per_minute", 9),
        ("maxConcurrency", "WHATSAPP_MAX_CONCURRENCY", "max_concurrency", 2),
        ("timeBudget", "WHATSAPP_TIME_BUDGET", "time_budget", 60),
    ],
)
def test_the_environment_wins_for_tuning_and_limits(key: str, variable: str, field: str, value: int) -> None:
    assert getattr(load_accounts({**ZAPI, key: 77})["default"], field) == 77
    assert getattr(load_accounts({**ZAPI, key: 77}, {variable: str(value)})["default"], field) == value
    assert getattr(load_accounts(ZAPI, {variable: str(value)})["default"], field) == value


@pytest.mark.parametrize(
    ("config", "key", "other"),
    [
        (ZAPI, "gateway", "meta"),
        (ZAPI, "instance", "OTHER"),
        (META, "phoneNumberId", "1"),
        ({**ZAPI, "baseUrl": "https://a.test"}, "baseUrl", "https://b.test"),
        ({**ZAPI, "sandbox": "a"}, "sandbox", "b"),
    ],
)
def test_an_identity_that_contradicts_itself_is_an_error(config: dict[str, str], key: str, other: str) -> None:
    variable = {"phoneNumberId": "WHATSAPP_PHONE_NUMBER_ID", "baseUrl": "WHATSAPP_BASE_URL"}.get(
        key, f"WHATSAPP_{key.upper()}"
    )
    text = why_not_usable(load_accounts(config, {variable: other}))
    assert f"{variable} in the environment contradicts whatsapp:{key}" in text
    assert f"it is {other!r} in the environment and {config[key]!r} in the stack" in text
    assert isinstance(load_accounts(config, {variable: config[key]})["default"], AccountConfig)
    fallback = {name: value for name, value in config.items() if name != key}
    assert str(getattr(load_accounts(fallback, {variable: config[key]})["default"], _snake(key))).endswith(config[key])


def _snake(key: str) -> str:
    return "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in key)


# -- named accounts


def test_named_accounts_stand_beside_the_default_one() -> None:
    configured = load_accounts(ZAPI, support=META, **{"on-call": {**ZAPI, "instance": "X"}})
    assert configured.names() == ["default", "on-call", "support"]
    assert configured["support"].phone_number_id == "106540352242922"
    assert configured["on-call"].instance == "X"


def test_tuning_and_the_sandbox_are_inherited_and_nothing_else() -> None:
    default = {**ZAPI, "timeout": 5, "maxUnblocks": 2, "apiVersion": "v25.0", "defaultRegion": "BR"}
    default |= {"sandbox": "wa.sandbox", "formerly": "zapi/OLD"}
    configured = load_accounts(default, {"WHATSAPP_MAX_RETRIES": "1"}, support={"gateway": "meta", "timeout": 9})
    text = why_not_usable(configured, "support")
    assert "whatsapp:accounts.support.phoneNumberId is missing" in text
    account = load_accounts(default, {"WHATSAPP_MAX_RETRIES": "1"}, support={**META, "timeout": 9})["support"]
    assert (account.timeout, account.max_unblocks, account.max_retries) == (9, 2, 1)
    assert (account.api_version, account.default_region) == ("v25.0", "BR")
    assert account.sandbox == ROOT / "wa.sandbox"
    assert account.formerly == ()
    assert account.instance is None
    assert account.client_token is None


def test_a_safety_limit_in_the_environment_holds_for_every_account() -> None:
    account = load_accounts(ZAPI, {"WHATSAPP_MAX_UNBLOCKS": "50"}, support={**META, "maxUnblocks": 2})["support"]
    assert account.max_unblocks == 50
    own = {"WHATSAPP_MAX_UNBLOCKS": "50", "WHATSAPP_ACCOUNTS_SUPPORT_MAX_UNBLOCKS": "3"}
    assert load_accounts(ZAPI, own, support={**META, "maxUnblocks": 2})["support"].max_unblocks == 3


def test_credentials_are_never_inherited() -> None:
    text = why_not_usable(
        load_accounts(ZAPI, {"WHATSAPP_TOKEN": "s3cret"}, twin={"gateway": "zapi", "instance": "X"}), "twin"
    )
    assert "accounts.twin.token is missing" in text
    assert "accounts.twin.clientToken is missing" in text


def test_a_named_account_can_leave_an_inherited_sandbox() -> None:
    assert load_accounts({**ZAPI, "sandbox": "wa.sandbox"}, real={**META, "sandbox": ""})["real"].sandbox is None


def test_numbers_and_booleans_of_structured_configuration_are_read() -> None:
    # `pulumi config set --path` stores what looks like a number as one, the + of a phone number lost
    account = load_accounts({}, support={**META, "phoneNumberId": 106540352242922, "token": 12345})["support"]
    assert account.phone_number_id == "106540352242922"
    assert token_of(account) == "12345"
    account = load_accounts(
        {},
        support={
            "gateway": "360dialog",
            "apiKey": "k",
            "phoneNumber": 5511900000000,
            "maxUnblocks": 0,
            "timeout": 2.5,
            "acceptVanished": True,
        },
    )["support"]
    assert account.phone_number == "+5511900000000"
    assert (account.max_unblocks, account.timeout, account.accept_vanished) == (0, 2.5, True)


def test_null_in_structured_configuration_is_an_absent_key() -> None:
    account = load_accounts({}, support={**META, "maxUnblocks": None, "sandbox": None, "clientToken": None})["support"]
    assert (account.max_unblocks, account.sandbox, account.client_token) == (None, None, None)
    assert "whatsapp:accounts.support.timeout is 'None'; it must be a number of seconds above 0" in why_not_usable(
        load_accounts({}, support={**META, "timeout": None}), "support"
    )


# -- mistakes


def test_mistakes_are_told_in_one_order() -> None:
    wrong = {"WHATSAPP_TIMEOUT": "soon", "WHATSAPP_MAX_RETRIES": "many"}
    assert why_not_usable(load_accounts(ZAPI, wrong)) == why_not_usable(
        load_accounts(ZAPI, dict(reversed(wrong.items())))
    )


@pytest.mark.parametrize("gateway", [["meta"], {"meta": 1}, True])
def test_a_gateway_that_is_no_text_is_an_unknown_one(gateway: object) -> None:
    text = why_not_usable(load_accounts({}, support={**META, "gateway": gateway}), "support")
    assert f"whatsapp:accounts.support.gateway is {gateway!r}; it must be one of zapi, " in text


def test_a_sandbox_has_no_address() -> None:
    text = why_not_usable(load_accounts({**ZAPI, "sandbox": "a", "baseUrl": "https://api.test"}))
    assert "whatsapp:baseUrl and whatsapp:sandbox contradict each other" in text
    other = load_accounts({**ZAPI, "sandbox": "a"}, support={**META, "baseUrl": "https://api.test"})
    assert "whatsapp:accounts.support.baseUrl and whatsapp:sandbox contradict" in why_not_usable(other, "support")
    assert load_accounts({**ZAPI, "sandbox": "a"}, support={**META, "baseUrl": "https://api.test", "sandbox": ""})[
        "support"
    ]


def test_a_key_that_no_gateway_asks_for_is_never_another_gateway_s() -> None:
    asked = {key for gateway in GATEWAYS.values() for key in gateway.requirements.keys}
    given = dict.fromkeys(ACCOUNT_KEYS, "1")
    for name in GATEWAYS:
        said = "".join(load_accounts({**given, "gateway": name}).unused["default"])
        assert {key for key in ACCOUNT_KEYS if f"whatsapp:{key} " in said} == asked - {
            *GATEWAYS[name].requirements.keys
        }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("maxUnblock", "maxUnblocks"),
        ("max_unblocks", "maxUnblocks"),
        ("client_token", "clientToken"),
        ("tokne", "token"),
        ("account", "accounts"),
    ],
)
def test_a_misspelt_key_spoils_every_account(written: str, meant: str) -> None:
    configured = load_accounts({**ZAPI, written: "1"}, support=META)
    for name in ("default", "support"):
        says = f"whatsapp:{written} is not a key of this provider; did you mean {meant}?"
        assert says in why_not_usable(configured, name)


def test_a_misspelt_key_of_a_named_account_spoils_every_account() -> None:
    configured = load_accounts(ZAPI, support={**META, "maxUnblock": "1"})
    says = "whatsapp:accounts.support.maxUnblock is not a key of this provider; did you mean maxUnblocks?"
    for name in ("default", "support"):
        assert why_not_usable(configured, name).count(says) == 1


def test_a_project_with_the_namespace_s_name_may_have_keys_of_its_own() -> None:
    def configured(**more: str) -> Configuration:
        return load({**ZAPI, **more}, {}, GATEWAYS, root=ROOT, project="whatsapp")

    assert configured(greeting="hello")["default"].instance == "3A5B"
    assert "did you mean maxUnblocks?" in why_not_usable(configured(maxUnblock="1"))


@pytest.mark.parametrize("text", ["[]", "no json", '"x"', '{"a": 1}', '{"a": []}'])
def test_accounts_must_be_an_object_of_objects(text: str) -> None:
    assert "whatsapp:accounts must be an object" in why_not_usable(load_accounts({**ZAPI, "accounts": text}))


@pytest.mark.parametrize("name", ["On-Call", "on_call", "a b", "", "default"])
def test_account_names_are_plain(name: str) -> None:
    configured = load_accounts(ZAPI, **{name: META})
    assert "rename it" in why_not_usable(configured)
    assert "rename it" in why_not_usable(configured, "support")


def test_an_account_that_nobody_uses_may_be_broken() -> None:
    configured = load_accounts(ZAPI, support={"gateway": "meta"})
    assert configured["default"].instance == "3A5B"
    why_not_usable(configured, "support")


def test_an_account_that_does_not_exist_names_those_that_do() -> None:
    text = why_not_usable(load_accounts(ZAPI, support=META), "sales")
    assert "no account 'sales' is configured (there is: default, support)" in text
    assert "pulumi config set --path whatsapp:accounts.sales.gateway" in text


def test_a_sandbox_needs_an_identity_and_no_credentials() -> None:
    account = load_accounts({"gateway": "zapi", "instance": "3A5B", "sandbox": "wa.sandbox"})["default"]
    assert account.token is not None
    text = why_not_usable(load_accounts({"gateway": "zapi", "sandbox": "wa.sandbox"}))
    assert "whatsapp:instance is missing" in text
    assert "token" not in text


# -- an explicit provider


def _provider(keys: Mapping[str, Any], environment: dict[str, str] | None = None) -> AccountConfig | ConfigurationError:
    configured = load_provider("support-line", keys, environment or {}, GATEWAYS, root=ROOT)
    assert configured.default == "provider:support-line"
    try:
        return configured[configured.default]
    except ConfigurationError as error:
        return error


def test_an_explicit_provider_is_one_account_of_its_own_keys() -> None:
    account = _provider(META)
    assert isinstance(account, AccountConfig)
    assert (account.gateway, account.named) == ("meta", None)
    assert account.called == "provider 'support-line'"
    assert account.whence("token") == "token"
    with pytest.raises(ConfigurationError, match="names none: remove `account`"):
        load_provider("support-line", META, {}, GATEWAYS, root=ROOT)["other"]


def test_the_environment_speaks_to_a_provider_by_its_name() -> None:
    keys = {key: value for key, value in META.items() if key != "token"}
    why = _provider(keys, {"WHATSAPP_TOKEN": "m3ta", "WHATSAPP_GATEWAY": "zapi"})
    assert isinstance(why, ConfigurationError)
    assert "token of provider 'support-line' is missing (give it" in str(why)
    assert "WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN" in str(why)
    account = _provider(keys, {"WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN": "m3ta", "WHATSAPP_MAX_UNBLOCKS": "3"})
    assert isinstance(account, AccountConfig)
    assert account.max_unblocks == 3
    assert account.whence("token") == "token (WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN in the environment)"


def test_what_a_provider_does_not_have_is_refused_with_what_was_meant() -> None:
    why = str(_provider({**META, "maxUnblock": 1}))
    assert "maxUnblock of provider 'support-line' is not a key" in why
    assert "did you mean maxUnblocks?" in why
    assert "contradicts phoneNumberId of provider" in str(
        _provider(META, {"WHATSAPP_ACCOUNTS_SUPPORT_LINE_PHONE_NUMBER_ID": "2"})
    )
