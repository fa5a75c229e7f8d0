"""The keys of the configuration's namespace."""

from __future__ import annotations

from typing import Final

from ..config import AccountConfig

KEYS: Final = (*(str(field.alias) for field in AccountConfig.model_fields.values()), "accounts")
