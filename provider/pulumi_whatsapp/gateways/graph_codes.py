"""What the error codes of Meta's Graph API mean: one table, which 360dialog and Kaleyra share.

It holds the codes that a block list can meet. A code that is not in it says nothing about anybody: the HTTP status of
the whole answer tells what can be told. "In general, Meta recommends that you build your app's error handling logic
around code values" (page "WhatsApp error codes").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..errors import (
    AccountRefused,
    AnswerLost,
    ListChanged,
    NotFound,
    NotReached,
    RateLimited,
    Refused,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from .base import Meaning

TOO_MANY: Final = 130429
"""Too many requests, or too many contacts in one."""
SOME_FAILED: Final = 139100
"""Some contacts of a request failed; the rows say which, and why."""

_BLOCKING: Final = (
    "https://developers.facebook.com/documentation/business-messaging/whatsapp/block-users/ (error codes)"
)
_ERRORS: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes/"

CODES: Final[Mapping[int, Meaning]] = {
    # about the contact
    131021: Meaning(Refused, _BLOCKING, "it is the business's own number; remove it from the program"),
    131047: Meaning(
        Refused,
        _BLOCKING,
        "only who wrote in the last 24 hours can be blocked; a Blocklist that allows failures goes on without them",
    ),
    131056: Meaning(NotReached, _ERRORS),
    # about the account, or what its credentials may do
    0: Meaning(Unauthorized, _ERRORS),
    3: Meaning(Unauthorized, _ERRORS, "the access token lacks a permission"),
    10: Meaning(Unauthorized, _ERRORS, "the access token lacks a permission"),
    190: Meaning(Unauthorized, _ERRORS),
    **dict.fromkeys(range(200, 300), Meaning(Unauthorized, _ERRORS, "the access token lacks a permission")),
    131005: Meaning(Unauthorized, _ERRORS, "the access token lacks a permission"),
    33: Meaning(NotFound, _ERRORS, "the business's phone number was deleted"),
    368: Meaning(AccountRefused, _ERRORS, "the account is restricted for a breach of policy"),
    130497: Meaning(AccountRefused, _ERRORS, "the account is restricted in this country"),
    131031: Meaning(AccountRefused, _ERRORS, "the account is locked"),
    131042: Meaning(AccountRefused, _ERRORS, "pay what is due"),
    131045: Meaning(AccountRefused, _ERRORS, "register the business's phone number again"),
    133010: Meaning(AccountRefused, _ERRORS, "register the business's phone number"),
    139101: Meaning(AccountRefused, _BLOCKING, "the block list is full (64,000 contacts); unblock somebody first"),
    131057: Meaning(Unavailable, _ERRORS, "the account is in maintenance"),
    4: Meaning(RateLimited, _ERRORS),
    80007: Meaning(RateLimited, _ERRORS),
    TOO_MANY: Meaning(RateLimited, _BLOCKING),
    131048: Meaning(RateLimited, _ERRORS),
    139102: Meaning(ListChanged, _BLOCKING),
    # about nobody; 100, 131008 and 131009 (a parameter) say neither whether the request or a contact in it is at fault
    1: Meaning(AnswerLost, _ERRORS),
    2: Meaning(AnswerLost, _ERRORS),
    131000: Meaning(AnswerLost, _ERRORS),
    131016: Meaning(AnswerLost, _ERRORS),
    133004: Meaning(AnswerLost, _ERRORS),
    139103: Meaning(AnswerLost, _BLOCKING),
    SOME_FAILED: Meaning(Unconfirmed, _BLOCKING),
}
