"""A project's ``Pulumi.yaml`` and its stack's ``Pulumi.<stack>.yaml``, read as the Pulumi CLI reads them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from .encryption import Encryption
from .model import EngineError, ExitCode, Unsupported
from .values import Properties, secret


class _Loader(yaml.SafeLoader):
    """YAML 1.2's idea of a boolean (``on`` is a string), and no dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in found if not tag.endswith((":bool", ":timestamp"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)

_SEALED: Final = object()  # stands for a secret that was not decrypted


@dataclass
class Project:
    """A Pulumi program's folder.

    Args:
        name: the project's name.
        root: the folder of ``Pulumi.yaml``.
        program: the folder that holds the program (``main``).
        python: the interpreter of ``runtime.options.virtualenv``, or None for the one that runs now.
    """

    name: str
    root: Path
    program: Path
    python: Path | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def stack_folder(self) -> Path:
        """Where the files ``Pulumi.<stack>.yaml`` lie."""
        return self.root / str(self.settings.get("stackConfigDir", "."))

    @property
    def state_folder(self) -> Path:
        """Where the states of its stacks lie."""
        return self.root / ".pulumi-local"

    def stacks(self) -> list[str]:
        """The stacks that have a state or a configuration file."""
        states = [path.stem for path in self.state_folder.glob("*.json")]
        files = [path for suffix in ("yaml", "yml") for path in self.stack_folder.glob(f"Pulumi.*.{suffix}")]
        return sorted({*states, *(path.stem.removeprefix("Pulumi.") for path in files)})

    def choose(self, named: str | None) -> str:
        """The stack that is named, or the only one; a project that has none may start with any.

        Raises:
            EngineError: there are stacks, but not the one that is named, or several and none is named.
        """
        stacks = self.stacks()
        if named and stacks and named not in stacks:
            raise self.missing(named)
        if not named and len(stacks) > 1:
            raise EngineError(f"no stack selected: choose one with --stack ({', '.join(stacks)})")
        return named or (stacks[0] if stacks else "dev")

    def missing(self, stack: str) -> EngineError:
        """Say that there is no such stack, and what to do."""
        stacks = self.stacks()
        others = [name for name in stacks if name != stack]
        choices = [f"choose one with --stack ({', '.join(others)})"] if others else []
        if others and stack not in stacks:
            choices.append(f"make a new one with an empty file {self.stack_folder / f'Pulumi.{stack}.yaml'}")
        else:
            choices.append(f"make it with `pulumi-whatsapp local up --stack {stack}`")
        return EngineError(f"no stack named '{stack}' found: {', or '.join(choices)}", ExitCode.STACK_NOT_FOUND)

    @classmethod
    def load(cls, folder: Path, *, runs: bool = True) -> Project:
        """Find ``Pulumi.yaml`` in the folder or above it.

        Args:
            folder: where to begin.
            runs: whether its program is to be run here; else it may be of any language.

        Raises:
            EngineError: there is none, or it is not a project.
            Unsupported: the project's runtime is not Python.
        """
        folder = folder.resolve()
        for root in (folder, *folder.parents):
            path = next((root / name for name in ("Pulumi.yaml", "Pulumi.yml") if (root / name).is_file()), None)
            if path:
                break
        else:
            raise EngineError(f"no Pulumi.yaml project file found in {folder} or above it")
        settings = _read(path)
        runtime = settings.get("runtime")
        options = (runtime.get("options") or {}) if isinstance(runtime, dict) else {}
        language = runtime.get("name") if isinstance(runtime, dict) else runtime
        if not settings.get("name"):
            raise EngineError(f"{path}: project is missing a 'name' attribute")
        if language != "python" and runs:
            raise Unsupported(f"the runtime {language!r}")
        program = (root / str(settings.get("main", "."))).resolve()
        program = program.parent if program.suffix == ".py" else program
        python = root / str(options["virtualenv"]) / "bin" / "python" if options.get("virtualenv") else None
        if runs and python and not python.exists():
            raise EngineError(f"{path}: the virtual environment {options['virtualenv']!r} has no {python}")
        return cls(str(settings["name"]), root, program, python, settings)


