"""The accounts that a stack configures, from its configuration and the environment.

`load` is a pure function of both: it reads nothing itself and raises nothing. An account that is not usable is
reported only when something asks for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel

from .errors import ConfigurationError
from .phone import canonical

NAMESPACE: Final = "whatsapp"
DEFAULT: Final = "default"

SECRETS: Final = frozenset({"token", "clientToken", "apiKey"})
_ENVIRONMENT_ONLY_FALLS_BACK: Final = frozenset(
    {"gateway", "instance", "sid", "region", "phoneNumber", "phoneNumberId", "baseUrl", "sandbox", "formerly"}
)
_INHERITED: Final[tuple[str, ...]] = (
    "timeout",
    "maxRetries",
    "requestsPerMinute",
    "maxConcurrency",
    "maxUnblocks",
    "timeBudget",
    "defaultRegion",
    "sandbox",
    "acceptVanished",
)
_SAFETY: Final = ("maxUnblocks", "acceptVanished")
"""In the environment these hold for every account: what a message advises must work."""
_ACCOUNT_NAME: Final = re.compile(r"^[a-z0-9-]+$")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _as_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


class AccountConfig(BaseModel):
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
        formerly: account ids under which this same WhatsApp account stands in existing state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    gateway: str
    instance: str | None = Field(default=None, min_length=1)
    token: SecretStr | None = Field(default=None, min_length=1)
    client_token: SecretStr | None = Field(default=None, min_length=1)
    api_key: SecretStr | None = Field(default=None, min_length=1)
    sid: str | None = Field(default=None, min_length=1)
    region: Literal["in", "ap", "eu", "na"] | None = None
    phone_number: str | None = None
    phone_number_id: str | None = Field(default=None, pattern=r"^\d+$")
    api_version: str | None = Field(default=None, pattern=r"^v\d+\.\d+$")
    formerly: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    base_url: str | None = None
    timeout: float = Field(default=30, gt=0)
    max_retries: int = Field(default=4, ge=0)
    requests_per_minute: int | None = Field(default=None, gt=0)
    max_concurrency: int = Field(default=8, gt=0)
    max_unblocks: int | None = Field(default=None, ge=0)
    time_budget: float = Field(default=900, gt=0)
    default_region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    sandbox: Path | None = None
    accept_vanished: bool = False

    @field_validator("token", "client_token", "api_key")
    @classmethod
    def _sendable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value().strip()  # a file's last line break is no part of a credential
        if not text or not text.isascii() or not text.isprintable():
            raise ValueError("a credential is printable ASCII without line breaks; set it again")
        return SecretStr(text)

    @field_validator("phone_number")
    @classmethod
    def _canonical_number(cls, value: str | None) -> str | None:
        return None if value is None else canonical(value)

    @field_validator("base_url")
    @classmethod
    def _usable_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError("it must be an http(s) URL")
        if url.scheme == "http" and url.hostname not in _LOOPBACK:
            raise ValueError("credentials go over https; plain http is accepted for this machine only")
        return value.rstrip("/")

    def secrets(self) -> list[str]:
        """Return every credential in the clear, for redaction."""
        held = (self.token, self.client_token, self.api_key)
        return [secret.get_secret_value() for secret in held if secret is not None]


@dataclass(frozen=True)
class Requirements:
    """The keys that a gateway needs, in camel case: who the account is, and what it proves that with."""

    identity: tuple[str, ...]
    credentials: tuple[str, ...]


class Configuration:
    """The configured accounts, by name; ``default`` is the one that resources use when they name none.

    Args:
        accounts: each account, or why it is not usable.
        error: why none of them can be told.
    """

    def __init__(
        self,
        accounts: Mapping[str, AccountConfig | ConfigurationError],
        error: ConfigurationError | None = None,
    ) -> None:
        self._accounts = accounts
        self._error = error

    def __getitem__(self, name: str) -> AccountConfig:
        """Return the account ``name``.

        Raises:
            ConfigurationError: when it is missing or not usable.
        """
        account = self._accounts.get(name, self._error)
        if account is None:
            known = ", ".join(sorted(self._accounts)) or "none"
            raise ConfigurationError(
                f"no account {name!r} is configured (there is: {known}); add it with "
                f"pulumi config set --path {NAMESPACE}:accounts.{name}.gateway <gateway>"
            )
        if isinstance(account, ConfigurationError):
            raise account
        return account

    def names(self) -> list[str]:
        """Return the names of all accounts, those that are not usable included."""
        return sorted(self._accounts)


def load(
    config: Mapping[str, str],
    environment: Mapping[str, str],
    gateways: Mapping[str, Requirements],
    *,
    root: Path,
) -> Configuration:
    """Return the accounts that a stack's configuration and the environment describe.

    Args:
        config: the keys of the namespace ``whatsapp``, without the namespace; objects as JSON text.
        environment: the environment's variables.
        gateways: what each known gateway needs.
        root: the folder of ``Pulumi.yaml``, to which a relative ``sandbox`` is relative.
    """
    try:
        named = _named_accounts(config.get("accounts"))
    except ConfigurationError as error:
        return Configuration({DEFAULT: error}, error)
    own = {key: value for key, value in config.items() if key != "accounts"}
    given = from_environment(environment, named)
    shared, _ = _merge(DEFAULT, own, given.get(DEFAULT, {}))
    accounts: dict[str, AccountConfig | ConfigurationError] = {}
    if "gateway" in shared or not (named or given.keys() - {DEFAULT}):
        accounts[DEFAULT] = _build(DEFAULT, own, given.get(DEFAULT, {}), {}, gateways, root)
    inherited = {key: shared[key] for key in _INHERITED if key in shared}
    safety = {key: value for key, value in given.get(DEFAULT, {}).items() if key in _SAFETY}
    for name in named.keys() | given.keys() - {DEFAULT}:
        from_outside = {**safety, **given.get(name, {})}
        accounts[name] = _build(name, named.get(name, {}), from_outside, inherited, gateways, root)
    return Configuration(accounts)


def _named_accounts(text: str | None) -> dict[str, dict[str, Any]]:
    if not text:
        return {}
    key = f"{NAMESPACE}:accounts"
    try:
        accounts = json.loads(text)
    except ValueError:
        accounts = None
    if not isinstance(accounts, dict) or not all(isinstance(keys, dict) for keys in accounts.values()):
        raise ConfigurationError(
            f"{key} must be an object: account name -> keys; set each with "
            f"pulumi config set --path {key}.<name>.<key> <value>"
        )
    for name in accounts:
        if not _ACCOUNT_NAME.match(name) or name == DEFAULT:
            raise ConfigurationError(
                f"{key} has an account named {name!r}; names are lower-case letters, digits and hyphens, "
                f"and {DEFAULT!r} is the account outside {key}: rename it"
            )
    return {name: {key: _as_text(value) for key, value in keys.items()} for name, keys in accounts.items()}


def _as_text(value: Any) -> Any:
    """Return what ``pulumi config set --path`` took for a number as the text that it was."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


