"""``make schema``: writes the package's schema from the code: kinds, docstrings, keys, settings, docs/examples."""

from __future__ import annotations

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from pulumi_whatsapp import live
from pulumi_whatsapp.account import current
from pulumi_whatsapp.config import Requirements
from pulumi_whatsapp.config import kinds as of
from pulumi_whatsapp.config.keys import ACCOUNT_KEYS, SECRETS, AccountConfig, described
from pulumi_whatsapp.dynamic import _resource
from pulumi_whatsapp.dynamic.blocked_contact import BlockedContact
from pulumi_whatsapp.dynamic.blocklist import Blocklist
from pulumi_whatsapp.dynamic.privacy_setting import PrivacySetting
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.lifecycle.inputs import ADDITIVE, EXCLUSIVE
from pulumi_whatsapp.lifecycle.privacy_inputs import KEEP, RESTORE
from pulumi_whatsapp.native import schema
from pulumi_whatsapp.native.resource_kinds import KINDS, PACKAGE, Kind
from pulumi_whatsapp.outcome import State
from pulumi_whatsapp.privacy_settings import VALUES
from pulumi_whatsapp.spelling import to_camel

ROOT: Final = Path(__file__).resolve().parents[1]
FILE: Final = Path(schema.__file__).with_name("schema.json")
EXAMPLES: Final = ROOT / "docs" / "examples"
LANGUAGES: Final = {
    "typescript": "index.ts",
    "python": "__main__.py",
    "go": "main.go",
    "csharp": "Program.cs",
    "java": "App.java",
    "yaml": "Pulumi.yaml",
}
"""What the Registry calls a language -> the file of an example in it."""

Spec = dict[str, Any]

_STRING: Final[Spec] = {"type": "string"}
_BOOLEAN: Final[Spec] = {"type": "boolean"}
_STRINGS: Final[Spec] = {"type": "array", "items": _STRING}
_MAP: Final[Spec] = {"type": "object", "additionalProperties": _STRING}
_CONTACTS: Final[Spec] = {"oneOf": [_STRINGS, _MAP]}


def _type(name: str) -> Spec:
    return {"$ref": f"#/types/{PACKAGE}:index:{name}"}


@dataclass(frozen=True)
class _Described:
    """What the schema says of a kind beside its names and docstrings.

    Attributes:
        documented: the class whose docstrings describe it.
        types: the types of its inputs; a text where there is none.
        outputs: the types of its outputs, where they differ from that.
        required: the inputs that must be given.
        always: the outputs that there always are, beside those inputs.
        defaults: what holds where an input is not given. Only what every check fills in: another default would stand in
            a program's inputs, and differ from a state in which it does not.
        imported: how `pulumi import` names one.
        rule: what to know before the first `pulumi up`.
    """

    documented: type
    types: Mapping[str, Spec]
    outputs: Mapping[str, Spec]
    required: tuple[str, ...]
    always: tuple[str, ...]
    defaults: Mapping[str, str]
    imported: str
    rule: str


