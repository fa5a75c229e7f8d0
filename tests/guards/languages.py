"""Programs in YAML and TypeScript, each written from one description, on the native plugin."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..engine.project import CliProject, CommandOutcome
from .world import META, DeployedWorld, well

SDK = Path(__file__).parents[2] / "sdk" / "nodejs"
LANGUAGES = ("yaml", "typescript")


@dataclass(frozen=True)
class WrittenResource:
    """A resource of a program.

    Attributes:
        kind: ``Blocklist``, or ``Provider``.
        name: its name; another resource calls it so.
        inputs: its inputs, by their names on the wire.
        after: the resource that it depends on.
        provider: the explicit provider that it belongs to.
        options: more of Pulumi's options, by their names in YAML and TypeScript.
    """

    kind: str
    name: str
    inputs: Mapping[str, Any]
    after: str | None = None
    provider: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """What another resource gives, with a text before it."""

    resource: str
    name: str
    before: str = ""


@dataclass(frozen=True)
class SecretText:
    """A secret text."""

    value: str


def contact(name: str, phone: Any, **more: Any) -> WrittenResource:
    """Declare a contact."""
    return WrittenResource("BlockedContact", name, {"phone": phone}, **more)


def contact_list(name: str, *contacts: Any, **more: Any) -> WrittenResource:
    """Declare a list."""
    return WrittenResource("Blocklist", name, {"contacts": list(contacts)}, **more)


def in_yaml(*program: WrittenResource) -> str:
    """Return a program in YAML, without the project's own keys."""
    return yaml.safe_dump({"resources": {each.name: _yaml_resource(each) for each in program}}, sort_keys=False)


def _yaml_resource(declared: WrittenResource) -> Mapping[str, Any]:
    kind = "pulumi:providers:whatsapp" if declared.kind == "Provider" else f"whatsapp:{declared.kind}"
    options = dict(declared.options)
    if declared.after:
        options["dependsOn"] = [f"${{{declared.after}}}"]
    if declared.provider:
        options["provider"] = f"${{{declared.provider}}}"
    written = {"type": kind, "properties": _yaml(dict(declared.inputs))}
    return {**written, "options": options} if options else written


def _yaml(value: Any) -> Any:
    if isinstance(value, Output):
        return f"{value.before}${{{value.resource}.{value.name}}}"
    if isinstance(value, SecretText):
        return {"fn::secret": value.value}
    if isinstance(value, dict):
        return {key: _yaml(item) for key, item in value.items()}
    return [_yaml(item) for item in value] if isinstance(value, list) else value


def in_typescript(*program: WrittenResource) -> str:
    """Return a program in TypeScript, without its imports."""
    names = {declared.name: f"r{number}" for number, declared in enumerate(program)}
    return "".join(_typescript_resource(each, names) for each in program)


def _typescript_resource(declared: WrittenResource, names: Mapping[str, str]) -> str:
    options = [f"{key}: {json.dumps(value)}" for key, value in declared.options.items()]
    if declared.after:
        options.append(f"dependsOn: [{names[declared.after]}]")
    if declared.provider:
        options.append(f"provider: {names[declared.provider]}")
    inputs = _typescript(dict(declared.inputs), names)
    name = json.dumps(declared.name)
    return (
        f"const {names[declared.name]} = new whatsapp.{declared.kind}({name}, {inputs}, {{ {', '.join(options)} }});\n"
    )


def _typescript(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, Output):
        return f"pulumi.interpolate`{value.before}${{{names[value.resource]}.{value.name}}}`"
    if isinstance(value, SecretText):
        return f"pulumi.secret({json.dumps(value.value)})"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{json.dumps(key)}: {_typescript(item, names)}' for key, item in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(_typescript(item, names) for item in value)}]"
    return json.dumps(value)


class YamlProject(CliProject):
    """A stack whose program is in YAML."""

    def program(self, source: str) -> None:
        """Write the program into ``Pulumi.yaml``: what `in_yaml` returns."""
        head = {"name": "demo", "runtime": "yaml", **self.plugins()}
        (self.folder / "Pulumi.yaml").write_text(f"{yaml.safe_dump(head)}{source}")


class TypeScriptProject(CliProject):
    """A stack whose program is in TypeScript.

    Args:
        modules: the folder ``node_modules`` that it uses.
    """

    def __init__(self, folder: Path, home: Path, config: Mapping[str, Any], plugin: Path, modules: Path) -> None:
        (folder / "node_modules").symlink_to(modules)
        (folder / "package.json").write_text(json.dumps({"name": "demo", "main": "index.ts"}))
        (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": {"strict": True, "target": "ES2020"}}))
        super().__init__(folder, home, config, plugin, runtime="nodejs")

    def program(self, source: str) -> None:
        """Write the program: what `in_typescript` returns."""
        head = 'import * as pulumi from "@pulumi/pulumi";\nimport * as whatsapp from "pulumi-whatsapp";\n\n'
        (self.folder / "index.ts").write_text(head + source)


WRITTEN: Mapping[str, Callable[..., str]] = {"yaml": in_yaml, "typescript": in_typescript}


class Spoken(DeployedWorld):
    """A stack whose programs are in one language."""

    language: str

    def declares(self, *program: WrittenResource) -> None:
        """Write the program."""
        self.stack.program(WRITTEN[self.language](*program))

    def comes_to(self, *program: WrittenResource) -> CommandOutcome:
        """Write the program, and bring it up without an error."""
        self.declares(*program)
        return well(self.stack.up())

    def provider(self, name: str, number: str = "106540352242922", **more: Any) -> WrittenResource:
        """Declare an explicit provider: a number on Meta's Cloud API."""
        keys = {"gateway": META, "phoneNumberId": number, "sandbox": str(self.sandbox.path), **more}
        return WrittenResource("Provider", name, keys)


def require(language: str) -> None:
    """Skip the test, with one line, where the machine has not what a language needs."""
    host = {"yaml": "pulumi-language-yaml", "typescript": "pulumi-language-nodejs"}[language]
    needed = [host, *(["node", "npm"] if language == "typescript" else [])]
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not on PATH")


def node_modules(shared: Path) -> Path:
    """Return a folder ``node_modules`` with Pulumi's SDK from the npm registry, and ours as it is built for it.

    Args:
        shared: a folder that all processes of the test run share: it is made once.
    """
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made, failed = shared / "node_modules" / "pulumi-whatsapp" / "package.json", shared / "failed"
        if not made.exists() and not failed.exists():
            _install(shared, failed)
        if failed.exists():
            pytest.skip(f"npm cannot install @pulumi/pulumi: {failed.read_text()}")
    return shared / "node_modules"


def _install(folder: Path, failed: Path) -> None:
    (folder / "package.json").write_text(json.dumps({"name": "modules", "private": True}))
    needs = json.loads((SDK / "package.json").read_text())
    packages = [
        f"{name}@{version}" for key in ("dependencies", "devDependencies") for name, version in needs[key].items()
    ]
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error", *packages]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        failed.write_text(next(iter((done.stderr or done.stdout).strip().splitlines()), f"exit {done.returncode}"))
        return
    source, built = folder / "sdk", folder / "node_modules" / "pulumi-whatsapp"
    shutil.copytree(SDK, source, ignore=shutil.ignore_patterns("node_modules", "bin"))
    (source / "node_modules").symlink_to(folder / "node_modules")
    compile_ = [str(folder / "node_modules" / ".bin" / "tsc"), "--outDir", str(built)]
    subprocess.run(compile_, cwd=source, env={**os.environ}, check=True, capture_output=True)
    shutil.copy(source / "package.json", built)
