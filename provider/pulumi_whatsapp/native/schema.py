"""The package's schema: what the languages know of its resources."""

from __future__ import annotations

from importlib import resources


def text() -> str:
    """Return the schema as JSON. ``make schema`` writes it from the code."""
    return resources.files(__package__).joinpath("schema.json").read_text()
