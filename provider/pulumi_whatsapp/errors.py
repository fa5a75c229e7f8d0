"""Every error a user can meet::

    WhatsAppError
      ConfigurationError: the stack's configuration or environment is missing something or contradicts itself
      InvalidInput: a resource's input is not possible; names the property
        Unsupported: the account's gateway cannot do what the input asks
      TooManyUnblocks: more contacts would be unblocked than ``maxUnblocks`` allows
      ShrinksTooMuch: a list would lose more than half of its contacts at once
      GatewayError: a gateway, or the way to it, failed, or said no without saying to whom
        Refused: the gateway said no to this contact, in words that are documented to be about it
        NotReached: it was not the contact's turn; nothing was done
        Unauthorized: the credentials were refused, or lack a right
        NotFound: the instance or the number does not exist on the gateway
        NotConnected: the instance has no session with WhatsApp
        AccountRefused: the account is locked, unpaid or restricted, or its block list is full
        RequestRefused: the gateway does not do such a request, and never will
        RateLimited: too many requests; retried after a wait
        Unavailable: the gateway could not be reached or is not ready, and nothing was done
        AnswerLost: the request may or may not have taken effect
        Unconfirmed: the gateway neither confirmed the request nor said why not
        ListChanged: the block list changed while it was being read
        ProtocolError: the answer is not what the gateway documents
      InternalError: a fault of this package

Each message is one line: what happened, why, and what to do. None shows a credential: whatever comes from outside
is redacted before it gets here.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import ClassVar

from pulumi import RunError

from .spelling import to_snake


class WhatsAppError(RunError):
    """Root of every error of this package. One that a program does not catch is a line to the user, no traceback."""

    # The Pulumi CLI prints an error as `<module>.<class>: <message>`; the public module is the useful one.
    __module__ = "pulumi_whatsapp"

    def __init_subclass__(cls) -> None:
        cls.__module__ = WhatsAppError.__module__


class ConfigurationError(WhatsAppError):
    """The configuration is missing something or contradicts itself; the message has the lines that mend it.

    Args:
        message: everything that is wrong, in one line.
        problems: the same one by one, where there are several.
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems) or (message,)


class InvalidInput(WhatsAppError):
    """An input is not possible.

    Args:
        property: the input's name on the wire, e.g. ``phone`` or ``onDestroy``; empty where no resource is at fault.
            The message has the name that programs use, ``on_destroy``.
        reason: one sentence: what, why, what to do.
    """

    def __init__(self, property: str, reason: str) -> None:  # noqa: A002 - Pulumi's own word
        super().__init__(f"{to_snake(property)}: {reason}" if property else reason)
        self.property = property
        self.reason = reason


class Unsupported(InvalidInput):
    """The account's gateway cannot do what the input asks for."""


class TooManyUnblocks(WhatsAppError):
    """More contacts would be unblocked than ``maxUnblocks`` allows; none of them was."""


class ShrinksTooMuch(WhatsAppError):
    """A list would lose more than half of its contacts at once, as an emptied file does; nothing was changed."""


class About(Enum):
    """Whom an error is about. Only what a gateway documents to be about a contact is about one."""

    CONTACT = "the contact, for good: the same request would be refused again"
    CONTACT_FOR_NOW = "the contact, for now"
    ACCOUNT = "the account, or the way to its gateway: nothing else has a chance"
    REQUEST = "every request of this kind: nothing else has a chance"
    UNKNOWN = "nobody knows: it is a verdict on no contact"


class GatewayError(WhatsAppError):
    """A gateway, or the way to it, failed; on its own: a request was refused, and nobody in particular.

    Args:
        message: one line, already redacted.
        status: the HTTP status, where there was an answer.
        code: the gateway's own error code, e.g. 131047 or ``WA401``.
        retry_after: seconds to wait, where the gateway named them.
    """

    about: ClassVar[About] = About.UNKNOWN
    """Whom it is about."""
    retryable: ClassVar[bool] = False
    """Whether the same request may succeed later and is sent again."""
    settled: ClassVar[bool] = True
    """Whether it is certain that the request had no effect."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: int | str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def stops(self) -> bool:
        """Whether no other request of the account has a chance."""
        return self.about in {About.ACCOUNT, About.REQUEST}


class Refused(GatewayError):
    """The gateway said no to this contact, in words that are documented to be about it, and would say no again."""

    about = About.CONTACT


class NotReached(GatewayError):
    """It was not the contact's turn: the time budget was used up, or the gateway limits changes of this one contact."""

    about = About.CONTACT_FOR_NOW


class Unauthorized(GatewayError):
    """The gateway refused the credentials, or they lack a right."""

    about = About.ACCOUNT


class NotFound(GatewayError):
    """The instance or number does not exist on the gateway."""

    about = About.ACCOUNT


class NotConnected(GatewayError):
    """The instance has no session with WhatsApp: somebody must connect the phone again."""

    about = About.ACCOUNT


class AccountRefused(GatewayError):
    """The gateway does nothing for this account: it is locked, unpaid or restricted, or its block list is full."""

    about = About.ACCOUNT


class RequestRefused(GatewayError):
    """The gateway does not do such a request, and never will; nothing happened."""

    about = About.REQUEST


class RateLimited(GatewayError):
    """Too many requests."""

    about = About.ACCOUNT
    retryable = True


class Unavailable(GatewayError):
    """The gateway could not be reached, or is not ready, and nothing was done."""

    about = About.ACCOUNT
    retryable = True


class AnswerLost(GatewayError):
    """The request may or may not have taken effect: the connection broke, or the gateway failed, on the way."""

    retryable = True
    settled = False


class Unconfirmed(GatewayError):
    """The gateway answered, and neither confirmed the request nor said why not in words that it documents."""

    settled = False


class ListChanged(GatewayError):
    """The block list changed while it was being read; the reading starts again from the first page."""

    about = About.ACCOUNT


class ProtocolError(GatewayError):
    """The answer is not what the gateway documents; the message quotes its start."""

    settled = False


class InternalError(WhatsAppError):
    """A fault of this package, not of the program or the gateway: please report it."""
