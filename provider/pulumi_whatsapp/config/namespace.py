"""The configuration's namespace: out of all that a stack configures, and as the program of the stack sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from .keys import KEYS, NAMESPACE


def own_keys(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the values under ``whatsapp:``, misspelt keys included, without the namespace."""
    prefix = f"{NAMESPACE}:"
    return {
        key.removeprefix(prefix): str(value)
        for key, value in config.items()
        if key.startswith(prefix) and value is not None
    }


def stack_configuration() -> dict[str, str]:
    """Return the program's own view of the stack configuration in the namespace ``whatsapp``."""
    stack = pulumi.Config(NAMESPACE)
    known = {f"{NAMESPACE}:{key}": stack.get(key) for key in KEYS}
    return own_keys({**pulumi.runtime.get_config_env(), **known})
