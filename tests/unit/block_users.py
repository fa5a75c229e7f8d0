"""Answers of the Block Users format, as Meta, 360dialog and Kaleyra document them."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_whatsapp.gateways.dialog360 import Dialog360
from pulumi_whatsapp.gateways.meta import Meta
from pulumi_whatsapp.names import Contact

META = "https://graph.facebook.com/v23.0/106540352242922/block_users"
DIALOG = "https://waba-v2.360dialog.io/block_users"
BOTH = pytest.mark.parametrize(("kind", "url"), [(Meta, META), (Dialog360, DIALOG)], ids=["meta", "360dialog"])
ANN, BOB, CAT, DAN = (Contact(f"+1650555123{last}") for last in "4567")


def user_row(contact: str, **more: Any) -> dict[str, Any]:
    return {"input": contact, "wa_id": contact.removeprefix("+"), **more}


def user_rows(**rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "block_users": rows}


def graph_error(code: int, details: str = "details") -> dict[str, Any]:
    return {
        "message": f"(#{code}) message",
        "type": "OAuthException",
        "code": code,
        "error_data": {"details": details},
        "fbtrace_id": "AbC",
    }


def failed_row(contact: str, code: int) -> dict[str, Any]:
    return user_row(contact, errors=[{"message": "no", "code": code, "error_data": {"details": "because"}}])


def listed(*contacts: str, after: str | None = None, **paging: str) -> dict[str, Any]:
    data = [{"messaging_product": "whatsapp", "wa_id": contact.removeprefix("+")} for contact in contacts]
    cursors = {} if after is None else {"cursors": {"after": after, "before": "b"}}
    return {"data": data, "paging": {**cursors, **paging}}
