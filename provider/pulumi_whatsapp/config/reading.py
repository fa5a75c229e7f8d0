"""The accounts that a stack configures, from its configuration and the environment.

`load` is a pure function of both: it reads nothing itself and raises nothing. An account that is not usable is
reported only when something asks for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from . import problems as say
from .keys import ACCOUNT_KEYS, DEFAULT, KEYS, NAMESPACE, SECRETS, AccountConfig, read_account
from .kinds import Misfit, is_switch
from .environment import from_environment, misspelt, variable
from ..errors import ConfigurationError
from ..spelling import closest

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
    "acceptShrink",
    "retryRefused",
    "giveUp",
)
_SAFETY: Final = ("maxUnblocks", "acceptVanished", "acceptShrink", "retryRefused", "giveUp")
"""In the environment these hold for every account: what a message advises must work."""
_OF_ANY_GATEWAY: Final = frozenset({"gateway", "apiVersion", "baseUrl", "formerly", *_INHERITED})
_ACCOUNT_NAME: Final = re.compile(r"^[a-z0-9-]+$")


@dataclass(frozen=True)
class Requirements:
    """The keys that a gateway needs, in camel case: who the account is, and what it proves that with."""

    identity: tuple[str, ...]
    credentials: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Both."""
        return (*self.identity, *self.credentials)


class Needs(Protocol):
    """What is known of a gateway here."""

    @property
    def requirements(self) -> Requirements:
        """What it needs."""


class Configuration:
    """The configured accounts, by name; ``default`` is the one that resources use when they name none.

    Args:
        accounts: each account, or why it is not usable.
        error: why none of them can be told.
        unusable: what can be told of accounts that are not usable: whose they are.
        lacking: accounts that are not usable for want of credentials alone: a preview sends nothing, and takes them.
        unused: account -> what it configures and its gateway does not take, a sentence each.
        misspelt: variables of the environment that give nothing, and the ones that were meant.
    """

    def __init__(
        self,
        accounts: Mapping[str, AccountConfig | ConfigurationError],
        error: ConfigurationError | None = None,
        *,
        unusable: Sequence[AccountConfig] = (),
        lacking: Mapping[str, AccountConfig] | None = None,
        unused: Mapping[str, Sequence[str]] | None = None,
        misspelt: Mapping[str, str] | None = None,
    ) -> None:
        self._accounts = accounts
        self._error = error
        self.unusable = unusable
        self.lacking = lacking or {}
        self.unused = unused or {}
        self.misspelt = misspelt or {}

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

    def warnings(self) -> list[str]:
        """Return what is ignored although somebody seems to count on it, one line each."""
        return [
            f"{variable} in the environment is ignored; did you mean {meant}?"
            for variable, meant in sorted(self.misspelt.items())
        ]


def load(
    config: Mapping[str, str],
    environment: Mapping[str, str],
    gateways: Mapping[str, Needs],
    *,
    root: Path,
    project: str | None = None,
) -> Configuration:
    """Return the accounts that a stack's configuration and the environment describe.

    A key that the namespace does not have spoils every account: it may be a misspelt limit, which all inherit. So does
    one that an account does not have, whether or not a resource uses that account.

    Args:
        config: the keys of the namespace ``whatsapp``, without the namespace; objects as JSON text.
        environment: the environment's variables.
        gateways: what each known gateway needs; only those are looked at that an account is reached through.
        root: the folder of ``Pulumi.yaml``, to which a relative ``sandbox`` is relative.
        project: the project's name. In one that is called ``whatsapp`` too, the program's own keys are in the
            namespace; there only a key that resembles one of these is a mistake.
    """
    try:
        named = _named_accounts(config.get("accounts"))
    except ConfigurationError as error:
        return Configuration({DEFAULT: error}, error)
    own = {key: value for key, value in config.items() if key in KEYS and key != "accounts"}
    strange = [key for key in config.keys() - KEYS if project != NAMESPACE or closest(key, KEYS)]
    general = [say.unknown(DEFAULT, key) for key in sorted(strange)]
    for name, keys in named.items():
        general += [say.unknown(name, key) for key in sorted(keys.keys() - set(ACCOUNT_KEYS))]
        named[name] = {key: value for key, value in keys.items() if key in ACCOUNT_KEYS}
    given = from_environment(environment, named)
    shared = _merge(DEFAULT, own, given.get(DEFAULT, {}))
    merged: dict[str, _Merged] = {}
    if "gateway" in shared.values or not (named or given.keys() - {DEFAULT}):
        merged[DEFAULT] = shared
    inherited = shared.only(_INHERITED)
    safety = _merge(DEFAULT, {}, given.get(DEFAULT, {})).only(_SAFETY)
    for name in named.keys() | given.keys() - {DEFAULT}:
        from_outside = _merge(name, {}, given.get(name, {}))
        merged[name] = _merge(name, named.get(name, {}), given.get(name, {})).over(inherited)
        merged[name] = from_outside.only(_SAFETY).over(safety).over(merged[name])
    built = {name: _build(name, keys, general, gateways, root) for name, keys in merged.items()}
    return Configuration(
        {name: each.account for name, each in built.items()},
        unusable=[each.known for each in built.values() if each.known is not None and each.account is not each.known],
        lacking={name: each.known for name, each in built.items() if each.known is not None and each.lacks_credentials},
        unused={name: _unused(keys, gateways) for name, keys in merged.items()},
        misspelt=misspelt(environment, named),
    )


