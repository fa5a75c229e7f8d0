"""The accounts of a process: from the name that a program gives, or the id that the state holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from ..config import DEFAULT, AccountConfig, Configuration
from ..errors import ConfigurationError
from ..gateways.base import Gateway
from ..gateways.registry import GATEWAYS
from .account import Account
from .claims import Claims


def account_id(config: AccountConfig) -> str:
    """Return an account's public identity, e.g. ``zapi/3A5B``, ``sandbox/meta/106540352242922``.

    An address other than the gateway's own is part of it: what is blocked there is not blocked here.
    """
    gateway = GATEWAYS[config.gateway]
    parts = [config.gateway]
    if config.sandbox:
        parts.insert(0, "sandbox")
    elif config.base_url and urlsplit(config.base_url).netloc != urlsplit(gateway.base_url(config)).netloc:
        parts.append(urlsplit(config.base_url).netloc.rpartition("@")[2])
    return "/".join([*parts, gateway.identity(config)])


class Accounts:
    """Every account of the configuration, opened when first used.

    Args:
        configuration: the accounts as configured.
        claims: what this run declares.
        open_account: makes the account.
    """

    def __init__(
        self,
        configuration: Configuration,
        claims: Claims,
        open_account: Callable[[str, AccountConfig, type[Gateway]], Account],
    ) -> None:
        self._configuration = configuration
        self.claims = claims
        self._open = open_account
        self._opened: dict[str, Account] = {}
        self._opening = threading.Lock()

    def named(self, name: str | None) -> Account:
        """Return the account that a program names; None is the default one.

        Raises:
            ConfigurationError: when it is missing or not usable.
        """
        return self._get(self._configuration[name or DEFAULT])

    def by_id(self, wanted: str) -> Account:
        """Return the account that the state holds something of.

        Raises:
            ConfigurationError: when no configured account is, or formerly was, this one.
        """
        return self._get(self._holder(wanted))

    def _holder(self, wanted: str) -> AccountConfig:
        """Return the account with this id; else the one that formerly had it."""
        configured, broken = [], []
        for name in self._configuration.names():
            try:
                configured.append(self._configuration[name])
            except ConfigurationError as error:
                broken.append(str(error))
        for config in configured:
            if wanted == account_id(config):
                return config
        taken = {account_id(config) for config in self._configuration.unusable}
        for config in configured:
            if wanted in config.formerly and wanted not in taken:
                return config
        unusable = f" ({'; '.join(broken)})" if broken else ""
        raise ConfigurationError(
            f"the state holds a resource of account {wanted!r}, which is not configured{unusable}; configure it again "
            "(in the environment for a refresh or destroy, or when the program declares nothing of it any more: Pulumi "
            "then hands out the configuration of the last update), or list that id in `formerly` of the account that "
            "it has become. Remove resources first, their account after"
        )

    def is_account(self, name: str | None, wanted: str) -> bool:
        """Return whether the account that a program names is the one that the state holds.

        Raises:
            ConfigurationError: when either is missing or not usable.
        """
        named = account_id(self._configuration[name or DEFAULT])
        return named == wanted or named == account_id(self._holder(wanted))

    def _get(self, config: AccountConfig) -> Account:
        identity = account_id(config)
        with self._opening:
            account = self._opened.get(identity)
            if account is None:
                self._require_one_limit(identity)
                account = self._opened[identity] = self._open(identity, config, GATEWAYS[config.gateway])
            return account

    def _require_one_limit(self, identity: str) -> None:
        """Refuse two names of one account that allow different numbers of unblocks: which one holds would be chance."""
        limits: dict[int | None, str] = {}
        for name in self._configuration.names():
            with suppress(ConfigurationError):
                config = self._configuration[name]
                if account_id(config) == identity:
                    limits.setdefault(config.max_unblocks, name)
        if len(limits) > 1:
            told = " and ".join(f"{'none' if most is None else most} in {name!r}" for most, name in limits.items())
            raise ConfigurationError(
                f"account {identity} has two names with different maxUnblocks: {told}; give both the same"
            )
