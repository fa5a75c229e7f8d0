"""One contact, however its number is written."""

from __future__ import annotations

import pytest

from whatsapp_sandbox import Sandbox

from .clients import MakeClient

SPELLINGS = [
    ("+5531987654321", "553187654321", "+553187654321"),
    ("+5511987654321", "551187654321", "+5511987654321"),
    ("+525512345678", "5215512345678", "+5215512345678"),
    ("+541123456789", "5491123456789", "+5491123456789"),
    ("+16505551234", "1 (650) 555-1234", "+16505551234"),
    ("+16505551234", "16505551234@s.whatsapp.net", "+16505551234"),
    ("+16505551234", "16505551234@c.us", "+16505551234"),
    ("+551133334444", "55 11 3333-4444", "+551133334444"),
]


@pytest.mark.parametrize(("one", "other", "shown"), SPELLINGS)
@pytest.mark.parametrize("gateway", ["meta", "360dialog", "kaleyra"])
def test_blocked_in_one_spelling_unblocked_in_another(
    client: MakeClient, gateway: str, one: str, other: str, shown: str
) -> None:
    graph = client(gateway)
    for first, second in ((one, other), (other, one)):
        response = graph.users("POST", first)
        assert f'"input":"{first}","wa_id":"{shown[1:]}"' in response.text
        assert graph.account.blocked() == {shown}
        assert graph.users("POST", second, first).status_code == 200
        assert graph.listed() == [shown[1:]]
        graph.users("DELETE", second)
        assert graph.account.blocked() == set()


def test_a_contact_whose_id_is_not_its_number(client: MakeClient) -> None:
    meta = client("meta")
    meta.account.block("+16505551234")
    meta.account.contact("+16505551234", wa_id="16505559999")
    assert meta.account.blocked() == {"+16505559999"}
    assert '"wa_id":"16505559999"' in meta.users("POST", "+16505551234").text
    assert meta.listed() == ["16505559999"]
    meta.users("DELETE", "16505559999")
    assert meta.account.blocked() == set()


def test_a_brazilian_who_keeps_the_ninth_digit(client: MakeClient) -> None:
    meta = client("meta")
    meta.account.contact("+5531987654321", wa_id="5531987654321")
    meta.users("POST", "+553187654321")
    assert meta.account.blocked() == {"+5531987654321"}


def test_a_contact_known_by_its_lid_is_the_same_person(client: MakeClient) -> None:
    ryze = client("ryzeapi")
    ryze.account.block("777000@lid")
    assert ryze.account.blocked() == {"777000@lid"}
    ryze.account.contact("+16505551234", lid="777000")
    assert ryze.account.blocked() == {"+16505551234"}
    answer = ryze.send("POST", json={"number": "+16505551234", "block": True}).json()
    assert (answer["contact_jid"], answer["blocked_count"]) == ("777000@lid", 1)
    ryze.account.unblock("777000@lid")
    assert ryze.account.blocked() == set()


def test_what_is_no_number_is_refused_by_hand(sandbox: Sandbox) -> None:
    account = sandbox.account("zapi", "demo")
    for text in ("", "abc", "123", "+0123456789", "1" * 16):
        with pytest.raises(ValueError, match="is not a phone number"):
            account.block("+16505551234", text)
    assert account.blocked() == set()
