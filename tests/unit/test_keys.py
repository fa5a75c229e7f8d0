"""What an account of the configuration says of itself."""

from __future__ import annotations

from dataclasses import asdict

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
