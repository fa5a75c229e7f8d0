"""The keys of an account, each of them once: what it is for, what it may be, what it is by default, what it means.

The table of keys in docs/configuration.md is made from this (``scripts/tables.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic_core import CoreSchema, ErrorDetails, SchemaValidator, ValidationError, core_schema

from ..names import Contact
from ..redact import Secret
from ..spelling import to_camel
from . import kinds

NAMESPACE: Final = "whatsapp"
DEFAULT: Final = "default"
PROVIDER: Final = "provider:"
"""Begins the name of the one account of an explicit provider."""

Role = Literal["place", "identity", "credential", "safety", "tuning"]
"""What a key is for. That decides where its value may come from:

- ``place``: where the account is reached; ``identity``: who it is there. The environment is a fallback for both, and a
  contradiction is an error: another account would be meant.
- ``credential``: what the account proves that with. The environment wins, since a refresh sees the configuration of
  the last update.
- ``safety``: what may be undone or lost. The environment wins, and holds for every account: what a message advises must
  work.
- ``tuning``: how to go about it. The environment wins.

Named accounts inherit safety and tuning. `Requirements` of a gateway name keys of identity and credential.
"""


def _key(role: Role, kind: CoreSchema, meaning: str, default: Any = None, *, otherwise: str = "") -> Any:
    """Return a key's field; `otherwise` says what holds where it has neither a value nor a default."""
    return field(default=default, metadata={"role": role, "kind": kind, "meaning": meaning, "otherwise": otherwise})


@dataclass(frozen=True, kw_only=True)
class AccountConfig:
    """One WhatsApp account: the gateway it is reached through, who it is there, and how to behave.

    Attributes:
        name: what the configuration calls the account.
        spelt: key -> where it stands: a key of the stack, or a variable of the environment.
    """

    gateway: str = _key("place", kinds.ANY, "the gateway that the account is reached through", "")
    instance: str | None = _key("identity", kinds.TEXT, "the gateway's id or name of the instance")
    phone_number: str | None = _key("identity", kinds.PHONE_NUMBER, "the account's own number, e.g. `+5511900000000`")
    phone_number_id: str | None = _key("identity", kinds.DIGITS, "Meta's id of the number, e.g. `106540352242922`")
    sid: str | None = _key("identity", kinds.TEXT, "Kaleyra's id of the account")
    region: str | None = _key("identity", kinds.REGION, "Kaleyra's region: `in`, `ap`, `eu` or `na`")
    token: Secret | None = _key("credential", kinds.CREDENTIAL, "the token of the instance, or Meta's access token")
    client_token: Secret | None = _key("credential", kinds.CREDENTIAL, "Z-API's account security token")
    api_key: Secret | None = _key("credential", kinds.CREDENTIAL, "the API key of 360dialog or Kaleyra")
    base_url: str | None = _key(
        "place", kinds.ADDRESS, "the address before the gateway's documented paths", otherwise="the gateway's own"
    )
    sandbox: Path | None = _key(
        "place",
        kinds.SANDBOX,
        "the file of a sandbox, relative to `Pulumi.yaml`; while it is set, nothing reaches WhatsApp",
    )
    formerly: tuple[str, ...] = _key(
        "place", kinds.IDS, "ids that this account has had; what the state holds of them belongs to it", ()
    )
    api_version: str = _key("tuning", kinds.VERSION, "the version of Meta's Graph API", "v23.0")
    timeout: float = _key("tuning", kinds.SECONDS, "seconds for one request and its whole answer", 30)
    max_retries: int = _key("tuning", kinds.COUNT, "how often a request is sent again after the first time", 4)
    requests_per_minute: int | None = _key(
        "tuning", kinds.LIMIT, "the most requests in any minute", otherwise="what the gateway documents"
    )
    max_concurrency: int = _key("tuning", kinds.LIMIT, "the most requests at the same time", 8)
    time_budget: float = _key(
        "tuning", kinds.SECONDS, "seconds after which a long operation stops and leaves the rest to the next one", 900
    )
    default_region: str | None = _key(
        "tuning",
        kinds.COUNTRY,
        "the country of numbers that have no country code, e.g. `BR`",
        otherwise="numbers need a country code",
    )
    max_unblocks: int | None = _key(
        "safety",
        kinds.COUNT,
        "the most contacts that one run may unblock; the preview of a run that would unblock more fails",
        otherwise="no limit",
    )
    accept_vanished: bool = _key(
        "safety", kinds.SWITCH, "a refresh may record that most of a list has vanished; otherwise it fails", False
    )
    accept_shrink: bool = _key(
        "safety",
        kinds.SWITCH,
        "a list of ten or more may lose over half of its contacts; otherwise the preview fails",
        False,
    )
    retry_refused: bool = _key(
        "safety",
        kinds.SWITCH,
        "an update tries refused contacts again, also where the Blocklist allows failures",
        False,
    )
    give_up: tuple[Contact, ...] = _key(
        "safety", kinds.CONTACTS, "contacts that a delete removes from the state although they may still be blocked", ()
    )
    name: str = field(default=DEFAULT, compare=False)
    spelt: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def called(self) -> str:
        """What messages call the account: its id does not say which of several names it has."""
        return called(self.name)

    @property
    def named(self) -> str | None:
        """The name by which a resource picks the account; None where it names none."""
        return None if self.name == DEFAULT or self.name.startswith(PROVIDER) else self.name

    def whence(self, key: str) -> str:
        """Return a key and where its value comes from, ``token (WHATSAPP_TOKEN in the environment)``."""
        spelt = self.spelt.get(key)
        if spelt is None or spelt == f"{key} of {self.called}":  # an explicit provider is named beside it anyway
            return key
        return f"{key} ({spelt} in the {'stack' if ':' in spelt else 'environment'})"

    def described(self) -> dict[str, object]:
        """Return the value of every key, credentials in the clear, to compare two accounts."""
        named = {key: getattr(self, each.name) for key, each in _FIELDS.items()}
        return {key: value.reveal() if isinstance(value, Secret) else value for key, value in named.items()}

    def secrets(self) -> list[str]:
        """Return every credential in the clear, for redaction."""
        held = (self.token, self.client_token, self.api_key)
        return [secret.reveal() for secret in held if secret is not None] + kinds.passwords(self.base_url or "")


