"""The accounts that a command works on: from a project's files and the environment, as `pulumi` would read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from pulumi_local_engine.config import Config, Project
from pulumi_local_engine.encryption import passphrase_from
from pulumi_local_engine.model import EngineError, ExitCode, Unsupported

from ..config import DEFAULT, NAMESPACE, Configuration, exposed, from_environment, load, own_keys
from ..connect import project_root
from ..errors import ConfigurationError
from ..gateways.registry import GATEWAYS
from .selected import selected

HOW_TO_READ = (
    "set PULUMI_CONFIG_PASSPHRASE where that is what encrypts them, else give the credentials in the environment"
)


@dataclass(frozen=True)
class Stack:
    """What is configured.

    Args:
        root: the folder of ``Pulumi.yaml``, or the working directory where there is none.
        environment: the environment's variables.
        project: the project's name, where there is one.
        name: the stack, where there is one.
        known: whether there is any trace of this stack.
        values: key without its namespace -> value; objects as JSON text.
        files: key -> the file that sets it.
        secret: the keys that are, or hold, a secret.
        sealed: what is encrypted and was left out, e.g. ``token``, ``accounts.support.token``.
    """

    root: Path
    environment: Mapping[str, str]
    project: str | None = None
    name: str | None = None
    known: bool = True
    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    sealed: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()

    @classmethod
    def read(cls, cwd: Path, stack: str | None, environment: Mapping[str, str]) -> Stack:
        """Read the project that ``cwd`` is in. Without one, the environment must have an account.

        Secrets are decrypted where the stack's are the passphrase provider's and the passphrase is in the environment.

        Raises:
            EngineError: when there is no project, a file cannot be read, the passphrase is wrong, there is no such
                stack, or there are several and none is chosen.
        """
        if not cwd.is_dir():
            raise EngineError(f"there is no folder {cwd}")
        root = project_root(cwd.resolve())
        if not any((root / name).is_file() for name in ("Pulumi.yaml", "Pulumi.yml")):
            if from_environment(environment, ()):
                return cls(root, environment)
            raise EngineError(
                f"no Pulumi.yaml project file found in {root} or above it; choose the project's folder with --cwd, or "
                "configure an account in the environment (WHATSAPP_GATEWAY, …)"
            )
        project = Project.load(root, runs=False)
        given = project.settings.get("config") or {}
        ours = {key: value for key, value in given.items() if _is_ours(project, key)}
        project = replace(project, settings={**project.settings, "config": ours})
        name, is_known = _choose(project, stack, environment)
        config = Config.load(project, name or "", None, decrypt=False)
        sealed = frozenset(_sealed(project, config))
        passphrase = passphrase_from(environment)
        if sealed and config.salt and passphrase is not None:
            with suppress(Unsupported):  # secrets of another provider stay out
                config, sealed = _decrypted(project, name or "", passphrase, environment), frozenset()
        values, files = own_keys(config.values), own_keys(config.files)
        secret = frozenset(own_keys(dict.fromkeys(config.secret_keys, "")))
        return cls(root, environment, project.name, name, is_known, values, files, sealed, secret)

    def accounts(self) -> Configuration:
        """Return the accounts."""
        return load(self.values, self.environment, GATEWAYS, root=self.root, project=self.project)

    def warnings(self) -> list[str]:
        """Return what may surprise about the stack, one line each."""
        plain = exposed(self.values, self.secret)
        if self.known:
            return plain
        return [*plain, f"there is no Pulumi.{self.name}.yaml; Pulumi.yaml and the environment alone count"]

    def unread(self, account: str) -> list[str]:
        """Return the keys of an account that are encrypted, were not read, and are not in the environment either."""
        prefix = "" if account == DEFAULT else f"accounts.{account}."
        given = from_environment(self.environment, [account]).get(account, {})
        own = {key for key in self.sealed if key.startswith(prefix) and key.removeprefix(prefix) not in given}
        if prefix:
            return sorted(own | (self.sealed & {"accounts"}))
        return sorted(key for key in own if key.split(".")[0] != "accounts")

    def require(self, account: str) -> None:
        """Refuse to go on without an account's secrets.

        Raises:
            ConfigurationError: when some were not read.
        """
        unread = self.unread(account)
        if unread:
            keys = ", ".join(f"{NAMESPACE}:{key}" for key in unread)
            raise ConfigurationError(f"the secrets in {keys} cannot be read; {HOW_TO_READ}")


def _choose(project: Project, named: str | None, environment: Mapping[str, str]) -> tuple[str | None, bool]:
    """Return the stack that is named, that the Pulumi CLI has selected, or that is the only one; and if it is known."""
    chosen = selected(project, environment)
    files = project.stacks()
    if named:
        name = named.rpartition("/")[2]
        stacks = sorted({*files, *([chosen] if chosen else [])})
        if stacks and name not in stacks:
            raise EngineError(
                f"there is no {_file(project, name).name} in {project.stack_folder}; there is {', '.join(stacks)}",
                ExitCode.STACK_NOT_FOUND,
            )
        return name, name in stacks
    if not chosen and len(files) > 1:
        raise EngineError(
            f"{project.root} has the stacks {', '.join(files)}; choose one with --stack or `pulumi stack select`"
        )
    return chosen or (files[0] if files else None), True


def _file(project: Project, stack: str) -> Path:
    return project.stack_folder / f"Pulumi.{stack}.yaml"


def _decrypted(project: Project, stack: str, passphrase: str, environment: Mapping[str, str]) -> Config:
    try:
        return Config.load(project, stack, passphrase)
    except Unsupported:
        raise
    except EngineError as error:  # the files were read before: what fails is the decryption
        where = "PULUMI_CONFIG_PASSPHRASE"
        if where not in environment:
            where = f"{where}_FILE ({environment[f'{where}_FILE']})"
        raise EngineError(
            f"{error}: {where} does not open the secrets in {_file(project, stack).name}", error.code
        ) from None


def _is_ours(project: Project, key: str) -> bool:
    return key.startswith(f"{NAMESPACE}:") or (project.name == NAMESPACE and ":" not in key)


def _sealed(project: Project, config: Config) -> Iterator[str]:
    """Return what is encrypted under our namespace, with the path inside of objects."""
    for full in config.secret_keys & {key for key in config.files if _is_ours(project, key)}:
        key = full.removeprefix(f"{NAMESPACE}:")
        for path in _paths(_written(project, config.files[full], key)):
            yield ".".join([key, *path])


def _written(project: Project, file: str, key: str) -> Any:
    """Return a value as its file has it, secrets encrypted."""
    folder = project.root if file == "Pulumi.yaml" else project.stack_folder
    settings = yaml.safe_load((folder / file).read_text(encoding="utf-8"))
    for written, value in (settings.get("config") or {}).items():
        if _is_ours(project, written) and written.split(":")[-1] == key:
            return value
    return None


def _paths(value: Any) -> Iterator[tuple[str, ...]]:
    if not isinstance(value, dict):
        return
    if set(value) == {"secure"}:
        yield ()
        return
    for key, part in value.items():
        for path in _paths(part):
            yield (str(key), *path)
