"""The package's schema: what the languages know of its resources."""

from __future__ import annotations

import json
from importlib import metadata, resources


def text() -> str:
    """Return the schema as JSON, with this release's version. ``make schema`` writes all else from the code."""
    schema = json.loads(resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))
    return json.dumps({**schema, "version": metadata.version("pulumi-whatsapp")})