_OWNERSHIP: Final = (
    "Only a delete unblocks. A preview that shows `+` or `~` unblocks nobody; only `-` or `+-` lets somebody go, and "
    "never whom another resource of the program declares."
)
_FAILED: Final[Spec] = {"type": "object", "additionalProperties": _type("Failure")}
_DESCRIBED: Final = {
    "BlockedContact": _Described(
        BlockedContact,
        {},
        {"failed": _FAILED},
        ("phone",),
        ("failed", "accountId"),
        {},
        "A contact that is blocked, by the account's id and the contact; of the default account the contact is enough:"
        "\n\n```sh\n"
        "pulumi import whatsapp:index:BlockedContact spammer meta/106540352242922/5511987654321\n"
        "```\n",
        _OWNERSHIP,
    ),
    "Blocklist": _Described(
        Blocklist,
        {"contacts": _CONTACTS, "mode": _type("Mode"), "allowFailures": _BOOLEAN},
        {
            "contacts": _MAP,
            "failed": _FAILED,
            "foreign": _STRINGS,
            "waIds": _MAP,
            "userIds": _MAP,
            "lids": _MAP,
        },
        ("contacts",),
        ("mode", "failed", "foreign", "waIds", "userIds", "lids", "accountId"),
        {"mode": ADDITIVE},
        "Whoever is blocked now, by the account's id or the name of a configured account:\n\n```sh\n"
        "pulumi import whatsapp:index:Blocklist chargebacks meta/106540352242922\n```\n",
        _OWNERSHIP,
    ),
    "PrivacySetting": _Described(
        PrivacySetting,
        {
            "setting": _type("Setting"),
            "exceptions": _CONTACTS,
            "exceptionsMode": _type("Mode"),
            "onDestroy": _type("OnDestroy"),
        },
        {"exceptions": _MAP, "failed": _FAILED, "foreign": _STRINGS},
        ("setting", "value"),
        ("onDestroy", "failed", "foreign", "accountId"),
        {"onDestroy": RESTORE},
        "A setting as it is now, by the account's id and the setting; of the default account the setting is enough:"
        "\n\n```sh\n"
        "pulumi import whatsapp:index:PrivacySetting last-seen ryzeapi/support/privacy/last_seen\n```\n",
        "A destroy sets `baseline`, or what stood before, and only while the live value is still the declared one.",
    ),
}

_TYPES: Final[dict[str, Spec]] = {
    "Mode": {
        "type": "string",
        "description": "What becomes of those whom nobody declared.",
        "enum": [
            {"value": ADDITIVE, "description": "They are left alone."},
            {"value": EXCLUSIVE, "description": "The live list is made equal to the declared one; they are removed."},
        ],
    },
    "OnDestroy": {
        "type": "string",
        "description": "What a destroy does with a setting.",
        "enum": [
            {
                "value": RESTORE,
                "description": "Sets `baseline`, or what stood before, if nobody changed the value since.",
            },
            {"value": KEEP, "description": "Leaves the setting as it is."},
        ],
    },
    "Setting": {
        "type": "string",
        "description": "One of WhatsApp's privacy settings.",
        "enum": [
            {
                "value": name,
                "name": to_camel(f"_{name}"),
                "description": f"It is one of {', '.join(f'`{value}`' for value in values)}.",
            }
            for name, values in VALUES.items()
        ],
    },
    "Gateway": {
        "type": "string",
        "description": "What an account is reached through.",
        "enum": [
            {"value": name, "description": gateway.title, "name": gateway.__name__}
            for name, gateway in GATEWAYS.items()
        ],
    },
    "Failure": {
        "type": "object",
        "description": "What is not as declared.",
        "properties": {
            "state": {
                **_STRING,
                "description": "`refused`: the gateway said no, and it is not ours. `unsure`, `unknown`: it may have "
                "taken effect, so it is ours. `pending`: it was not reached. `removal_pending`: an exception that is "
                "not declared any more, and not removed yet.",
            },
            "why": {**_STRING, "description": "One sentence."},
        },
        "required": ["state", "why"],
    },
}
assert all(f"`{state.value}`" in _TYPES["Failure"]["properties"]["state"]["description"] for state in list(State)[1:6])

_KEY_TYPES: Final = (
    (of.COUNT, {"type": "integer"}),
    (of.LIMIT, {"type": "integer"}),
    (of.SECONDS, {"type": "number"}),
    (of.SWITCH, _BOOLEAN),
    (of.IDS, _STRINGS),
    (of.CONTACTS, _STRINGS),
    (of.ANY, _type("Gateway")),
)
_NEEDS: Final = (
    "The provider is a Python program: it needs Python 3.10 or later on the machine that runs Pulumi, and what "
    "`pip` installs."
)


def text() -> str:
    """Return the schema as JSON."""
    return json.dumps(package(), indent=2, ensure_ascii=False) + "\n"