_KEYS: Final = tuple(
    str(field.alias) for field in AccountConfig.model_fields.values()
)  # every key, as the configuration spells it
_ENVIRONMENT_KEYS: Final = sorted(
    ((re.sub(r"([A-Z])", r"_\1", key).upper(), key) for key in _KEYS), key=lambda pair: -len(pair[0])
)  # longest first: PHONE_NUMBER_ID before PHONE_NUMBER


def from_environment(environment: Mapping[str, str], named: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return account name -> key -> value of the variables ``WHATSAPP_…``; empty ones count as absent.

    Args:
        environment: the environment's variables.
        named: the accounts that the stack's configuration names, for the spelling of theirs.
    """
    spelt = {name.upper().replace("-", "_"): name for name in named}
    found: dict[str, dict[str, str]] = {}
    for variable, value in environment.items():
        if not value or not variable.startswith("WHATSAPP_"):
            continue
        rest = variable.removeprefix("WHATSAPP_")
        if rest.startswith("ACCOUNTS_"):
            rest = rest.removeprefix("ACCOUNTS_")
            for suffix, key in _ENVIRONMENT_KEYS:
                if rest.endswith(f"_{suffix}"):
                    account = rest.removesuffix(f"_{suffix}")
                    name = spelt.get(account, account.lower().replace("_", "-"))
                    found.setdefault(name, {})[key] = value
                    break
        else:
            key = dict(_ENVIRONMENT_KEYS).get(rest, "")
            if key:
                found.setdefault(DEFAULT, {})[key] = value
    return found


def _merge(name: str, own: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the keys in force, and what contradicts itself."""
    merged = dict(own)
    problems = []
    for key, value in environment.items():
        if key not in _ENVIRONMENT_ONLY_FALLS_BACK or key not in own:
            merged[key] = value
        elif str(own[key]) != value:
            problems.append(
                f"{_variable(name, key)} in the environment contradicts {_key(name, key)}; unset the one that is wrong"
            )
    return merged, problems


def _build(
    name: str,
    own: Mapping[str, Any],
    environment: Mapping[str, str],
    inherited: Mapping[str, Any],
    gateways: Mapping[str, Requirements],
    root: Path,
) -> AccountConfig | ConfigurationError:
    merged, problems = _merge(name, own, environment)
    merged = {**inherited, **merged}
    gateway = merged.get("gateway")
    needs = gateways.get(str(gateway))
    if gateway is None:
        problems.append(_missing(name, "gateway", f"one of {', '.join(gateways)}"))
    elif needs is None:
        problems.append(f"{_key(name, 'gateway')} is {gateway!r}; it must be one of {', '.join(gateways)}")
    else:
        if merged.get("sandbox"):
            for key in needs.credentials:
                merged.setdefault(key, "sandbox-credential")
        wanted = (*needs.identity, *needs.credentials)
        problems += [_missing(name, key) for key in wanted if not merged.get(key)]
    if merged.get("sandbox"):
        merged["sandbox"] = str(root / Path(str(merged["sandbox"])).expanduser())
    else:
        merged.pop("sandbox", None)  # an empty one leaves the sandbox that would be inherited
    account: AccountConfig | None = None
    try:
        account = AccountConfig.model_validate({"gateway": "", **merged})
    except ValidationError as error:
        problems += [_wrong(name, dict(detail)) for detail in error.errors(include_url=False, include_input=False)]
    if problems or account is None:
        where = "the default account" if name == DEFAULT else f"account {name!r}"
        return ConfigurationError(f"{where} is not usable: {'; '.join(problems)}", problems)
    return account


def _wrong(name: str, detail: Mapping[str, Any]) -> str:
    key = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        return f"{_key(name, key)} is not a key of this provider; remove it"
    return f"{_key(name, key)} is wrong: {str(detail['msg']).removeprefix('Value error, ')}"


def _missing(name: str, key: str, hint: str = "<value>") -> str:
    secret = "--secret " if key in SECRETS else ""
    path = "--path " if name != DEFAULT else ""
    value = hint if hint.startswith("<") else f"<{hint}>"
    return (
        f"{_key(name, key)} is missing (pulumi config set {secret}{path}{_key(name, key)} {value}, "
        f"or {_variable(name, key)} in the environment)"
    )


def _key(name: str, key: str) -> str:
    return f"{NAMESPACE}:{key}" if name == DEFAULT else f"{NAMESPACE}:accounts.{name}.{key}"


def _variable(name: str, key: str) -> str:
    words = re.sub(r"([A-Z])", r"_\1", key).upper()
    return f"WHATSAPP_{words}" if name == DEFAULT else f"WHATSAPP_ACCOUNTS_{name.upper().replace('-', '_')}_{words}"


__all__ = [
    "DEFAULT",
    "NAMESPACE",
    "AccountConfig",
    "Configuration",
    "Requirements",
    "from_environment",
    "load",
]
