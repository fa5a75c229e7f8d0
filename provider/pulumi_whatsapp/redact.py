"""Keeping credentials out of everything that can be shown."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

_HIDDEN = "[redacted]"


class Redactor:
    """Replaces every known credential in a text: as it is, percent-encoded, and as JSON and Python spell it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelt for secret in secrets if secret for spelt in _spellings(secret)}
        # A marker that is there already counts as one too: it stays whole, however short a credential is.
        longest_first = sorted({*spellings, _HIDDEN}, key=len, reverse=True)
        self._hidden = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """Return ``text`` on one line, without credentials, and as what can be sent: JSON may hold half a character."""
        return " ".join(self._hidden.sub(_HIDDEN, text).encode(errors="replace").decode().split())


def _spellings(secret: str) -> set[str]:
    json_spelt = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    slashed = {spelt.replace("/", r"\/") for spelt in json_spelt}
    python_spelt = {spell(secret)[1:-1] for spell in (repr, ascii)}
    # in a text that has both quotes, they escape the single ones alone
    python_spelt |= {spell(f"\"'{secret}").removeprefix("'\"\\'")[:-1] for spell in (repr, ascii)}
    return {
        *(secret, quote(secret, safe=""), quote(secret), quote_plus(secret)),
        *(*json_spelt, *slashed, *python_spelt),
    }


class Secret:
    """A credential, which shows itself only when it is asked to."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return it in the clear."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN!r})"


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