def package() -> Spec:
    """Return the schema. It has no version: the plugin adds its own."""
    keys = {key: _key(key) for key in ACCOUNT_KEYS}
    accounts = {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}},
        "description": "Further accounts: name -> the same keys. A resource picks one by `account`.",
    }
    return {
        "name": PACKAGE,
        "displayName": "WhatsApp",
        "description": "Who a WhatsApp account blocks and who may see what, through the gateway it already uses. "
        + _NEEDS,
        "keywords": ["pulumi", PACKAGE, "block list", "privacy", "kind/native", "category/utility"],
        "license": "Apache-2.0",
        "publisher": "pulumi-whatsapp",
        "language": {
            "nodejs": {"packageName": "pulumi-whatsapp", "respectSchemaVersion": True},
            # The name of the wheel's own package: `pulumi convert` would import two otherwise.
            "python": {
                "packageName": "pulumi_whatsapp",
                "respectSchemaVersion": True,
                "pyproject": {"enabled": True},
            },
            "go": {"generateResourceContainerTypes": True, "respectSchemaVersion": True},
            "csharp": {"namespaces": {PACKAGE: "WhatsApp"}, "respectSchemaVersion": True},
            "java": {"buildFiles": "gradle"},
        },
        "config": {
            "variables": {**keys, "accounts": accounts},
            "defaults": [key for key in [*keys, "accounts"] if key != "gateway"],
        },
        "types": {f"{PACKAGE}:index:{name}": spec for name, spec in sorted(_TYPES.items())},
        "provider": {
            "description": "One account, for the resources that name it by the option `provider`. Credentials of the "
            f"environment do not reach it, but for those that name it: `WHATSAPP_ACCOUNTS_SUPPORT_TOKEN`.\n\n"
            f"{_examples('Provider', 'An account of its own')}",
            "inputProperties": keys,
            "requiredInputs": ["gateway"],
        },
        "resources": {token: _resource_spec(kind) for token, kind in KINDS.items()},
        "functions": {
            f"{PACKAGE}:index:getBlockedContacts": _function(
                live.get_blocked_contacts,
                current.BlockedContacts,
                {"contacts": _STRINGS, "nameless": {"type": "integer"}},
                "Who is blocked",
            ),
            f"{PACKAGE}:index:getPrivacySettings": _function(
                live.get_privacy_settings, current.PrivacySettings, {"values": _MAP}, "What is set"
            ),
        },
    }


def _resource_spec(kind: Kind) -> Spec:
    say = _DESCRIBED[kind.name]
    docs = _Docs.of(say.documented)
    inputs = {name: {**say.types.get(name, _STRING), "description": docs.inputs[name]} for name in kind.inputs}
    for name, default in say.defaults.items():
        inputs[name]["default"] = default
    outputs = {
        name: {**say.outputs.get(name, say.types.get(name, _STRING)), "description": docs.attributes[name]}
        for name in (*kind.inputs, *kind.outputs)
    }
    examples = _examples(kind.name, re.split("[.:]", docs.text)[0])
    return {
        "description": f"{docs.text}\n\n{say.rule}\n\n{examples}\n## Import\n\n{say.imported}",
        "inputProperties": inputs,
        "requiredInputs": list(say.required),
        "properties": outputs,
        "required": [*say.required, *say.always],
        "aliases": [{"type": kind.dynamic}],
    }


def _function(function: Callable[..., Any], result: type, types: Mapping[str, Spec], title: str) -> Spec:
    docs, answer = _Docs.of(function), _Docs.of(result)
    name = to_camel(function.__name__)
    return {
        "description": f"{docs.text.replace('Return who', 'Who').replace('Return an', 'An')}\n\n"
        f"It fails {'; '.join(docs.raises)}.\n\n{_examples(name, title)}",
        "inputs": {
            "type": "object",
            "properties": {"account": {**_STRING, "description": docs.inputs["account"]}},
        },
        "outputs": {
            "type": "object",
            "properties": {
                to_camel(field.name): {
                    **types.get(field.name, _STRING),
                    "description": answer.attributes[to_camel(field.name)],
                }
                for field in fields(result)
            },
            "required": [to_camel(field.name) for field in fields(result)],
        },
    }


