"""The state file: Pulumi's deployment format (version 3), one lock, and saves that are whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from .encryption import Encryption
from .model import EngineError, Resource, Unsupported
from .values import SECRET, SIGNATURE, exchanged, secret

_VERSION = "3.260.0"
_KEYS = {
    item.name: to_camel(item.name) for item in fields(Resource) if item.name not in ("aliases", "unknown_keys", "text")
}
_ATTRIBUTES = {key: attribute for attribute, key in _KEYS.items()}
_UNSUPPORTED = {
    "external": "resources that were read (`Resource.get`)",
    "viewOf": "views",
    "taint": "tainted resources",
    "pendingReplacement": "resources that were deleted before their replacement",
    "deletedWith": "`deleted_with`",
    "initErrors": "resources that were made in part",
}
Pending = tuple[str, Resource]


def now() -> str:
    """The time as the state holds it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class StateFile:
    """One stack's state on disk.

    Args:
        path: the file, ``<stack>.json``; its folder is the states' own, and is made at the first run.
        passphrase: for the secrets in it.
        salt: for the secrets in it. If the file brings one of its own, that one is used.
    """

    def __init__(self, path: Path, passphrase: str | None, salt: str | None = None) -> None:
        self.path = path
        self._passphrase = passphrase
        self.encryption = Encryption(passphrase, salt, path.stem)
        self.metadata: dict[str, Any] = {}

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out; the lock of a process that died is free.

        Raises:
            EngineError: another run holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        ignore = self.path.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        with self.path.with_suffix(".lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                who = file.read().strip() or "unknown"
                raise EngineError(f"the stack is currently locked by another run (process {who})") from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def load(self) -> tuple[list[Resource], list[Pending]]:
        """The resources and the operations that were in flight; both empty where there is no file.

        Raises:
            EngineError: the file is not a whole deployment; it is left as it is.
            Unsupported: another version, or resources that this engine cannot handle.
        """
        if not self.path.exists():
            return [], []
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            version, deployment = content["version"], content["deployment"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"the state file {self.path} is damaged ({error}) and was left as it is: restore it from a copy"
            raise EngineError(message) from None
        if version != 3:
            raise Unsupported(f"state of version {version}", "export it with a current Pulumi CLI")
        manifest = deployment.get("manifest") or {}
        if manifest.get("magic") and manifest["magic"] != _magic(manifest.get("version", "")):
            raise EngineError(f"the state file {self.path} is damaged: its magic does not fit its version")
        provider = deployment.get("secrets_providers") or {}
        if provider.get("type", "passphrase") != "passphrase":
            raise Unsupported(f"state encrypted by {provider['type']!r}", "export it with --show-secrets")
        if salt := (provider.get("state") or {}).get("salt"):
            self.encryption = Encryption(self._passphrase, salt, self.path.stem)
        own = ("manifest", "secrets_providers", "resources", "pending_operations")
        self.metadata = {key: value for key, value in deployment.items() if key not in own}
        resources = [self._decode(item) for item in deployment.get("resources") or []]
        pending = [(op["type"], self._decode(op["resource"])) for op in deployment.get("pending_operations") or []]
        return resources, pending

    def write(self, text: str) -> None:
        """Replace the file by a temporary one that is complete and on disk.

        Raises:
            EngineError: it could not be written; the old file stands.
        """
        temporary = None
        try:
            with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False, encoding="utf-8") as file:
                temporary = Path(file.name)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            if temporary:
                temporary.unlink(missing_ok=True)
            raise EngineError(f"the state could not be saved, {self.path} is as it was: {error}") from None

    def render(self, resources: list[Resource], pending: list[Pending], show_secrets: bool = False) -> str:
        """The deployment as JSON."""

        def encoded(resource: Resource) -> str:
            if show_secrets:
                return json.dumps(self._encode(resource, plain=True), indent=1, sort_keys=True)
            if resource.text is None:
                resource.text = json.dumps(self._encode(resource), indent=1, sort_keys=True)
            return resource.text

        body = ",\n".join(encoded(resource) for resource in resources)
        doing = ",\n".join(f'{{"resource": {encoded(item)}, "type": "{kind}"}}' for kind, item in pending)
        parts = {"manifest": json.dumps({"time": now(), "magic": _magic(_VERSION), "version": _VERSION})}
        if SECRET in body or SECRET in doing:
            parts["secrets_providers"] = json.dumps({"type": "passphrase", "state": {"salt": self.encryption.salt}})
        parts["resources"] = f"[\n{body}\n]"
        if pending:
            parts["pending_operations"] = f"[\n{doing}\n]"
        parts.update({key: json.dumps(value) for key, value in {"metadata": {}, **self.metadata}.items()})
        deployment = ",\n".join(f'"{key}": {text}' for key, text in parts.items())
        return f'{{"version": 3, "deployment": {{\n{deployment}\n}}}}\n'

    def _encode(self, resource: Resource, plain: bool = False) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        for attribute, key in _KEYS.items():
            if (value := getattr(resource, attribute)) or key == "custom":
                entry[key] = exchanged(value, {SECRET: lambda mark: self._hide(mark, plain)})
        return {**entry, **resource.unknown_keys}

    def _hide(self, mark: Any, plain: bool) -> Any:
        text = json.dumps(mark["value"], sort_keys=True, separators=(",", ":"))
        kept = {"plaintext": text} if plain else {"ciphertext": self.encryption.encrypt(text)}
        return {SIGNATURE: SECRET, **kept}

    def _decode(self, entry: dict[str, Any]) -> Resource:
        for key, what in _UNSUPPORTED.items():
            if entry.get(key):
                raise Unsupported(f"{what} ({entry['urn']})")
        known = {_ATTRIBUTES[key]: value for key, value in entry.items() if key in _ATTRIBUTES}
        for attribute in ("inputs", "outputs"):
            known[attribute] = exchanged(known.get(attribute) or {}, {SECRET: self._seek})
        return Resource(**known, unknown_keys={key: value for key, value in entry.items() if key not in _ATTRIBUTES})

    def _seek(self, hidden: Any) -> Any:
        text = hidden["plaintext"] if "plaintext" in hidden else self.encryption.decrypt(hidden["ciphertext"])
        return secret(json.loads(text))


def _magic(version: str) -> str:
    return hashlib.sha256(version.encode()).hexdigest()
