"""The accounts of a process: from the name that a program gives, or the id that the state holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from ..config import AccountConfig, Configuration
from ..errors import ConfigurationError, InvalidInput
from ..gateways.base import Gateway
from ..gateways.registry import GATEWAYS
from ..names import Key, key_of
from ..phone import ImpossiblePhone, canonical
from ..privacy_settings import canonical_setting
from ..report import Report
from .account import Account
from .claims import SEE_ALL, LeftOut


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
        open_account: makes the account.
        report: where the user reads what goes on.
        program: asked what the program declares beside what was checked; by default there is no program.
    """

    def __init__(
        self,
        configuration: Configuration,
        open_account: Callable[[str, AccountConfig, type[Gateway]], Account],
        report: Report,
        program: Program | None = None,
    ) -> None:
        self.report = report
        self._configuration = configuration
        self._open = open_account
        self._program = program
        self.preview = False
        """Whether the run is a preview, once a resource of the program was checked."""
        self._opened: dict[str, Account] = {}
        self._opening = threading.Lock()

    def named(self, name: str | None) -> Account:
        """Return the account that a program names; None is the default one.

        Raises:
            ConfigurationError: when it is missing or not usable.
        """
        return self._get(self._configured(name or self._configuration.default))

    def _configured(self, name: str) -> AccountConfig:
        """Return an account; in a preview, which sends nothing for most resources, also one without credentials."""
        lacking = self._configuration.lacking.get(name) if self.preview else None
        return lacking or self._configuration[name]

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
                configured.append(self._configured(name))
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
            f"the state holds a resource of account {wanted!r}, which is not configured{unusable}; configure it again, "
            "or list that id in `formerly` of the account that it has become. For a refresh, a destroy, or a program "
            "that declares nothing of it any more, configure it in the environment: Pulumi then gives the provider the "
            "configuration of the last update. Remove an account only after its resources"
        )

    def is_account(self, name: str | None, wanted: str) -> bool:
        """Return whether the account that a program names is the one that the state holds.

        Raises:
            ConfigurationError: when either is missing or not usable.
        """
        named = account_id(self._configured(name or self._configuration.default))
        return named == wanted or named == account_id(self._holder(wanted))

    async def left_out(self, account: Account, instance: str | None) -> LeftOut:
        """Return what the program declares of an account in resources that this run leaves out.

        Args:
            account: the account.
            instance: the deleted resource: ``destroy --run-program`` runs a program that declares it. An id would not
                tell: after a rename two resources have the same contact, and so the same id.

        Raises:
            Unavailable: when the program cannot be asked, as before its end: then nobody is unblocked.
        """
        if self._program is None:
            return LeftOut()
        with self._opening:
            opened = [*self._opened.values()]
        checked = {key for each in opened for key in each.claims.checked()}
        contacts: dict[Key, str] = {}
        settings: dict[str, str] = {}
        unknown: str | None = None
        running: str | None = None
        for resource in await self._program.left_out(checked):
            if instance is not None and resource.instance == instance:
                continue
            with suppress(ConfigurationError):  # where nobody knows whose it is, it may be this account's
                if resource.account_known and not self.is_account(resource.account, account.id):
                    continue
            if resource.setting is not None:
                with suppress(InvalidInput):
                    settings[canonical_setting(resource.setting)] = resource.label
            elif resource.contacts is None:
                running = resource.why or running
                unknown = resource.why or (
                    f"this run leaves {resource.label} out, so it is not known whom that declares; {SEE_ALL}"
                )
            for text in resource.contacts or ():
                with suppress(ImpossiblePhone):
                    contacts[key_of(canonical(text, account.config.default_region))] = resource.label
        return LeftOut(contacts, settings, unknown, running)

    def _get(self, config: AccountConfig) -> Account:
        name = account_id(config)
        with self._opening:
            account = self._opened.get(name)
            if account is None:
                self._require_one_meaning(name, config)
                account = self._opened[name] = self._open(name, config, GATEWAYS[config.gateway])
                if config.sandbox and self._program is not None:  # a command that only reads says nothing
                    self.report.info(f"{name} is a sandbox: nothing reaches WhatsApp")
                if config.name in self._configuration.lacking:
                    keys = GATEWAYS[config.gateway].requirements.credentials
                    self.report.info(
                        f"{config.called} lacks {' or '.join(keys)} here, so this preview asks its gateway nothing: "
                        "it checks neither the account nor what is live; the update needs them"
                    )
            return account

    def _require_one_meaning(self, wanted: str, config: AccountConfig) -> None:
        """Refuse two names of one account that say different things: which one holds would be chance.

        The same for an id in `formerly` that another account still has.
        """
        usable: dict[str, AccountConfig] = {}
        described = config.described()
        for name in self._configuration.names():
            with suppress(ConfigurationError):
                usable[name] = self._configured(name)
        same = {name: other for name, other in usable.items() if account_id(other) == wanted}
        for name, other in usable.items():
            for now, was, formerly in (
                (wanted, account_id(other), config.formerly),
                (account_id(other), wanted, other.formerly),
            ):
                if name not in same and was in formerly:
                    raise ConfigurationError(
                        f"`formerly` of account {now} names {was}, which is still another configured account; "
                        "remove one of the two"
                    )
            differ = [key for key, value in other.described().items() if name in same and value != described[key]]
            if differ:
                raise ConfigurationError(
                    f"account {wanted} has two names, {' and '.join(map(repr, same))}, with different "
                    f"{', '.join(differ)}; give both names the same"
                )


class Program(Protocol):
    """The program of this run, once it has ended."""

    async def left_out(self, checked: Set[str]) -> Sequence[ProgramResource]:
        """Return the program's resources beside those that were checked, by their keys.

        Raises:
            Unavailable: when it cannot be asked.
        """


@dataclass(frozen=True)
class ProgramResource:
    """A resource as the program declares it.

    Attributes:
        label: what messages call it.
        account: the name of its account.
        account_known: whether that is known.
        contacts: as the program spells them; None where they are not known, or it is a privacy setting.
        setting: the privacy setting that it declares, if it is one.
        instance: the random text that the state knows it by, if it is there.
        why: why it is not known what it declares, where the run does not leave it out: the program has not ended.
    """

    label: str
    account: str | None
    account_known: bool
    contacts: Sequence[str] | None
    setting: str | None = None
    instance: str | None = None
    why: str = ""
