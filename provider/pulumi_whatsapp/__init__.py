"""WhatsApp block lists and privacy settings as Pulumi resources."""

import importlib
import typing

from .errors import (
    AccountRefused,
    AnswerLost,
    ConfigurationError,
    GatewayError,
    InternalError,
    InvalidInput,
    ListChanged,
    NotConnected,
    NotFound,
    NotReached,
    ProtocolError,
    RateLimited,
    Refused,
    RequestRefused,
    ShrinksTooMuch,
    TooManyUnblocks,
    Unauthorized,
    Unavailable,
    Unconfirmed,
    Unsupported,
    WhatsAppError,
)

if typing.TYPE_CHECKING:
    from .account.current import BlockedContacts, PrivacySettings
    from .dynamic.blocked_contact import BlockedContact
    from .dynamic.blocklist import Blocklist
    from .dynamic.privacy_setting import PrivacySetting
    from .files.from_file import contacts_from_file, topics_from_file
    from .live import get_blocked_contacts, get_privacy_settings

__all__ = [
    "AccountRefused",
    "AnswerLost",
    "BlockedContact",
    "BlockedContacts",
    "Blocklist",
    "ConfigurationError",
    "GatewayError",
    "InternalError",
    "InvalidInput",
    "ListChanged",
    "NotConnected",
    "NotFound",
    "NotReached",
    "PrivacySetting",
    "PrivacySettings",
    "ProtocolError",
    "RateLimited",
    "Refused",
    "RequestRefused",
    "ShrinksTooMuch",
    "TooManyUnblocks",
    "Unauthorized",
    "Unavailable",
    "Unconfirmed",
    "Unsupported",
    "WhatsAppError",
    "contacts_from_file",
    "get_blocked_contacts",
    "get_privacy_settings",
    "topics_from_file",
]

_MODULES = {
    "BlockedContact": ".dynamic.blocked_contact",
    "BlockedContacts": ".account.current",
    "Blocklist": ".dynamic.blocklist",
    "PrivacySetting": ".dynamic.privacy_setting",
    "PrivacySettings": ".account.current",
    "contacts_from_file": ".files.from_file",
    "get_blocked_contacts": ".live",
    "get_privacy_settings": ".live",
    "topics_from_file": ".files.from_file",
}


if not typing.TYPE_CHECKING:  # to which every name would be one of ours

    def __getattr__(name: str) -> typing.Any:
        """Import what is first asked for: a program pays for the resources that it uses, and a provider for one."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        member = globals()[name] = getattr(importlib.import_module(_MODULES[name], __name__), name)
        return member


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