_FIELDS: Final = {to_camel(each.name): each for each in fields(AccountConfig) if each.metadata}
ACCOUNT_KEYS: Final = tuple(_FIELDS)
"""Every key of an account, as the configuration spells it."""
KEYS: Final = (*ACCOUNT_KEYS, "accounts")
"""Every key of the namespace."""


def keys_of(*roles: Role) -> frozenset[str]:
    """Return the keys with one of these roles."""
    return frozenset(key for key, each in _FIELDS.items() if each.metadata["role"] in roles)


SECRETS: Final = keys_of("credential")


def described(key: str) -> list[str]:
    """Return what is said of a key: its role, its meaning, and what holds where nothing is configured."""
    each = _FIELDS[key]
    default = str(each.default).lower() if each.default not in {None, "", ()} else each.metadata["otherwise"]
    return [each.metadata["role"], each.metadata["meaning"], default]


def called(name: str) -> str:
    """Return what messages call the account `name`."""
    if name.startswith(PROVIDER):
        return f"provider {name.removeprefix(PROVIDER)!r}"
    return "the default account" if name == DEFAULT else f"account {name!r}"


@cache
def _validator() -> SchemaValidator:
    """Return what reads the keys of an account; made when one is read, since most programs read none."""
    schemas = {key: (each.metadata["kind"], each.default is None) for key, each in _FIELDS.items()}
    return SchemaValidator(
        core_schema.typed_dict_schema(
            {
                key: core_schema.typed_dict_field(core_schema.nullable_schema(kind) if absent else kind, required=False)
                for key, (kind, absent) in schemas.items()
            }
        )
    )


def read_account(
    values: Mapping[str, object], name: str, spelt: Mapping[str, str], root: Path
) -> tuple[AccountConfig | None, dict[str, ErrorDetails]]:
    """Return the account that keys and their values describe, or None, and what is wrong: key -> why.

    Args:
        values: key -> value.
        name: what the configuration calls the account.
        spelt: key -> where it stands.
        root: the folder that a relative file is relative to.
    """
    try:
        read = _validator().validate_python(values, context={"root": root})
    except ValidationError as error:
        wrong: dict[str, ErrorDetails] = {}
        for each in error.errors(include_url=False):
            wrong.setdefault(str(each["loc"][0]), each)
        return None, wrong
    return AccountConfig(**{_FIELDS[key].name: value for key, value in read.items()}, name=name, spelt=spelt), {}
