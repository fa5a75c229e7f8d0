"""What the plugin answers is what its schema says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from pulumi_whatsapp.native import schema

from .conftest import ONLY_NATIVE, Take

pytestmark = ONLY_NATIVE

SCHEMA = json.loads(schema.text())
ONE = "+16505551001"
NOT_TOLD = {"secret", "instance", "dormant", "ours", "failedRun"}
"""What the state holds for the provider alone."""


def _json_schema(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of a property."""
    if "$ref" not in spec:
        return {key: _json_schema(value) if isinstance(value, dict) else value for key, value in spec.items()}
    kind = SCHEMA["types"][spec["$ref"].rpartition("/")[2]]
    if "enum" in kind:
        return {"enum": [each["value"] for each in kind["enum"]]}
    properties = {name: _json_schema(each) for name, each in kind["properties"].items()}
    return {"type": "object", "properties": properties, "required": kind["required"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("gateway", "kind", "news"),
    [
        ("meta", "BlockedContact", {"phone": ONE}),
        ("meta", "Blocklist", {"contacts": [ONE]}),
        ("zapi", "Blocklist", {"contacts": {ONE: "why"}}),
        ("zapi", "PrivacySetting", {"setting": "last_seen", "value": "contacts", "onDestroy": "keep"}),
        ("zapi", "PrivacySetting", {"setting": "about", "value": "contact_blacklist", "exceptions": [ONE]}),
    ],
)
def test_the_state_has_what_is_required_and_of_the_type_that_is_said(
    take: Take, gateway: str, kind: str, news: dict[str, Any]
) -> None:
    account = take(gateway)
    resource = account.resource(kind)
    assert resource.up({**news, "account": account.name})
    spec = SCHEMA["resources"][f"whatsapp:index:{kind}"]

    said = {
        "type": "object",
        "properties": {name: _json_schema(each) for name, each in spec["properties"].items()},
        "required": spec["required"],
        "additionalProperties": False,
    }
    jsonschema.validate({key: value for key, value in resource.outputs.items() if key not in NOT_TOLD}, said)
    inputs = spec["inputProperties"]
    defaults = {name: each["default"] for name, each in inputs.items() if "default" in each and name not in news}
    assert resource.inputs.items() >= defaults.items(), "an SDK fills in what the check does, or a takeover is a change"
