"""What every gateway shares: its errors in words, and the wait that a header asks for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import httpx
import pytest

from pulumi_whatsapp.gateways.base import STATUSES, retry_after
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.transport import Transport

from .configured import ZAPI, load_accounts

_NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": " 17 "}, 17),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": format_datetime(_NOW + timedelta(seconds=90), usegmt=True)}, None),
        (
            {
                "Date": format_datetime(_NOW, usegmt=True),
                "Retry-After": format_datetime(_NOW + timedelta(seconds=90), usegmt=True),
            },
            90,
        ),
        (
            {
                "Date": format_datetime(_NOW, usegmt=True),
                "Retry-After": format_datetime(_NOW - timedelta(seconds=90), usegmt=True),
            },
            0,
        ),
        ({"Date": format_datetime(_NOW, usegmt=True), "Retry-After": "Sat, 21 Nov 2026 12:00:09 -0000"}, None),
        ({"Date": "yesterday", "Retry-After": format_datetime(_NOW, usegmt=True)}, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(httpx.Response(429, headers=headers)) == seconds


def _none() -> Transport:
    raise NotImplementedError


def test_a_refused_credential_is_told_with_its_account_and_where_it_comes_from() -> None:
    gateway = GATEWAYS["zapi"](load_accounts(ZAPI, {"WHATSAPP_TOKEN": "t0ken"})["default"], _none)
    error = gateway.failure(STATUSES[401], "HTTP 401: no")
    assert str(error) == (
        "Z-API 3A5B refused the credentials (HTTP 401: no); check token (WHATSAPP_TOKEN in the environment) and "
        "clientToken (whatsapp:clientToken in the stack) of the default account"
    )
