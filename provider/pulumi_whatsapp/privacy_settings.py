"""WhatsApp's privacy settings: their names and values, in WhatsApp's own wire words.

The words are those of WhatsApp's linked-device protocol in lower case, as Z-API
(https://developer.z-api.io, "Privacy") and RyzeAPI (https://docs.ryzeapi.cloud, "Profile") document them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final, Literal

from .errors import InvalidInput

Setting = Literal[
    "last_seen",
    "profile_photo",
    "about",
    "group_add",
    "online",
    "read_receipts",
    "call_add",
    "default_message_timer",
]
"""A privacy setting's name."""

Value = Literal[
    "all",
    "contacts",
    "contact_blacklist",
    "none",
    "match_last_seen",
    "known",
    "off",
    "24h",
    "7d",
    "90d",
]
"""A privacy setting's value; `VALUES` has those of each setting."""

CONTACT_BLACKLIST: Final = "contact_blacklist"
"""The value "my contacts except…", the only one under which WhatsApp keeps and shows a list of exceptions."""

VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "last_seen": ("all", "contacts", CONTACT_BLACKLIST, "none"),
    "profile_photo": ("all", "contacts", CONTACT_BLACKLIST, "none"),
    "about": ("all", "contacts", CONTACT_BLACKLIST, "none"),
    "group_add": ("all", "contacts", CONTACT_BLACKLIST),
    "online": ("all", "match_last_seen"),
    "read_receipts": ("all", "none"),
    "call_add": ("all", "known"),
    "default_message_timer": ("off", "24h", "7d", "90d"),
}
"""Every setting and the values that WhatsApp takes for it."""

_BETWEEN_LETTERS: Final = re.compile(r"[\W_]+")
_SETTING_SPELLINGS: Final = {
    "last": "last_seen",
    "lastseen": "last_seen",
    "photo": "profile_photo",
    "profile": "profile_photo",
    "profilephoto": "profile_photo",
    "description": "about",
    "status": "about",
    "groupadd": "group_add",
    "readreceipts": "read_receipts",
    "calladd": "call_add",
    "messagesduration": "default_message_timer",
    "defaultmessagetimer": "default_message_timer",
}
_LABELS: Final = {
    "everyone": "all",
    "mycontacts": "contacts",
    "mycontactsexcept": CONTACT_BLACKLIST,
    "contactsexcept": CONTACT_BLACKLIST,
    "nobody": "none",
    "sameaslastseen": "match_last_seen",
    "24hours": "24h",
    "7days": "7d",
    "90days": "90d",
}
"""The labels of WhatsApp's app in English, for the values of whichever settings have them."""
_VALUE_SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "online": {"samelastseen": "match_last_seen"},
    "read_receipts": {"enable": "all", "disable": "none"},
    "default_message_timer": {"disable": "off", "hours24": "24h", "days7": "7d", "days90": "90d"},
}


def canonical_setting(text: str) -> str:
    """Return the setting that ``text`` spells: ``lastSeen``, ``LAST_SEEN`` and ``last_seen`` are one.

    Raises:
        InvalidInput: on ``setting``, when no setting is spelt so.
    """
    key = _letters(text)
    for name in VALUES:
        if _letters(name) == key:
            return name
    if key in _SETTING_SPELLINGS:
        return _SETTING_SPELLINGS[key]
    raise InvalidInput("setting", _unknown(text, "is not a WhatsApp privacy setting", VALUES))


def canonical_value(setting: str, text: str, property: str = "value") -> str:  # noqa: A002
    """Return the value of ``setting`` that ``text`` spells.

    ``CONTACT_BLACKLIST`` is ``contact_blacklist``, and so is "My contacts except…", WhatsApp's label for it.

    Raises:
        InvalidInput: on ``property``, when the setting has no such value.
    """
    key = _letters(text)
    for value in VALUES[setting]:
        if _letters(value) == key:
            return value
    spelt = _VALUE_SPELLINGS.get(setting, {}).get(key, _LABELS.get(key))
    if spelt not in VALUES[setting]:
        raise InvalidInput(property, _unknown(text, f"is not a value of {setting}", VALUES[setting]))
    return spelt


def _letters(text: str) -> str:
    return _BETWEEN_LETTERS.sub("", text).lower()


def _unknown(text: str, what: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(text.lower(), names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{text!r} {what}; {hint}it is one of {', '.join(names)}"
