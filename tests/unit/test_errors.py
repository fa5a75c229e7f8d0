"""Every error of the package: what it is called, and what it says of the request."""

from __future__ import annotations

import inspect

import pytest

import pulumi_whatsapp
from pulumi_whatsapp.errors import About, ConfigurationError, GatewayError, InvalidInput, Unsupported, WhatsAppError


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


def _gateway_errors() -> list[type[GatewayError]]:
    found, todo = [], [GatewayError]
    while todo:
        error = todo.pop()
        found.append(error)
        todo += error.__subclasses__()
    return sorted(found, key=lambda error: error.__name__)


@pytest.mark.parametrize("error", _gateway_errors())
def test_a_verdict_on_a_contact_is_certain_and_stops_nobody_else(error: type[GatewayError]) -> None:
    said = error("no")
    if said.about in {About.CONTACT, About.CONTACT_FOR_NOW}:
        assert said.settled
        assert not said.retryable
    assert said.stops == (said.about in {About.ACCOUNT, About.REQUEST})
    assert not (said.stops and not said.settled)  # what may have happened is settled first, and stops nothing


def test_an_input_is_called_as_programs_call_it() -> None:
    error = InvalidInput("exceptionsMode", "it is not possible")
    assert str(error) == "exceptions_mode: it is not possible"
    assert (error.property, error.reason) == ("exceptionsMode", "it is not possible")
    assert str(Unsupported("", "Z-API cannot list")) == "Z-API cannot list"


def test_one_problem_of_a_configuration_is_the_message_itself() -> None:
    assert ConfigurationError("a is missing").problems == ("a is missing",)
    assert ConfigurationError("a is missing; b is wrong", ["a is missing", "b is wrong"]).problems == (
        "a is missing",
        "b is wrong",
    )
