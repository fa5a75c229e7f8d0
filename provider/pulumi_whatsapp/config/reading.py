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
from typing import Any, Final, NamedTuple, Protocol

from ..errors import ConfigurationError
from ..spelling import closest
from . import problems
from .environment import from_environment, ignored, variable
from .keys import (
    ACCOUNT_KEYS,
    DEFAULT,
    KEYS,
    NAMESPACE,
    PROVIDER,
    SECRETS,
    AccountConfig,
    called,
    keys_of,
    read_account,
)

_ONE_MEANING: Final = keys_of("place", "identity")
_SAFETY: Final = keys_of("safety")
_INHERITED: Final = keys_of("safety", "tuning") | {"sandbox"}  # which stands in for every account's gateway
_OF_SOME_GATEWAYS: Final = keys_of("identity", "credential")
_ACCOUNT_NAME: Final = re.compile(r"^[a-z0-9-]+$")


@dataclass(frozen=True)
class Requirements:
    """The keys that a gateway needs, in camel case: those that say who the account is, and its credentials."""

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
    """The configured accounts, by name.

    Args:
        accounts: each account, or why it is not usable.
        error: why no account can be read.
        unusable: what is known of accounts that are not usable: who they are.
        lacking: accounts that are not usable for want of credentials alone: a preview sends nothing, and takes them.
        unused: account -> what it configures and its gateway does not take, a sentence each.
        ignored: variables of the environment that give nothing although somebody seems to count on them: what to do.
        default: the account that resources use when they name none.
    """

    def __init__(
        self,
        accounts: Mapping[str, AccountConfig | ConfigurationError],
        error: ConfigurationError | None = None,
        *,
        unusable: Sequence[AccountConfig] = (),
        lacking: Mapping[str, AccountConfig] | None = None,
        unused: Mapping[str, Sequence[str]] | None = None,
        ignored: Mapping[str, str] | None = None,
        default: str = DEFAULT,
    ) -> None:
        self._accounts = accounts
        self._error = error
        self.unusable = unusable
        self.lacking = lacking or {}
        self.unused = unused or {}
        self.ignored = ignored or {}
        self.default = default

    def __getitem__(self, name: str) -> AccountConfig:
        """Return the account ``name``.

        Raises:
            ConfigurationError: when it is missing or not usable.
        """
        account = self._accounts.get(name, self._error)
        if account is None and self.default != DEFAULT:
            raise ConfigurationError(
                f"{called(self.default)} is one account, so a resource that uses it names none: remove `account`"
            )
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
            f"{variable} in the environment is ignored; {what_to_do}"
            for variable, what_to_do in sorted(self.ignored.items())
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
    own = {DEFAULT: {key: value for key, value in config.items() if key != "accounts"}, **named}
    strange = [key for key in config.keys() - KEYS if project != NAMESPACE or closest(key, KEYS)]
    general = [problems.unknown(DEFAULT, key) for key in sorted(strange)]
    general += [
        problems.unknown(name, key) for name, keys in named.items() for key in sorted(keys.keys() - {*ACCOUNT_KEYS})
    ]
    inside = {name: _inside(name, keys) for name, keys in own.items()}
    outside = _outside(environment, named)
    shared = _merge(inside[DEFAULT], outside.get(DEFAULT, {}))
    names = {*named, *outside} - {DEFAULT}
    merged = {DEFAULT: shared} if "gateway" in shared or not names else {}
    for name in names:
        merged[name] = _inherit(shared, outside, name, inside.get(name, {}))
    built = {}
    for name, keys in merged.items():
        contradictions = _contradictions(name, inside.get(name, {}), outside.get(name, {}))
        built[name] = _build(name, keys, [*general, *contradictions], gateways, root)
    return _configuration(merged, built, gateways, ignored=ignored(environment, named))


def load_provider(
    provider: str, keys: Mapping[str, Any], environment: Mapping[str, str], gateways: Mapping[str, Needs], *, root: Path
) -> Configuration:
    """Return the one account that an explicit provider describes.

    Nothing of the stack's configuration is in it. Of the environment there is only what names this provider, as
    ``WHATSAPP_ACCOUNTS_SUPPORT_TOKEN`` does, beside what every account inherits.

    Args:
        provider: the name of the provider resource.
        keys: its inputs.
        environment: the environment's variables.
        gateways: what each known gateway needs.
        root: the folder of ``Pulumi.yaml``, to which a relative ``sandbox`` is relative.
    """
    name = f"{PROVIDER}{provider}"
    given, outside = _inside(name, keys), _outside(environment, [provider])
    merged = _inherit(outside.get(DEFAULT, {}), outside, provider, given)
    unknown = [problems.unknown(name, key) for key in sorted(keys.keys() - {*ACCOUNT_KEYS})]
    contradictions = _contradictions(name, given, outside.get(provider, {}))
    built = _build(name, merged, [*unknown, *contradictions], gateways, root)
    return _configuration({name: merged}, {name: built}, gateways, default=name)


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
        return [] if config.get("sandbox") else [problems.exposed(key) for key in sorted(holding - {*secret})]
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


