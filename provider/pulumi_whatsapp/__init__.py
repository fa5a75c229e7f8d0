"""WhatsApp block lists and privacy settings as Pulumi resources."""

from .errors import (
    AnswerLost,
    ConfigurationError,
    GatewayError,
    InternalError,
    InvalidInput,
    ListChanged,
    NotConnected,
    NotFound,
    ProtocolError,
    RateLimited,
    Refused,
    TooManyUnblocks,
    Unauthorized,
    Unavailable,
    Unsupported,
    WhatsAppError,
)
from .live import BlockedContacts, PrivacySettings, get_blocked_contacts, get_privacy_settings
from .resources.blocked_contact import BlockedContact
from .resources.blocklist import Blocklist
from .resources.privacy_setting import PrivacySetting

__all__ = [
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
    "PrivacySetting",
    "PrivacySettings",
    "ProtocolError",
    "RateLimited",
    "Refused",
    "TooManyUnblocks",
    "Unauthorized",
    "Unavailable",
    "Unsupported",
    "WhatsAppError",
    "get_blocked_contacts",
    "get_privacy_settings",
]
