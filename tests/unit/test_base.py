"""What every gateway shares: its errors in words, and the wait that a header asks for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import httpx
import pytest

from pulumi_whatsapp.errors import About, AnswerLost, GatewayError, ProtocolError
from pulumi_whatsapp.gateways.base import STATUSES, Meaning, retry_after
from pulumi_whatsapp.gateways.graph_codes import CODES
from pulumi_whatsapp.gateways.meta import Meta
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.gateways.zapi import Zapi
from pulumi_whatsapp.transport import Transport

from .configured import ZAPI, load_accounts
from .wire import Clock, open_gateway

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


_MEANINGS = {
    *STATUSES.values(),
    *CODES.values(),
    *(meaning for gateway in GATEWAYS.values() for meaning in gateway.meanings.values()),
}


@pytest.mark.parametrize("meaning", sorted(_MEANINGS, key=repr))
def test_every_meaning_is_one_line_with_what_was_said_and_what_to_do(meaning: Meaning) -> None:
    error = open_gateway(Zapi).failure(meaning, "it said so", status=418, code=4711, wait=7)
    assert type(error) is meaning.error
    assert str(error).count("it said so") == 1
    assert meaning.advice in str(error)
    assert not set("{}\n") & set(str(error))
    assert (error.status, error.code, error.retry_after) == (418, 4711, 7)


async def test_no_http_status_alone_is_a_verdict_on_a_contact() -> None:
    gateway = open_gateway(Meta)
    for status in range(300, 600):
        error = gateway.refusal(httpx.Response(status, headers={"Retry-After": "7"}), "it said so")
        assert error is not None
        assert error.about not in {About.CONTACT, About.CONTACT_FOR_NOW}
        assert error.status == status
        if status < 400:
            assert type(error) is ProtocolError
            continue
        assert error.retry_after == 7
        assert f"HTTP {status}: it said so" in str(error)
        if status not in STATUSES:  # of a plain no it is known that nothing happened, of a failure it is not
            assert type(error) is (AnswerLost if status >= 500 else GatewayError)
    assert gateway.refusal(httpx.Response(204), "") is None


async def test_what_a_gateway_cannot_do_is_never_an_empty_answer() -> None:
    zapi, meta = open_gateway(Zapi), open_gateway(Meta)
    for asked in (
        zapi.blocked_page(None),
        zapi.get_privacy(),
        meta.get_privacy(),
        meta.get_exceptions("about"),
        meta.set_privacy("about", "all"),
    ):
        with pytest.raises(NotImplementedError):
            await asked


async def test_nothing_is_connected_before_something_is_sent() -> None:
    made: list[Transport] = []

    def connect() -> Transport:
        made.append(open_gateway(Zapi, Clock()).http)
        return made[-1]

    gateway = Zapi(load_accounts(ZAPI)["default"], connect)
    assert gateway.called(gateway.account) == "Z-API 3A5B"
    gateway.failure(STATUSES[401], "no")
    assert made == []
    assert gateway.http is gateway.http
    assert len(made) == 1
