"""Keeping credentials out of everything that can be shown."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from urllib.parse import quote

_HIDDEN = "[redacted]"


class Redactor:
    """Replaces every known credential in a text, as it is and percent-encoded."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelt for secret in secrets if secret for spelt in (secret, quote(secret, safe=""))}
        self._spellings = sorted(spellings, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return ``text`` on one line, without credentials."""
        for secret in self._spellings:
            text = text.replace(secret, _HIDDEN)
        return " ".join(text.split())


class RedactingFilter(logging.Filter):
    """Redacts the records of a logger: httpx logs the URL of each request, which can hold a token."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place and let it pass."""
        record.msg = self._redact(record.getMessage())
        record.args = None
        return True
