"""What people, spreadsheets and links write around a phone number."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_UNSEEN: Final = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202d\u2060-\u206f\ufe00-\ufe0f\ufeff]")
"""Marks that are not seen and change nothing of what is: zero widths, joiners, byte order marks, directions.

U+202E is none of them. It turns around what is seen, so somebody else's number stands there for whoever reads it.
"""
_PLAIN_MARKS: Final = {
    **dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D), "-"),
    **dict.fromkeys((0xFE62, 0xFF0B), "+"),
    **dict.fromkeys((0x2044, 0x2215, 0xFF0F), "/"),
    0xFF08: "(",
    0xFF09: ")",
    0xFF0E: ".",
    0xFF1A: ":",
    0xFF20: "@",
}

_SCHEME: Final = re.compile(r"(?:tel|whatsapp):(?!//)\s*", re.IGNORECASE)
_LINK: Final = re.compile(r"(?:https?://|whatsapp://)|(?:www\.)?wa\.me/|(?:api|web)\.whatsapp\.com/", re.IGNORECASE)

_SHORTENED: Final = re.compile(r"\+?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_DECIMAL: Final = re.compile(r".*(?:\.\d|(?<!\.\d\d)\.\d\d|,\d\d?|,0+)|[^.]*\.0+", re.DOTALL)
"""Two digits after a dot are no decimals where two digits stand before it, too, as in ``+33.1.42.68.53.00``."""
_SEPARATED: Final = re.compile(
    r"\d[^\d@]*(?:[;,|&+\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|\b(?:or|and|ou|et|e|oder|und|o|y)\b)[^\d@]*\d",
    re.IGNORECASE,
)
_IN_BRACKETS_AT_THE_END: Final = re.compile(r".*\d.*\(\s*\d+\s*\)", re.DOTALL)

TWO_NUMBERS: Final = "it is two numbers in one; declare each on its own"


def plain(text: str) -> str:
    """Return a text in ASCII marks and digits, as far as it has them, without marks that are not seen."""
    if text.isascii():
        return text.strip()
    seen = _UNSEEN.sub("", text).translate(_PLAIN_MARKS)
    return "".join(str(int(mark)) if mark.isdecimal() else mark for mark in seen).strip()


def unwrapped(spelt: str) -> tuple[str, bool]:
    """Return the number in a link or an address, and whether its first digits are a country code by the link's rule.

    ``https://wa.me/<number>`` and ``https://api.whatsapp.com/send?phone=<number>`` have "full phone number in
    international format", without the ``+`` (https://faq.whatsapp.com/5913398998672934, "Create your own link").
    What is no such thing comes back as it is.
    """
    scheme = _SCHEME.match(spelt)
    if scheme:
        return spelt[scheme.end() :], False
    if not _LINK.match(spelt):
        return spelt, False
    try:
        url = urlsplit(spelt if "://" in spelt else f"https://{spelt}")
    except ValueError:
        return spelt, False
    host = (url.hostname or "").removeprefix("www.")
    path = url.path.strip("/")
    if host == "wa.me":
        return unquote(path), True
    if (url.scheme == "whatsapp" and host == "send") or (
        host in {"api.whatsapp.com", "web.whatsapp.com"} and path.lower() == "send"
    ):
        phones = parse_qs(url.query).get("phone", [])
        if len(phones) == 1:
            return phones[0].strip(), True
    return spelt, False


def why_no_number(spelt: str) -> str | None:
    """Return why a text, in plain marks, is not one number although it has its digits, or None."""
    if _SHORTENED.fullmatch(spelt):
        return "a spreadsheet shortened it, and its last digits are lost; format the column as text and enter it again"
    if _DECIMAL.fullmatch(spelt):
        return "it ends like a decimal number, which a spreadsheet or pandas makes of one; keep the column as text"
    if _SEPARATED.search(spelt) or _IN_BRACKETS_AT_THE_END.fullmatch(spelt):
        return TWO_NUMBERS
    return None
