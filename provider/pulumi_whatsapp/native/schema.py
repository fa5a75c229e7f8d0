"""The package's schema: what the languages know of its resources."""

from __future__ import annotations

import json
from importlib import metadata, resources


def text() -> str:
    """Return the schema as JSON. ``make schema`` writes it from the code, but for what depends on the release."""
    schema = json.loads(resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))
    release = {"version": metadata.version("pulumi-whatsapp"), "meta": {"supportPack": True}}
    return json.dumps({**schema, **release})