def exposed(config: Mapping[str, str], secret: Collection[str]) -> list[str]:
    """Return what the stack's configuration holds of credentials in plain text, a sentence each; of a sandbox none.

    Args:
        config: the keys of the namespace, as in `load`.
        secret: those of them that the stack keeps as secrets.
    """
    with suppress(ConfigurationError):
        named = _named_accounts(config.get("accounts"))
        holding = {key for key in SECRETS if config.get(key)}
        holding |= {"accounts"} if any(keys.keys() & SECRETS for keys in named.values()) else set()
        return [] if config.get("sandbox") else [say.exposed(key) for key in sorted(holding - {*secret})]
    return []


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


@dataclass(frozen=True)
class _Merged:
    """The keys in force, where each one stands, and what contradicts itself."""

    values: Mapping[str, Any]
    spelt: Mapping[str, str]
    problems: Sequence[str] = ()

    def only(self, keys: Collection[str]) -> _Merged:
        """Return these keys alone."""
        return _Merged(
            {key: value for key, value in self.values.items() if key in keys},
            {key: spelt for key, spelt in self.spelt.items() if key in keys},
        )

    def over(self, other: _Merged) -> _Merged:
        """Return the other's keys with these in place of theirs."""
        return _Merged(
            {**other.values, **self.values}, {**other.spelt, **self.spelt}, [*other.problems, *self.problems]
        )


def _merge(name: str, own: Mapping[str, Any], environment: Mapping[str, str]) -> _Merged:
    values = dict(own)
    spelt = {key: say.key_of(name, key) for key in own}
    problems = []
    for key, value in environment.items():
        if key not in _ENVIRONMENT_ONLY_FALLS_BACK or key not in own:
            values[key] = value
            spelt[key] = variable(name, key)
        elif str(own[key]) != value:
            problems.append(say.contradiction(name, key, own[key], value))
    return _Merged(values, spelt, problems)


def _unused(merged: _Merged, gateways: Mapping[str, Needs]) -> list[str]:
    gateway = str(merged.values.get("gateway"))
    if gateway not in gateways:
        return []
    used = gateways[gateway].requirements.keys
    strange = merged.values.keys() - _OF_ANY_GATEWAY - {*used}
    return [say.unused(merged.spelt[key], gateway, used) for key in sorted(strange)]


@dataclass(frozen=True)
class _Built:
    """An account, or why it is not usable; what can be told of it in either case; whether it lacks credentials only."""

    account: AccountConfig | ConfigurationError
    known: AccountConfig | None
    lacks_credentials: bool = False


def _build(name: str, keys: _Merged, general: Sequence[str], gateways: Mapping[str, Needs], root: Path) -> _Built:
    merged = dict(keys.values)
    problems = [*general, *keys.problems]
    lacking: list[str] = []
    gateway = merged.get("gateway")
    needs = gateways[str(gateway)].requirements if str(gateway) in gateways else None
    if gateway is None:
        problems.append(say.missing(name, "gateway", f"one of {', '.join(gateways)}"))
    elif needs is None:
        problems.append(f"{keys.spelt['gateway']} is {gateway!r}; it must be one of {', '.join(gateways)}")
    else:
        if merged.get("sandbox"):
            for key in needs.credentials:
                merged.setdefault(key, "sandbox-credential")
        unnamed = [say.missing(name, key) for key in needs.identity if not merged.get(key)]
        lacking = [say.missing(name, key) for key in needs.credentials if not merged.get(key)]
        problems += [*unnamed, *_unused(keys, gateways)] if unnamed or lacking else []
    sandbox = merged.pop("sandbox", "")
    if is_switch(sandbox):  # somebody took it for something to turn on
        problems.append(say.not_a_file(keys.spelt["sandbox"], sandbox, "remove it" if name == DEFAULT else "empty it"))
    elif sandbox:  # an empty one leaves the sandbox that would be inherited
        try:
            merged["sandbox"] = str(root / Path(str(sandbox)).expanduser())
        except RuntimeError:
            unknown = Misfit("a file; no user of this machine is called as after its ~")
            problems.append(say.wrong(keys.spelt["sandbox"], "sandbox", sandbox, unknown))
        if merged.get("baseUrl"):
            problems.append(say.no_address_of_a_sandbox(keys.spelt["baseUrl"], keys.spelt["sandbox"]))
    account, wrong = read_account({"gateway": "", **merged}, name, keys.spelt)
    problems += [say.wrong(keys.spelt[key], key, merged[key], why) for key, why in wrong.items()]
    if not problems and not lacking and account is not None:
        return _Built(account, account)
    called = account.called if account else AccountConfig(gateway="", name=name).called
    why = [*lacking, *problems]
    error = ConfigurationError(f"{called} is not usable: {'; '.join(why)}", why)
    return _Built(error, account if needs else None, lacks_credentials=account is not None and not problems)