def _key(key: str) -> Spec:
    """Return what the schema says of a key of an account."""
    field = next(each for each in fields(AccountConfig) if each.metadata and to_camel(each.name) == key)
    _, meaning, default = described(key)
    needed = ", ".join(f"`{name}`" for name, gateway in GATEWAYS.items() if key in _needed(gateway.requirements))
    kind = next((spec for each, spec in _KEY_TYPES if field.metadata["kind"] is each), _STRING)
    says = [
        _sentence(_camel(meaning)),
        f"Needed by {needed}" if needed else "",
        f"Default: {default}" if default else "",
    ]
    return {
        **kind,
        "description": " ".join(f"{each}." for each in says if each),
        **({"secret": True} if key in SECRETS else {}),
    }


def _needed(requirements: Requirements) -> set[str]:
    return {*requirements.identity, *requirements.credentials}


def _examples(name: str, title: str) -> str:
    blocks = "\n".join(
        f"```{language}\n{EXAMPLES.joinpath(name, file).read_text(encoding='utf-8')}```\n"
        for language, file in LANGUAGES.items()
    )
    return (
        f"{{{{% examples %}}}}\n## Example Usage\n\n{{{{% example %}}}}\n### {title}\n\n{blocks}\n"
        "{{% /example %}}\n{{% /examples %}}\n"
    )


@dataclass(frozen=True)
class _Docs:
    """What the docstrings of a class or function say, as Markdown, with names as every language spells them.

    Attributes:
        text: what it is.
        inputs: argument -> what it means.
        attributes: attribute -> what it means.
        raises: when it fails, a clause each.
    """

    text: str
    inputs: Mapping[str, str]
    attributes: Mapping[str, str]
    raises: tuple[str, ...]

    @classmethod
    def of(cls, documented: Any) -> _Docs:
        """Return what is said of a class or function."""
        text, *rest = re.split(r"^(Args|Attributes|Raises):\n", inspect.getdoc(documented) or "", flags=re.MULTILINE)
        sections = dict(zip(rest[::2], map(_entries, rest[1::2]), strict=True))
        attributes = dict(_attributes(documented)) if isinstance(documented, type) else {}
        return cls(
            _markdown(text),
            {to_camel(name): _sentence(_markdown(said)) for name, said in sections.get("Args", {}).items()},
            {
                to_camel(name): _sentence(_markdown(said))
                for name, said in {**attributes, **sections.get("Attributes", {})}.items()
            },
            tuple(_markdown(said).rstrip(".") for said in sections.get("Raises", {}).values()),
        )


def _entries(section: str) -> dict[str, str]:
    """Return name -> text of a section of a docstring."""
    found = re.findall(r"^(\w+): (.*(?:\n .*|\n(?=\n))*)", textwrap.dedent(section), flags=re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in found}


def _attributes(documented: type) -> Iterator[tuple[str, str]]:
    """Yield each attribute of a class that a text stands under, and the text."""
    for each in (_resource.Resource, documented):
        body = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]
        assert isinstance(body, ast.ClassDef)
        for first, second in zip(body.body, body.body[1:], strict=False):
            if isinstance(first, ast.AnnAssign) and isinstance(second, ast.Expr):
                assert isinstance(first.target, ast.Name)
                assert isinstance(second.value, ast.Constant)
                yield first.target.id, inspect.cleandoc(str(second.value.value))


_NAMES: Final = frozenset(name for kind in KINDS.values() for name in (*kind.inputs, *kind.outputs))


def _markdown(text: str) -> str:
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    return _camel("\n\n".join(paragraphs).replace("``", "`"))


def _camel(text: str) -> str:
    """Spell the names of properties as every language but Python does."""
    return re.sub(
        r"`(\w+)`", lambda found: f"`{to_camel(found[1])}`" if to_camel(found[1]) in _NAMES else found[0], text
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def main() -> None:
    """Write it."""
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
