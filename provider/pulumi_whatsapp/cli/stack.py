"""The accounts that a command works on: from a project's files and the environment, as `pulumi` would read them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..config import NAMESPACE, Configuration, load
from ..connect import project_root
from ..gateways.registry import requirements
from ..local.config import Config, Project
from ..local.encryption import passphrase_from
from ..local.model import EngineError, Unsupported
from ..resources._keys import KEYS


@dataclass(frozen=True)
class Stack:
    """What is configured.

    Args:
        root: the folder of ``Pulumi.yaml``, or the working directory where there is none.
        environment: the environment's variables.
        name: the stack, where there is one.
        values: key without its namespace -> value; objects as JSON text.
        files: key -> the file that sets it.
        sealed: keys that are encrypted, or hold something that is, and were left out.
    """

    root: Path
    environment: Mapping[str, str]
    name: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    sealed: frozenset[str] = frozenset()

    @classmethod
    def read(cls, cwd: Path, stack: str | None, environment: Mapping[str, str]) -> Stack:
        """Read the project that ``cwd`` is in, if any.

        Secrets are decrypted where the stack's are the passphrase provider's and the passphrase is in the environment.

        Raises:
            EngineError: when a file cannot be read, the passphrase is wrong, or there are several stacks.
        """
        root = project_root(cwd.resolve())
        if not any((root / name).is_file() for name in ("Pulumi.yaml", "Pulumi.yml")):
            return cls(root, environment)
        project = Project.load(root)
        ours = {key: value for key, value in (project.settings.get("config") or {}).items() if _is_ours(key)}
        project = replace(project, settings={**project.settings, "config": ours})
        name = stack or _only_stack(project)
        config = Config.load(project, name or "", None, decrypt=False)
        sealed = frozenset(filter(_is_ours, config.secret_keys))
        passphrase = passphrase_from(environment)
        if sealed and config.salt and passphrase is not None:
            with suppress(Unsupported):  # secrets of another provider stay out
                config, sealed = Config.load(project, name or "", passphrase), frozenset()
        return cls(root, environment, name, _own(config.values), _own(config.files), frozenset(map(_key, sealed)))

    def accounts(self, *, strict: bool = False) -> Configuration:
        """Return the accounts; ``strict`` objects to keys that the provider does not know, and would ignore."""
        values = {key: value for key, value in self.values.items() if strict or key in KEYS}
        return load(values, self.environment, requirements(), root=self.root)


def _own(values: Mapping[str, str]) -> dict[str, str]:
    return {_key(full): value for full, value in values.items() if _is_ours(full)}


def _key(full: str) -> str:
    return full.removeprefix(f"{NAMESPACE}:")


def _is_ours(key: str) -> bool:
    return key.startswith(f"{NAMESPACE}:")


def _only_stack(project: Project) -> str | None:
    folder = project.root / str(project.settings.get("stackConfigDir", "."))
    names = sorted(
        {path.stem.removeprefix("Pulumi.") for suffix in ("yaml", "yml") for path in folder.glob(f"Pulumi.*.{suffix}")}
    )
    if len(names) > 1:
        raise EngineError(f"{project.root} has the stacks {', '.join(names)}; choose one with --stack")
    return names[0] if names else None
