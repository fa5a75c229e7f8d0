"""What a gateway is to the rest of the package."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

from ..config import AccountConfig, Requirements
from ..errors import (
    AccountRefused,
    AnswerLost,
    GatewayError,
    ListChanged,
    NotConnected,
    NotFound,
    NotReached,
    RateLimited,
    Refused,
    RequestRefused,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from ..names import Contact, Person
from ..outcome import Outcome

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
    needs_recent_message: bool = False
    privacy: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_privacy: bool = False
    exceptions: frozenset[str] = frozenset()
    reads_exceptions: bool = False
    takes_lid: bool = False
    takes_bsuid: bool = False
    requests_per_minute: int | None = None


@dataclass(frozen=True)
class Meaning:
    """What a code, a text or an HTTP status of a gateway means: a row of its table.

    Attributes:
        error: the error that it is, which says whom it is about.
        source: the page that says so.
        advice: what to do, where the error's own sentence does not say it.
    """

    error: type[GatewayError]
    source: str
    advice: str = ""


_HTTP: Final = "RFC 9110, section 15"

STATUSES: Final[Mapping[int, Meaning]] = {
    401: Meaning(Unauthorized, _HTTP),
    402: Meaning(AccountRefused, _HTTP, "pay what is due"),
    403: Meaning(Unauthorized, _HTTP),
    404: Meaning(NotFound, _HTTP),
    405: Meaning(RequestRefused, _HTTP),
    406: Meaning(RequestRefused, _HTTP),
    407: Meaning(AccountRefused, _HTTP, "a proxy on the way wants credentials"),
    408: Meaning(AnswerLost, _HTTP),  # a proxy says so too, and that may come after the effect
    410: Meaning(NotFound, _HTTP),
    411: Meaning(RequestRefused, _HTTP),
    413: Meaning(RequestRefused, _HTTP),
    414: Meaning(RequestRefused, _HTTP),
    415: Meaning(RequestRefused, _HTTP),
    421: Meaning(RequestRefused, _HTTP),
    423: Meaning(Unavailable, "RFC 4918, section 11.3"),
    425: Meaning(Unavailable, "RFC 8470, section 5.2"),
    426: Meaning(RequestRefused, _HTTP),
    429: Meaning(RateLimited, "RFC 6585, section 4"),
    431: Meaning(RequestRefused, "RFC 6585, section 5"),
    451: Meaning(AccountRefused, "RFC 7725, section 3", "the law forbids it where the gateway is"),
    501: Meaning(RequestRefused, _HTTP),
    505: Meaning(RequestRefused, _HTTP),
    506: Meaning(RequestRefused, "RFC 2295, section 8.1"),
    508: Meaning(RequestRefused, "RFC 5842, section 7.2"),
    510: Meaning(RequestRefused, "RFC 2774, section 7"),
    511: Meaning(AccountRefused, "RFC 6585, section 6", "sign in to the network on the way"),
}
"""What an HTTP status means whoever answers with it. None says that it was about a contact: an expired plan is an HTTP
400 as well. Those of 500 and above that are not here may come after the effect; any other one is a plain no."""

_SENTENCES: Final[Mapping[type[GatewayError], str]] = {
    AccountRefused: "{who} does nothing for this account ({said}); {advice}",
    AnswerLost: "{who} failed ({said}); try again later",
    GatewayError: "{who} refused the request ({said})",
    ListChanged: "{who}: {said}; the block list changed meanwhile",
    NotConnected: "{who} is not connected to WhatsApp ({said}); connect its phone and try again",
    NotFound: "{title} does not know {me!r} ({said}); check {identity} and baseUrl",
    NotReached: "{who} does not change this contact now ({said}); try again later",
    RateLimited: "{who} limits the rate ({said}); lower requestsPerMinute if it goes on",
    Refused: "{who}: {said}; {advice}",
    RequestRefused: "{who} does not do such a request ({said}), so nothing happened, and another try would not help; "
    "check baseUrl, and report it if that is right",
    Unauthorized: "{who} refused the credentials ({said}); check {credentials}",
    Unavailable: "{who} is not ready ({said}); try again later",
    Unconfirmed: "{who} did not confirm the request ({said})",
}
_ADVICE: Final = "see what is wrong with it in the gateway's own console"


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
    words (`pulumi_whatsapp.privacy_settings`). Every method raises `GatewayError`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    docs: ClassVar[str]
    """The address of the pages that the facts in the module come from."""
    capabilities: ClassVar[Capabilities]
    requirements: ClassVar[Requirements]
    meanings: ClassVar[Mapping[str, Meaning]] = {}
    """What the gateway's own texts or codes mean. Whatever is not here is about nobody in particular."""

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

    @classmethod
    def called(cls, account: AccountConfig) -> str:
        """Return what messages call an account: the gateway and who it is there, ``Z-API 3A5B``."""
        return f"{cls.title} {cls.identity(account)}"

    def failure(
        self,
        meaning: Meaning,
        said: str,
        *,
        status: int | None = None,
        code: int | str | None = None,
        wait: float | None = None,
    ) -> GatewayError:
        """Return the error of an answer: what happened, what the gateway said, and what to do.

        Args:
            meaning: what it means.
            said: what the gateway said, already redacted.
            status: the HTTP status.
            code: the gateway's own error code.
            wait: the seconds to wait, where the gateway named them.
        """
        keys = [self.account.whence(key) for key in self.requirements.credentials]
        sentence = _SENTENCES[meaning.error].format(
            who=self.called(self.account),
            title=self.title,
            me=self.identity(self.account),
            said=said,
            advice=meaning.advice or _ADVICE,
            identity=" and ".join(self.requirements.identity),
            credentials=f"{' and '.join(keys)} of {self.account.called}",
        )
        if meaning.advice and meaning.advice not in sentence:
            sentence = f"{sentence}; {meaning.advice}"
        return meaning.error(sentence, status=status, code=code, retry_after=wait)

    def refusal(self, response: httpx.Response, reason: str, code: int | str | None = None) -> GatewayError | None:
        """Return the error that an HTTP status means everywhere, or None for a success.

        Args:
            reason: what the gateway said, already redacted.
            code: the gateway's own error code.
        """
        status = response.status_code
        if response.is_success:
            return None
        if status < 400:
            return self.http.unexpected(response)
        usual = Meaning(AnswerLost if status >= 500 else GatewayError, _HTTP)
        return self.failure(
            STATUSES.get(status, usual),
            f"HTTP {status}: {reason}",
            status=status,
            code=code,
            wait=retry_after(response),
        )


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