class _Given(NamedTuple):
    """A value, and where it stands: a key of the stack, or a variable."""

    value: Any
    where: str


def _inside(name: str, keys: Mapping[str, Any]) -> dict[str, _Given]:
    """Return what an account is given in the stack or the program."""
    return {key: _Given(value, problems.full_key(name, key)) for key, value in keys.items() if key in ACCOUNT_KEYS}


def _outside(environment: Mapping[str, str], names: Collection[str]) -> dict[str, dict[str, _Given]]:
    """Return what the environment gives, account by account."""
    return {
        name: {key: _Given(value, variable(name, key)) for key, value in keys.items()}
        for name, keys in from_environment(environment, names).items()
    }


def _inherit(
    shared: Mapping[str, _Given], outside: Mapping[str, Mapping[str, _Given]], name: str, inside: Mapping[str, _Given]
) -> dict[str, _Given]:
    """Return what is in force of an account beside the default one.

    A limit that the environment sets for everybody wins over what the stack gives the account.

    Args:
        shared: what is in force of the default account.
        outside: what the environment gives, account by account.
        name: the account.
        inside: what it is given in the stack or the program.
    """
    inherited = {key: given for key, given in shared.items() if key in _INHERITED}
    safety = {key: given for key, given in outside.get(DEFAULT, {}).items() if key in _SAFETY}
    return {**inherited, **_merge(inside, {**safety, **outside.get(name, {})})}


def _merge(inside: Mapping[str, _Given], outside: Mapping[str, _Given]) -> dict[str, _Given]:
    """Return what is in force of the stack and the environment."""
    return {**inside, **{key: given for key, given in outside.items() if key not in inside.keys() & _ONE_MEANING}}


def _contradictions(name: str, inside: Mapping[str, _Given], outside: Mapping[str, _Given]) -> list[str]:
    return [
        problems.contradiction(name, key, inside[key].value, given.value)
        for key, given in outside.items()
        if key in inside.keys() & _ONE_MEANING and str(inside[key].value) != given.value
    ]


def _unused(keys: Mapping[str, _Given], gateways: Mapping[str, Needs]) -> list[str]:
    gateway = str(keys["gateway"].value) if "gateway" in keys else ""
    if gateway not in gateways:
        return []
    used = gateways[gateway].requirements.keys
    strange = (keys.keys() & _OF_SOME_GATEWAYS) - {*used}
    return [problems.unused(keys[key].where, gateway, used) for key in sorted(strange)]


@dataclass(frozen=True)
class _Built:
    """An account, or why it is not usable; what can be told of it in either case; whether it lacks credentials only."""

    account: AccountConfig | ConfigurationError
    known: AccountConfig | None
    lacks_credentials: bool = False


def _build(
    name: str, keys: Mapping[str, _Given], found: Sequence[str], gateways: Mapping[str, Needs], root: Path
) -> _Built:
    values = {key: given.value for key, given in keys.items()}
    where = {key: given.where for key, given in keys.items()}
    found = [*found]
    lacking: list[str] = []
    gateway = values.get("gateway")
    needs = gateways[str(gateway)].requirements if str(gateway) in gateways else None
    if gateway is None:
        found.append(problems.missing(name, "gateway", f"one of {', '.join(gateways)}"))
    elif needs is None:
        found.append(f"{where['gateway']} is {gateway!r}; it must be one of {', '.join(gateways)}")
    else:
        if values.get("sandbox"):
            values = {**dict.fromkeys(needs.credentials, "sandbox-credential"), **values}
        unnamed = [problems.missing(name, key) for key in needs.identity if not values.get(key)]
        lacking = [problems.missing(name, key) for key in needs.credentials if not values.get(key)]
        found += [*unnamed, *_unused(keys, gateways)] if unnamed or lacking else []
    if values.get("sandbox") and values.get("baseUrl"):
        found.append(problems.no_address_of_a_sandbox(where["baseUrl"], where["sandbox"]))
    account, wrong = read_account({**values, "gateway": str(gateway)}, name, where, root)
    found += [problems.wrong(where[key], key, values[key], why) for key, why in wrong.items()]
    if not found and not lacking and account is not None:
        return _Built(account, account)
    why = [*lacking, *found]
    error = ConfigurationError(f"{called(name)} is not usable: {'; '.join(why)}", why)
    return _Built(error, account if needs else None, lacks_credentials=account is not None and not found)


def _configuration(
    merged: Mapping[str, Mapping[str, _Given]],
    built: Mapping[str, _Built],
    gateways: Mapping[str, Needs],
    **more: Any,
) -> Configuration:
    return Configuration(
        {name: each.account for name, each in built.items()},
        unusable=[each.known for each in built.values() if each.known is not None and each.account is not each.known],
        lacking={name: each.known for name, each in built.items() if each.known is not None and each.lacks_credentials},
        unused={name: _unused(keys, gateways) for name, keys in merged.items()},
        **more,
    )
