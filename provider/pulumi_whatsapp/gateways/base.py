"""What a gateway is to the rest of the package."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from ..config import AccountConfig, Requirements
from ..errors import AnswerLost, GatewayError, NotFound, RateLimited, Unauthorized, Unavailable
from ..names import Contact, Person
from ..outcome import Outcome as Outcome

if TYPE_CHECKING:  # the program only asks what a gateway is; its process needs no client
    import httpx

    from ..transport import Transport


@dataclass(frozen=True)
class Capabilities:
    """What a gateway can do, as its documentation has it.

    Attributes:
        batch_size: contacts that one block or unblock request takes.
        lists_blocked: whether the block list can be read.
        page_size: contacts asked for with one page of the block list.
        max_blocked: contacts that the block list holds at most; None where no limit is documented.
        repeatable: whether blocking somebody twice is documented to be the same as once.
        needs_recent_message: whether only contacts who wrote in the last 24 hours can be blocked, so that an
            unblock may be impossible to take back.
        privacy: each privacy setting that can be set, with its values.
        reads_privacy: whether the privacy settings can be read.
        exceptions: the settings whose list of exceptions can be changed.
        reads_exceptions: whether those lists can be read.
        takes_lid: whether a contact may be named by its LID.
        takes_bsuid: whether a contact may be named by its business-scoped user id.
        requests_per_minute: the documented limit, or None.
    """

    batch_size: int = 1
    lists_blocked: bool = False
    page_size: int = 0
    max_blocked: int | None = None
    repeatable: bool = False
    needs_recent_message: bool = False
    privacy: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_privacy: bool = False
    exceptions: frozenset[str] = frozenset()
    reads_exceptions: bool = False
    takes_lid: bool = False
    takes_bsuid: bool = False
    requests_per_minute: int | None = None


@dataclass(frozen=True)
class Page:
    """One page of a block list: what it says of each person, and the cursor of the next page."""

    people: list[Person]
    cursor: str | None


@dataclass(frozen=True)
class Status:
    """Whether an account can be used, and what the gateway says of it."""

    connected: bool
    detail: str


class Gateway(ABC):
    """One gateway's wire format for one account, and nothing else.

    Contacts are given and returned in canonical form (`pulumi_whatsapp.names`), settings and values in WhatsApp's
    words (`pulumi_whatsapp.settings`). Every method raises `GatewayError`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    docs: ClassVar[str]
    """The address of the pages that the facts in the module come from."""
    capabilities: ClassVar[Capabilities]
    requirements: ClassVar[Requirements]

    def __init__(self, account: AccountConfig, connect: Callable[[], Transport]) -> None:
        self.account = account
        self._connect = connect

    @cached_property
    def http(self) -> Transport:
        """The account's HTTP client, made when something is first sent: most previews send nothing."""
        return self._connect()

    @staticmethod
    @abstractmethod
    def identity(account: AccountConfig) -> str:
        """Return who the account is on this gateway, without anything secret."""

    @staticmethod
    @abstractmethod
    def base_url(account: AccountConfig) -> str:
        """Return the gateway's own address, for what comes before the documented path."""

    @staticmethod
    @abstractmethod
    def headers(account: AccountConfig) -> dict[str, str]:
        """Return the headers that every request carries."""

    @abstractmethod
    async def block(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """Block up to `Capabilities.batch_size` contacts; returns what became of each."""

    @abstractmethod
    async def unblock(self, contacts: Sequence[Contact]) -> list[Outcome]:
        """Unblock up to `Capabilities.batch_size` contacts; returns what became of each."""

    @abstractmethod
    async def status(self) -> Status:
        """Return whether the account can be used, with a request that changes nothing."""

    async def blocked_page(self, cursor: str | None) -> Page:
        """Return a page of the block list: the first one, or the one at ``cursor``."""
        raise NotImplementedError(f"{self.title} cannot list")

    async def get_privacy(self) -> dict[str, str]:
        """Return each privacy setting's value."""
        raise NotImplementedError(f"{self.title} cannot read privacy settings")

    async def set_privacy(
        self, setting: str, value: str, add: Sequence[Contact] = (), remove: Sequence[Contact] = ()
    ) -> None:
        """Set a privacy setting, and add and remove exceptions of it in the same request."""
        raise NotImplementedError(f"{self.title} has no privacy settings")

    async def get_exceptions(self, setting: str) -> list[Contact]:
        """Return the contacts excepted from a setting; WhatsApp shows them only under ``contact_blacklist``."""
        raise NotImplementedError(f"{self.title} cannot read exceptions")

    def refusal(self, response: httpx.Response, reason: str, code: int | str | None = None) -> GatewayError | None:
        """Return the error that an HTTP status means everywhere, or None for a success.

        No status says that it was about the contact: an expired plan is an HTTP 400 as well. `Refused` is only what a
        gateway documents as an answer about one.

        Args:
            reason: what the gateway said, already redacted.
            code: the gateway's own error code.
        """
        status = response.status_code
        said = f"HTTP {status}: {reason}"
        if response.is_success:
            return None
        if status < 400:
            return self.http.unexpected(response)
        if status in {401, 403}:
            keys = " and ".join(self.requirements.credentials)
            return Unauthorized(
                f"{self.title} refused the credentials ({said}); check {keys} of this account",
                status=status,
                code=code,
            )
        if status == 404:
            return NotFound(
                f"{self.title} does not know {self.identity(self.account)!r} ({said}); "
                f"check {' and '.join(self.requirements.identity)} and baseUrl",
                status=status,
                code=code,
            )
        if status == 429:
            return RateLimited(
                f"{self.title} limits the rate ({said}); lower requestsPerMinute if it goes on",
                status=status,
                code=code,
                retry_after=retry_after(response),
            )
        if status in {423, 425}:  # locked, too early (RFC 4918, RFC 8470)
            return Unavailable(f"{self.title} is not ready ({said}); try again later", status=status, code=code)
        if status >= 500 or status == 408:  # a proxy's timeout may come after the effect
            return AnswerLost(
                f"{self.title} failed ({said}); try again later",
                status=status,
                code=code,
                retry_after=retry_after(response),
            )
        return GatewayError(f"{self.title} refused the request ({said})", status=status, code=code)


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, a number or a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
        now = parsedate_to_datetime(response.headers["Date"])
        return max(0.0, (until - now).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None
