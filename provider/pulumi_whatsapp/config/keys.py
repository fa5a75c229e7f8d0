"""One account as the configuration describes it: every key, what it may be, and what it is by default.

Every preview reads it twice, in the program and in the provider. So it does without pydantic: importing that takes
longer than importing phonenumbers and the rest of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from . import kinds as of
from ..names import Contact
from ..redact import Secret
from ..spelling import to_camel

NAMESPACE: Final = "whatsapp"
DEFAULT: Final = "default"
SECRETS: Final = frozenset({"token", "clientToken", "apiKey"})


def _key(read: Callable[[object], Any], default: Any = None) -> Any:
    return field(default=default, metadata={"read": read})


@dataclass(frozen=True, kw_only=True)
class AccountConfig:
    """One WhatsApp account: the gateway it is reached through, who it is there, and how to behave.

    Attributes:
        timeout: seconds for one request.
        max_retries: how often a request is tried again after the first time.
        requests_per_minute: the most requests sent in any minute; by default what the gateway documents.
        max_concurrency: the most requests under way at once.
        max_unblocks: the most contacts that one operation may unblock; no limit when absent.
        time_budget: seconds after which a long operation stops and leaves the rest to the next one.
        default_region: the country of national phone numbers, two letters.
        sandbox: the file of an in-process sandbox that stands in for the gateway.
        accept_vanished: let a refresh record that most of a resource's contacts are no longer blocked.
        accept_shrink: let a list lose more than half of its contacts at once.
        retry_refused: try contacts again that the gateway refused and that ``allow_failures`` lets pass.
        formerly: account ids under which this same WhatsApp account stands in existing state.
        give_up: contacts that a delete lets out of the state although they may still be blocked.
        name: what the configuration calls the account.
        spelt: key -> where it stands: a key of the stack, or a variable of the environment.
    """

    gateway: str = field(metadata={"read": str})
    instance: str | None = _key(of.text)
    token: Secret | None = _key(of.credential)
    client_token: Secret | None = _key(of.credential)
    api_key: Secret | None = _key(of.credential)
    sid: str | None = _key(of.text)
    region: str | None = _key(of.matching(r"in|ap|eu|na", "one of in, ap, eu, na"))
    phone_number: str | None = _key(of.phone_number)
    phone_number_id: str | None = _key(of.matching(r"[0-9]+", "digits only, e.g. 106540352242922"))
    api_version: str | None = _key(of.matching(r"v[0-9]+\.[0-9]+", "a version like v23.0"))
    formerly: tuple[str, ...] = _key(of.account_ids, ())
    base_url: str | None = _key(of.address)
    timeout: float = _key(of.seconds, 30)
    max_retries: int = _key(of.whole(0), 4)
    requests_per_minute: int | None = _key(of.whole(1))
    max_concurrency: int = _key(of.whole(1), 8)
    max_unblocks: int | None = _key(of.whole(0))
    time_budget: float = _key(of.seconds, 900)
    default_region: str | None = _key(of.matching(r"[A-Z]{2}", "a country's two capital letters, e.g. BR"))
    sandbox: Path | None = _key(of.path)
    accept_vanished: bool = _key(of.switch, False)
    accept_shrink: bool = _key(of.switch, False)
    retry_refused: bool = _key(of.switch, False)
    give_up: tuple[Contact, ...] = _key(of.contacts, ())
    name: str = field(default=DEFAULT, compare=False)
    spelt: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def called(self) -> str:
        """What messages call the account: its id does not say which of several names it has."""
        return "the default account" if self.name == DEFAULT else f"account {self.name!r}"

    def whence(self, key: str) -> str:
        """Return a key and where its value comes from, ``token (WHATSAPP_TOKEN in the environment)``."""
        spelt = self.spelt.get(key)
        if spelt is None:
            return key
        return f"{key} ({spelt} in the {'stack' if ':' in spelt else 'environment'})"

    def described(self) -> dict[str, object]:
        """Return the value of every key, credentials in the clear, to compare two accounts."""
        named = {key: getattr(self, each.name) for key, each in _FIELDS.items()}
        return {key: value.reveal() if isinstance(value, Secret) else value for key, value in named.items()}

    def secrets(self) -> list[str]:
        """Return every credential in the clear, for redaction."""
        held = (self.token, self.client_token, self.api_key)
        return [secret.reveal() for secret in held if secret is not None] + of.passwords(self.base_url or "")


_FIELDS: Final = {to_camel(each.name): each for each in fields(AccountConfig) if each.metadata}
ACCOUNT_KEYS: Final = tuple(_FIELDS)
"""Every key of an account, as the configuration spells it."""
KEYS: Final = (*ACCOUNT_KEYS, "accounts")
"""Every key of the namespace."""


def read_account(
    values: Mapping[str, object], name: str, spelt: Mapping[str, str]
) -> tuple[AccountConfig | None, dict[str, ValueError]]:
    """Return the account that keys and their values describe, or None, and what is wrong: key -> why.

    Args:
        values: key -> value.
        name: what the configuration calls the account.
        spelt: key -> where it stands.
    """
    read: dict[str, Any] = {}
    wrong: dict[str, ValueError] = {}
    for key, each in _FIELDS.items():
        if values.get(key, each.default) is each.default:
            continue
        try:
            read[each.name] = each.metadata["read"](values[key])
        except ValueError as why:
            wrong[key] = why
    return (None if wrong else AccountConfig(**read, name=name, spelt=spelt)), wrong
