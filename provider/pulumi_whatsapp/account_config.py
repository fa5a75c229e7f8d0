"""One account as the configuration describes it: every key, what it may be, and what it is by default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator
from pydantic.alias_generators import to_camel

from .phone import canonical

NAMESPACE: Final = "whatsapp"
DEFAULT: Final = "default"
SECRETS: Final = frozenset({"token", "clientToken", "apiKey"})

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _as_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


class AccountConfig(BaseModel):
    """One WhatsApp account: the gateway it is reached through, who it is there, and how to behave.

    Attributes:
        timeout: seconds for one request.
        max_retries: how often a request is tried again after the first time.
        requests_per_minute: the most requests sent in any minute; by default what the gateway documents.
        max_concurrency: the most requests under way at once.
        max_unblocks: the most contacts that one operation may unblock; no limit when absent.
        time_budget: seconds after which a long operation stops and leaves the rest to the next one.
        default_region: the country of national phone numbers, two letters.
        sandbox: the file of an in-process sandbox that stands in for the gateway.
        accept_vanished: let a refresh record that most of a resource's contacts are no longer blocked.
        formerly: account ids under which this same WhatsApp account stands in existing state.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    gateway: str
    instance: str | None = Field(default=None, min_length=1)
    token: SecretStr | None = Field(default=None, min_length=1)
    client_token: SecretStr | None = Field(default=None, min_length=1)
    api_key: SecretStr | None = Field(default=None, min_length=1)
    sid: str | None = Field(default=None, min_length=1)
    region: Literal["in", "ap", "eu", "na"] | None = None
    phone_number: str | None = None
    phone_number_id: str | None = Field(default=None, pattern=r"^\d+$")
    api_version: str | None = Field(default=None, pattern=r"^v\d+\.\d+$")
    formerly: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    base_url: str | None = None
    timeout: float = Field(default=30, gt=0)
    max_retries: int = Field(default=4, ge=0)
    requests_per_minute: int | None = Field(default=None, gt=0)
    max_concurrency: int = Field(default=8, gt=0)
    max_unblocks: int | None = Field(default=None, ge=0)
    time_budget: float = Field(default=900, gt=0)
    default_region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    sandbox: Path | None = None
    accept_vanished: bool = False

    @field_validator("token", "client_token", "api_key")
    @classmethod
    def _sendable(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value().strip()  # a file's last line break is no part of a credential
        if not text or not text.isascii() or not text.isprintable():
            raise ValueError("a credential is printable ASCII without line breaks; set it again")
        return SecretStr(text)

    @field_validator("phone_number")
    @classmethod
    def _canonical_number(cls, value: str | None) -> str | None:
        return None if value is None else canonical(value)

    @field_validator("base_url")
    @classmethod
    def _usable_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise ValueError("it must be an http(s) URL")
        if url.scheme == "http" and url.hostname not in _LOOPBACK:
            raise ValueError("credentials go over https; plain http is accepted for this machine only")
        return value.rstrip("/")

    def secrets(self) -> list[str]:
        """Return every credential in the clear, for redaction."""
        held = (self.token, self.client_token, self.api_key)
        user, at, _ = urlsplit(self.base_url or "").netloc.rpartition("@")
        password = user.partition(":")[2]
        for_proxy = [f"{user}@", password, unquote(password)] if at else []
        return [secret.get_secret_value() for secret in held if secret is not None] + for_proxy


ACCOUNT_KEYS: Final = tuple(str(field.alias) for field in AccountConfig.model_fields.values())
"""Every key of an account, as the configuration spells it."""
KEYS: Final = (*ACCOUNT_KEYS, "accounts")
"""Every key of the namespace."""
