"""No text shows a credential, however it is spelt there."""

from __future__ import annotations

import logging

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_whatsapp.redact import RedactingFilter, Redactor, Secret

from .wire import SECRET, spellings


@pytest.mark.parametrize("spelt", spellings())
def test_a_credential_is_hidden_however_it_is_encoded(spelt: str) -> None:
    assert Redactor([SECRET])(f"GET /token/{spelt}/x") == "GET /token/[redacted]/x"


@pytest.mark.parametrize("spelt", [r"p@ss\/w=rd+&%\u00e9", r"p@ss/w=rd+&%\u00e9"])
def test_a_credential_is_hidden_in_json(spelt: str) -> None:
    assert Redactor([SECRET])(f'{{"token": "{spelt}"}}') == '{"token": "[redacted]"}'


@given(
    st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"]), min_size=6),
    st.sampled_from(["", "'", '"', 'it\'s "x" ']),
)
@example("it's\"x", "")
@example("it's", '"')
@example("abc\u00a0def", "")
@example("\u200b\\", "'")
@example("0\\'000", '"')
def test_a_credential_is_hidden_where_python_shows_a_text(secret: str, before: str) -> None:
    for spell in (repr, ascii):
        assert "<[redacted]>" in Redactor([secret])(spell(f"{before}<{secret}>"))


def test_a_credential_within_another_does_not_uncover_it() -> None:
    assert Redactor(["abc", "abcdef"])("x abcdef y") == "x [redacted] y"
    short = Redactor(["e", "red", "dac"])
    assert short("the red one") == "th[redacted] [redacted] on[redacted]"
    assert short(short("the red one")) == short("the red one")
    assert Redactor(["", "abc"])("nothing") == "nothing"


def test_text_becomes_one_line() -> None:
    assert Redactor([])("a\n\tb\r\n c") == "a b c"


def test_a_secret_shows_itself_only_when_it_is_asked_to() -> None:
    secret = Secret(SECRET)
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}", f"{secret!r:>40}"):
        assert SECRET not in shown
    assert not hasattr(secret, "__dict__")
    assert secret.reveal() == SECRET


def test_what_a_record_of_the_log_is_given_is_redacted_in_its_place() -> None:
    record = logging.LogRecord("httpx", logging.INFO, "", 0, "GET %s: %d", (f"/token/{SECRET}/x", 200), None)
    assert RedactingFilter(Redactor([SECRET])).filter(record)
    assert record.getMessage() == "GET /token/[redacted]/x: 200"
    assert SECRET not in repr(record.__dict__)


def test_half_a_character_can_be_sent_all_the_same() -> None:
    """JSON may hold one half of a pair; the engine's gRPC takes no text with it."""
    Redactor(["x"])("a \ud83d b").encode()
