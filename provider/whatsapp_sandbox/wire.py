"""What every gateway's wire format is made of: a call, an answer, and the interface of a gateway."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .account_state import State
from .faults import Fault
from .paste import Setup


@dataclass(frozen=True, slots=True)
class Call:
    """A request: ``params`` are the named parts of its path, ``url`` is all of it before the query."""

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    params: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Return the body as JSON; None when there is none or it is malformed."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: ``body`` is JSON, or bytes that are sent as they are."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the bytes to send."""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


class Wire(ABC):
    """One gateway's wire format."""

    name: ClassVar[str]
    paths: ClassVar[tuple[re.Pattern[str], ...]]
    """What the gateway's paths look like; a group ``account`` names the account."""
    setup: ClassVar[Setup]
    """How a client is set up."""
    faults: ClassVar[frozenset[str]] = frozenset()
    """The kinds of fault that can happen here, beside those that happen everywhere."""
    by_phone: ClassVar[bool] = False
    """Whether an account's identity is its phone number."""
    has_privacy: ClassVar[bool] = False
    """Whether privacy settings can be read or set."""
    naming: ClassVar[tuple[str, ...]]
    """The fields of a body that name contacts, one or a list of them."""

    def account(self, call: Call) -> str | None:
        """Return the identity of the account that the request names, if it names one."""
        return call.params.get("account")

    @abstractmethod
    def operation(self, call: Call) -> str:
        """Tell what the request is about: one of ``faults.OPERATIONS``."""

    @abstractmethod
    def credentials(self, call: Call) -> dict[str, str | None]:
        """Return the credentials that the request shows, by name; None for a missing one."""

    @abstractmethod
    def unauthorized(self, name: str, value: str | None) -> Answer:
        """Return the gateway's answer to a missing or wrong credential."""

    @abstractmethod
    def refusal(self, fault: Fault, operation: str, now: float) -> Answer | None:
        """Return the gateway's own words for a fault that refuses a request; None for other faults."""

    @abstractmethod
    def answer(self, call: Call, state: State, fault: Fault | None) -> Answer:
        """Do what the request asks and answer it, under a fault that changes how."""

    @abstractmethod
    def said(self, text: str) -> Any:
        """Return the body in which the gateway says that something is wrong, with this text or code."""

    def meter(self, state: State, now: float) -> tuple[dict[str, str], Answer | None]:  # noqa: ARG002
        """Count a request; return the headers that tell the limit, and the refusal where it is exceeded."""
        return {}, None

    def contacts(self, call: Call) -> int:
        """Count the contacts that a request's body names."""
        body = call.json()
        named = [body[field] for field in self.naming if field in body] if isinstance(body, dict) else []
        return sum(len(one) if isinstance(one, list) else 1 for one in named)


def retry_after(fault: Fault) -> dict[str, str]:
    """Return the ``Retry-After`` header that a fault asks for."""
    return {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
