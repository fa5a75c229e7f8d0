"""WhatsApp's privacy settings and what each may be, in WhatsApp's own wire words."""

from __future__ import annotations

_AUDIENCES = ("all", "contacts", "contact_blacklist", "none")

SETTINGS: dict[str, tuple[str, ...]] = {
    "last_seen": _AUDIENCES,
    "profile_photo": _AUDIENCES,
    "about": _AUDIENCES,
    "group_add": ("all", "contacts", "contact_blacklist"),
    "online": ("all", "match_last_seen"),
    "read_receipts": ("all", "none"),
    "call_add": ("all", "known"),
    "default_message_timer": ("off", "24h", "7d", "90d"),
}
"""Each setting's values; a new account stands on the first one."""

WITH_EXCEPTIONS: tuple[str, ...] = tuple(
    setting for setting, values in SETTINGS.items() if "contact_blacklist" in values
)
"""The settings that have a list of contacts to whom they do not apply."""


def checked(setting: str, value: str) -> str:
    """Return the value if the setting knows it. Raises ValueError."""
    if setting not in SETTINGS:
        raise ValueError(f"no setting {setting!r}; there are {', '.join(SETTINGS)}")
    if value not in SETTINGS[setting]:
        raise ValueError(f"{setting} cannot be {value!r}; it can be {', '.join(SETTINGS[setting])}")
    return value


def with_exceptions(setting: str) -> str:
    """Return the setting if it has exceptions. Raises ValueError."""
    if setting not in WITH_EXCEPTIONS:
        raise ValueError(f"{setting!r} has no exceptions; these have: {', '.join(WITH_EXCEPTIONS)}")
    return setting
