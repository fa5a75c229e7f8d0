"""The schema: made from the code, valid, and such that the examples and the state fit it."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pulumi_whatsapp.config.keys import ACCOUNT_KEYS, SECRETS
from pulumi_whatsapp.native import schema
from pulumi_whatsapp.native.resource_kinds import KINDS
from schema import EXAMPLES, FILE, LANGUAGES, text

# A group's name is spelt in another way in Python.
METASCHEMA = json.loads(Path(__file__).with_name("metaschema.json").read_text(encoding="utf-8").replace("(?<", "(?P<"))
PUBLISHED: dict[str, Any] = json.loads(schema.text())


def test_the_file_is_what_the_code_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "run make schema"


def test_it_is_valid_against_pulumis_metaschema() -> None:
    jsonschema.Draft202012Validator(METASCHEMA).validate(PUBLISHED)


@pytest.mark.engine
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs the Pulumi CLI on PATH")
@pytest.mark.parametrize("made", [text, schema.text], ids=["file", "plugin"])
def test_pulumi_schema_check_has_nothing_to_say(made: Any, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(made(), encoding="utf-8")

    done = subprocess.run(["pulumi", "schema", "check", str(file)], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_credentials_are_secrets_and_nothing_else_is() -> None:
    for keys in (PUBLISHED["provider"]["inputProperties"], PUBLISHED["config"]["variables"]):
        assert {key for key, spec in keys.items() if spec.get("secret")} == SECRETS
    assert PUBLISHED["provider"]["inputProperties"].keys() == {*ACCOUNT_KEYS}
    properties = [spec for each in PUBLISHED["resources"].values() for spec in each["properties"].values()]
    assert not any(spec.get("secret") for spec in properties), "whether contacts are a secret is decided by a program"


def test_no_key_of_a_provider_comes_from_the_environment() -> None:
    """Else the SDK would hand the credentials of the default account to an explicit provider."""
    for spec in PUBLISHED["provider"]["inputProperties"].values():
        assert not {"default", "defaultInfo"} & spec.keys()


def test_the_dynamic_resources_are_taken_over() -> None:
    assert {token: spec["aliases"] for token, spec in PUBLISHED["resources"].items()} == {
        token: [{"type": f"pulumi-python:dynamic/whatsapp:{kind.name}"}] for token, kind in KINDS.items()
    }


def test_everything_is_described_in_names_that_every_language_has() -> None:
    for described in _descriptions(PUBLISHED):
        text, _, _ = described.partition("{{% examples %}}")
        assert text
        assert "``" not in text
        for name in ("wa_id", "on_destroy", "exceptions_mode", "allow_failures", "account_id", "None"):
            assert name not in text


def _descriptions(spec: Any) -> list[str]:
    """Return every description; an object that has properties, or a property that has none, is a failure."""
    found: list[str] = []
    if isinstance(spec, dict):
        for key, value in spec.items():
            found += [value] if key == "description" and isinstance(value, str) else _descriptions(value)
            if key in {"properties", "inputProperties", "variables"}:
                assert all("description" in each for each in value.values()), key
    elif isinstance(spec, list):
        found = [each for part in spec for each in _descriptions(part)]
    return found


# -- examples


EVERY = sorted(each.name for each in EXAMPLES.iterdir())


def test_each_resource_and_function_has_an_example_in_each_language() -> None:
    tokens = [*PUBLISHED["resources"], *PUBLISHED["functions"]]
    assert sorted([*(token.rpartition(":")[2] for token in tokens), "Provider"]) == EVERY
    for name in EVERY:
        assert {file.name for file in (EXAMPLES / name).iterdir()} == set(LANGUAGES.values())


@pytest.mark.parametrize("file", LANGUAGES.values())
def test_the_front_page_of_the_registry_has_the_example(file: str) -> None:
    page = (EXAMPLES.parent / "_index.md").read_text(encoding="utf-8")
    assert (EXAMPLES / "Blocklist" / file).read_text(encoding="utf-8") in page


@pytest.mark.parametrize("name", EVERY)
def test_an_example_in_yaml_fits_the_schema(name: str) -> None:
    program = yaml.safe_load((EXAMPLES / name / "Pulumi.yaml").read_text(encoding="utf-8"))
    for resource in program.get("resources", {}).values():
        kind = resource["type"].rpartition(":")[2]
        spec = PUBLISHED["resources"].get(f"whatsapp:index:{kind}", PUBLISHED["provider"])
        assert resource["properties"].keys() <= spec["inputProperties"].keys()
        assert resource["properties"].keys() >= {*spec["requiredInputs"]}
        for key, value in resource["properties"].items():
            assert _fits(value, spec["inputProperties"][key]), key


@pytest.mark.parametrize("name", EVERY)
def test_an_example_in_python_calls_what_there_is(name: str) -> None:
    tree = ast.parse((EXAMPLES / name / "__main__.py").read_text(encoding="utf-8"))
    snake = {"getBlockedContacts": "get_blocked_contacts_output", "getPrivacySettings": "get_privacy_settings_output"}
    calls = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_ours(node.func)}  # type: ignore[attr-defined]
    assert snake.get(name, name) in calls


def _is_ours(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and ast.unparse(function.value) == "whatsapp"


def _fits(value: Any, spec: dict[str, Any]) -> bool:
    if "oneOf" in spec:
        return any(_fits(value, each) for each in spec["oneOf"])
    if "$ref" in spec:
        return value in [each["value"] for each in PUBLISHED["types"][spec["$ref"].rpartition("/")[2]]["enum"]]
    if spec["type"] == "array":
        return isinstance(value, list) and all(_fits(each, spec["items"]) for each in value)
    if spec["type"] == "object":
        return isinstance(value, dict) and all(_fits(each, spec["additionalProperties"]) for each in value.values())
    return isinstance(value, {"string": str, "integer": int, "number": float, "boolean": bool}[spec["type"]])
