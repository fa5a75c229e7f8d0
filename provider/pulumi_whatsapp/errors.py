"""Every error a user can meet.

* WhatsAppError
  * ConfigurationError: the stack's configuration or environment is missing something or contradicts itself
  * InvalidInput: a resource's input is not possible; names the property
    * Unsupported: the account's gateway cannot do what the input asks
  * TooManyUnblocks: more contacts would be unblocked than ``maxUnblocks`` allows
  * ShrinksTooMuch: a list would lose more than half of its contacts at once
  * GatewayError: a gateway, or the way to it, failed
    * Unauthorized: the credentials were refused (HTTP 401, 403)
    * NotFound: the instance or the number does not exist on the gateway (HTTP 404)
    * NotConnected: the instance has no session with WhatsApp
    * RateLimited: too many requests; retried after a wait
    * Unavailable: the gateway could not be reached or failed, and nothing was done
    * AnswerLost: the request may or may not have taken effect
    * Refused: the gateway said no, for good
    * NotReached: the time budget was used up before its turn
    * ListChanged: the block list changed while it was being read
    * ProtocolError: the answer is not what the gateway documents
  * InternalError: a fault of this package

Each message is one line: what happened, why, and what to do. None shows a credential: whatever comes from outside
is redacted before it gets here.
"""

from __future__ import annotations

from collections.abc import Sequence
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


class GatewayError(WhatsAppError):
    """A gateway, or the way to it, failed; on its own: a request was refused, and nobody in particular.

    Args:
        message: one line, already redacted.
        status: the HTTP status, where there was an answer.
        code: the gateway's own error code, e.g. 131047 or ``WA401``.
        retry_after: seconds to wait, where the gateway named them.
    """

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


class Unauthorized(GatewayError):
    """The gateway refused the credentials."""


class NotFound(GatewayError):
    """The instance or number does not exist on the gateway."""


class NotConnected(GatewayError):
    """The instance has no session with WhatsApp: somebody must connect the phone again."""


class RateLimited(GatewayError):
    """Too many requests."""

    retryable = True


class Unavailable(GatewayError):
    """The gateway could not be reached, or failed before it did anything."""

    retryable = True


class AnswerLost(GatewayError):
    """The request may or may not have taken effect: the connection broke, or the gateway failed, on the way."""

    retryable = True
    settled = False


class Refused(GatewayError):
    """The gateway said no to this contact or setting, and would say no again."""


class NotReached(GatewayError):
    """The time budget was used up before the contact's turn; nothing was sent for it."""


class ListChanged(GatewayError):
    """The block list changed while it was being read; the reading starts again from the first page."""


class ProtocolError(GatewayError):
    """The answer is not what the gateway documents; the message quotes its start."""

    settled = False


class InternalError(WhatsAppError):
    """A fault of this package, not of the program or the gateway: please report it."""