@dataclass
class Config:
    """A stack's configuration: every value a string, as programs and providers get it.

    Args:
        values: full key -> value.
        secret_keys: the keys whose value is, or holds, a secret.
        salt: the stack's ``encryptionsalt``.
        files: full key -> the name of the file that sets it.
    """

    values: dict[str, str] = field(default_factory=dict)
    secret_keys: set[str] = field(default_factory=set)
    salt: str | None = None
    files: dict[str, str] = field(default_factory=dict)

    def marked(self) -> Properties:
        """The values as inputs of the provider, with what is secret marked."""
        return {key: secret(value) if key in self.secret_keys else value for key, value in sorted(self.values.items())}

    @classmethod
    def load(cls, project: Project, stack: str, passphrase: str | None, *, decrypt: bool = True) -> Config:
        """Merge the stack's file over the project's defaults and decrypt what is secret.

        Args:
            project: the project.
            stack: the stack's name.
            passphrase: for the stack's secrets.
            decrypt: False leaves secrets out, whoever encrypted them; their keys are in ``secret_keys`` all the same.

        Raises:
            EngineError: a file cannot be read, a required value is missing, or a secret cannot be decrypted.
            Unsupported: an environment, or secrets that are not the passphrase provider's.
        """
        paths = [project.stack_folder / f"Pulumi.{stack}.{suffix}" for suffix in ("yaml", "yml")]
        path = next((path for path in paths if path.is_file()), paths[0])
        settings = _read(path) if path.is_file() else {}
        if decrypt and settings.get("environment"):
            raise Unsupported("environments (Pulumi ESC)")
        if decrypt and settings.get("secretsprovider", "passphrase") != "passphrase":
            raise Unsupported("secrets providers other than the passphrase", "use `passphrase`, or the Pulumi CLI")
        given = {_full(project.name, key): (value, path.name) for key, value in (settings.get("config") or {}).items()}
        missing = []
        for key, value in sorted((project.settings.get("config") or {}).items()):
            full = _full(project.name, key)
            if full in given:
                continue
            default = value.get("default", value.get("value")) if isinstance(value, dict) else value
            if default is not None or not isinstance(value, dict):
                given[full] = (default, "Pulumi.yaml")
            elif full.startswith(f"{project.name}:"):
                missing.append(f"'{key}'")
        if missing:
            raise EngineError(f"Stack '{stack}' is missing configuration value(s) {', '.join(missing)}")
        config = cls(salt=settings.get("encryptionsalt"))
        encryption = Encryption(passphrase, config.salt, stack) if decrypt else None
        for key, (value, file) in given.items():
            config.files[key] = file
            plain, is_secret = _decrypted(value, encryption)
            if plain is not _SEALED:
                config.values[key] = plain if isinstance(plain, str) else _json(plain)
            if is_secret:
                config.secret_keys.add(key)
        return config


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except (OSError, yaml.YAMLError) as error:
        raise EngineError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    if content is not None and not isinstance(content, dict):
        raise EngineError(f"{path} is not a YAML mapping")
    return content or {}


def _full(project: str, key: str) -> str:
    namespace, _, name = key.rpartition(":")
    return f"{namespace.removesuffix(':config') or project}:{name}"


def _decrypted(value: Any, encryption: Encryption | None) -> tuple[Any, bool]:
    """Return a value in the clear, or without what is encrypted in it, and whether anything is."""
    if isinstance(value, dict) and set(value) == {"secure"}:
        return encryption.decrypt(str(value["secure"])) if encryption else _SEALED, True
    if isinstance(value, dict):
        pairs = {key: _decrypted(item, encryption) for key, item in value.items()}
        plain = {key: item for key, (item, _) in pairs.items() if item is not _SEALED}
        return plain, any(hidden for _, hidden in pairs.values())
    if isinstance(value, list):
        items = [_decrypted(item, encryption) for item in value]
        return [item for item, _ in items if item is not _SEALED], any(hidden for _, hidden in items)
    return value, False


def _json(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
