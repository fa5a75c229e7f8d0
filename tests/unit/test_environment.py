"""Which key of which account a variable of the environment gives, and which one looks as if it did."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_whatsapp.config.environment import from_environment, variable
from pulumi_whatsapp.config.keys import ACCOUNT_KEYS, DEFAULT
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.spelling import to_snake

from .configured import META, ZAPI, load_accounts, token_of


def test_everything_may_come_from_the_environment() -> None:
    environment = {
        "WHATSAPP_GATEWAY": "zapi",
        "WHATSAPP_INSTANCE": "3A5B",
        "WHATSAPP_TOKEN": "t0ken",
        "WHATSAPP_CLIENT_TOKEN": "cl1ent",
        "WHATSAPP_DEFAULT_REGION": "BR",
    }
    account = load_accounts({}, environment)["default"]
    assert (account.gateway, account.instance, account.default_region) == ("zapi", "3A5B", "BR")


def test_an_empty_variable_is_none() -> None:
    assert token_of(load_accounts(ZAPI, {"WHATSAPP_TOKEN": "", "WHATSAPP_INSTANCE": ""})["default"]) == "t0ken"


def test_named_accounts_get_their_own_variables_longest_key_first() -> None:
    environment = {
        "WHATSAPP_ACCOUNTS_ON_CALL_PHONE_NUMBER_ID": "42",
        "WHATSAPP_ACCOUNTS_ON_CALL_PHONE_NUMBER": "+5511900000000",
        "WHATSAPP_ACCOUNTS_ON_CALL_CLIENT_TOKEN": "client",
        "WHATSAPP_ACCOUNTS_ON_CALL_TOKEN": "token",
        "WHATSAPP_ACCOUNTS_ON_CALL_REGION": "eu",
        "WHATSAPP_ACCOUNTS_ON_CALL_DEFAULT_REGION": "BR",
        "WHATSAPP_TOKEN": "of the default account",
    }
    account = load_accounts({}, environment, **{"on-call": {"gateway": "meta"}})["on-call"]
    assert account.phone_number_id == "42"
    assert account.phone_number == "+5511900000000"
    assert account.client_token is not None
    assert account.client_token.reveal() == "client"
    assert token_of(account) == "token"
    assert (account.region, account.default_region) == ("eu", "BR")


def test_an_account_may_stand_in_the_environment_only() -> None:
    environment = {
        "WHATSAPP_ACCOUNTS_NIGHT_SHIFT_GATEWAY": "meta",
        "WHATSAPP_ACCOUNTS_NIGHT_SHIFT_PHONE_NUMBER_ID": "42",
        "WHATSAPP_ACCOUNTS_NIGHT_SHIFT_TOKEN": "m3ta",
    }
    assert load_accounts({}, environment).names() == ["night-shift"]
    assert load_accounts({}, environment)["night-shift"].phone_number_id == "42"


def test_an_account_may_be_called_as_a_part_of_a_key() -> None:
    environment = {"WHATSAPP_ACCOUNTS_CLIENT_TOKEN": "token", "WHATSAPP_ACCOUNTS_CLIENT_CLIENT_TOKEN": "client"}
    account = load_accounts({}, environment, client={"gateway": "zapi", "instance": "I"})["client"]
    assert account.secrets() == ["token", "client"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("WHATSAPP_MAX_UNBLOCK", "WHATSAPP_MAX_UNBLOCKS"),
        ("WHATSAPP_MAXUNBLOCKS", "WHATSAPP_MAX_UNBLOCKS"),
        ("WHATSAPP_TOKN", "WHATSAPP_TOKEN"),
        ("WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCK", "WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCKS"),
        ("WHATSAPP_ACCOUNT_ON_CALL_CLIENT_TOKEN", "WHATSAPP_ACCOUNTS_ON_CALL_CLIENT_TOKEN"),
        ("WHATSAPP_ACCOUNTS_ONCAL_MAX_UNBLOCKS", "WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCKS"),
    ],
)
def test_a_misspelt_variable_is_warned_of(written: str, meant: str) -> None:
    configured = load_accounts(ZAPI, {written: "1"}, **{"on-call": META})
    assert configured.warnings() == [f"{written} in the environment is ignored; did you mean {meant}?"]
    assert configured["default"].max_unblocks is None


def test_variables_of_other_programs_are_none_of_ours() -> None:
    others = ("WHATSAPP_DEBUG", "WHATSAPP_ID", "WHATSAPP_API_URL", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_WEBHOOK_SECRET")
    ours = {"WHATSAPP_MAX_UNBLOCKS": "1", "WHATSAPP_ACCOUNTS_ON_CALL_REGION": "eu", "WHATSAPP_TOKN": ""}
    assert load_accounts(ZAPI, {**dict.fromkeys(others, "1"), **ours}, **{"on-call": META}).warnings() == []


_ENDS = sorted({words.lower() for key in ACCOUNT_KEYS for words in to_snake(key).split("_")})
_NAMES = st.lists(st.sampled_from([*_ENDS, "vip", "on", "1"]), min_size=1, max_size=3).map("-".join)


@example("vip-client", "token")
@example("x-default", "region")
@given(_NAMES.filter(lambda name: name != DEFAULT), st.sampled_from(ACCOUNT_KEYS))
def test_the_variable_that_a_message_advises_gives_that_key_of_that_account(name: str, key: str) -> None:
    """Also where the name ends as a longer key begins, as that of `vip-client` does."""
    assert from_environment({variable(name, key): "1"}, [name]) == {name: {key: "1"}}
    assert from_environment({variable(DEFAULT, key): "1"}, [name]) == {DEFAULT: {key: "1"}}


def test_a_name_that_begins_as_another_does_hides_no_misspelt_variable() -> None:
    configured = load_accounts(ZAPI, {"WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCK": "1"}, on=META, **{"on-call": META})
    (warning,) = configured.warnings()
    assert warning.endswith("did you mean WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCKS?")


def test_a_variable_that_may_be_of_two_accounts_is_of_neither() -> None:
    """A credential must not go to the wrong gateway."""
    environment = {"WHATSAPP_ACCOUNTS_VIP_CLIENT_TOKEN": "s3cret", "WHATSAPP_ACCOUNTS_VIP_TOKEN": "t0ken"}
    vip = {"gateway": "zapi", "instance": "I"}
    configured = load_accounts({}, environment, vip=vip, **{"vip-client": {"gateway": "meta", "phoneNumberId": "1"}})
    (warning,) = configured.warnings()
    assert warning == (
        "WHATSAPP_ACCOUNTS_VIP_CLIENT_TOKEN in the environment is ignored; it may be clientToken of account 'vip' or "
        "token of account 'vip-client', so give one of these accounts another name"
    )
    for name in ("vip", "vip-client"):
        with pytest.raises(ConfigurationError, match="oken is missing"):
            configured[name]
    twins = load_accounts({}, {"WHATSAPP_ACCOUNTS_A_B_TOKEN": "s3cret"}, **{"a-b": META, "a--b": META})
    assert "token of account 'a-b' or token of account 'a--b'" in twins.warnings()[0]
