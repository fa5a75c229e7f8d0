"""The configuration's namespace, of everything that a stack configures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import Config

from ..config import KEYS, NAMESPACE
from ..sdk import all_values


def own_keys(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the values under ``whatsapp:``, misspelt keys included, without the namespace."""
    prefix = f"{NAMESPACE}:"
    return {
        key.removeprefix(prefix): str(value)
        for key, value in config.items()
        if key.startswith(prefix) and value is not None
    }


def namespace_values(config: Config) -> dict[str, str]:
    """Return what a stack configures in the namespace.

    What it needs is asked for, as the SDK wants it. Misspelt keys are looked for beside that.
    """
    known = {f"{NAMESPACE}:{key}": config.get(f"{NAMESPACE}:{key}") for key in KEYS}
    return own_keys({**all_values(config), **known})


__all__ = ["KEYS", "namespace_values", "own_keys"]
