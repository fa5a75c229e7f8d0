"""The configuration's namespace, of everything that a stack configures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import Config

from ..config import KEYS, NAMESPACE


def own_keys(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the values under ``whatsapp:``, misspelt keys included, without the namespace."""
    prefix = f"{NAMESPACE}:"
    return {
        key.removeprefix(prefix): str(value)
        for key, value in config.items()
        if key.startswith(prefix) and value is not None
    }


def provider_configuration(config: Config) -> dict[str, str]:
    """Return the provider's own view of the namespace.

    The SDK's bag gives the value of a key and does not list its keys. So misspelt ones are looked for inside of it, and
    what the provider needs is asked for.
    """
    known = {f"{NAMESPACE}:{key}": config.get(f"{NAMESPACE}:{key}") for key in KEYS}
    return own_keys({**getattr(config, "_props", {}), **known})


__all__ = ["KEYS", "own_keys", "provider_configuration"]
