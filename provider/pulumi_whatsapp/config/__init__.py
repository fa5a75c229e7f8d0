"""The accounts that a stack configures: their keys, and where these come from."""

from __future__ import annotations

from .environment import from_environment
from .keys import ACCOUNT_KEYS, DEFAULT, KEYS, NAMESPACE, SECRETS, AccountConfig, described
from .namespace import own_keys, stack_configuration
from .reading import Configuration, Requirements, exposed, load, load_provider

__all__ = [
    "ACCOUNT_KEYS",
    "DEFAULT",
    "KEYS",
    "NAMESPACE",
    "SECRETS",
    "AccountConfig",
    "Configuration",
    "Requirements",
    "described",
    "exposed",
    "from_environment",
    "load",
    "load_provider",
    "own_keys",
    "stack_configuration",
]
