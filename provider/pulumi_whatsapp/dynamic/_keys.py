"""The configuration's namespace, as the process of a dynamic provider is handed it."""

from __future__ import annotations

from pulumi.dynamic import Config

from ..config import KEYS, NAMESPACE, own_keys
from ..sdk import all_values


def namespace_values(config: Config) -> dict[str, str]:
    """Return what a stack configures in the namespace.

    What it needs is asked for, as the SDK wants it. Misspelt keys are looked for beside that.
    """
    known = {f"{NAMESPACE}:{key}": config.get(f"{NAMESPACE}:{key}") for key in KEYS}
    return own_keys({**all_values(config), **known})
