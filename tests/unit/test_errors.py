"""Every error of the package: what it is called, and what it says of the request."""

from __future__ import annotations

import inspect

import pytest

import pulumi_whatsapp
from pulumi_whatsapp.errors import GatewayError, WhatsAppError


@pytest.mark.parametrize(
    "name", [name for name in pulumi_whatsapp.__all__ if inspect.isclass(getattr(pulumi_whatsapp, name))]
)
def test_every_error_is_one_of_the_package_and_names_the_public_module(name: str) -> None:
    member = getattr(pulumi_whatsapp, name)
    if issubclass(member, Exception):
        assert issubclass(member, WhatsAppError)
        assert f"{member.__module__}.{member.__qualname__}" == f"pulumi_whatsapp.{name}"


def test_every_error_is_public() -> None:
    found, todo = set(), [WhatsAppError]
    while todo:
        error = todo.pop()
        found.add(error.__name__)
        todo += error.__subclasses__()
    assert found <= set(pulumi_whatsapp.__all__)


def test_a_failure_that_may_have_had_an_effect_is_never_called_settled() -> None:
    unsettled = {error.__name__ for error in GatewayError.__subclasses__() if not error.settled}
    assert unsettled == {"AnswerLost", "ProtocolError", "Unconfirmed"}
