"""A stack, the account behind it, and what must hold between them.

D is what the program declares, L is who is blocked on WhatsApp, S is what the state says.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from pulumi_whatsapp.names import key_of
from whatsapp_sandbox import Sandbox, SandboxAccount

from ..engine.project import CommandOutcome, by_name
from .engines import DeployedStack

META, ZAPI, DIALOG, RYZE, KALEYRA = "meta", "zapi", "360dialog", "ryzeapi", "kaleyra"
ACCOUNTS = {
    META: {"gateway": META, "phoneNumberId": "106540352242922"},
    DIALOG: {"gateway": DIALOG, "phoneNumber": "+16505550000"},
    ZAPI: {"gateway": ZAPI, "instance": "demo"},
    RYZE: {"gateway": RYZE, "instance": "demo"},
    KALEYRA: {"gateway": KALEYRA, "phoneNumber": "+16505550000", "sid": "HXIN1751096205IN", "region": "in"},
}
_IDENTITY = {META: "phoneNumberId", DIALOG: "phoneNumber", ZAPI: "instance", RYZE: "instance", KALEYRA: "phoneNumber"}

ONE, TWO, THREE, FOUR, FIVE = (f"+1650555100{last}" for last in "12345")
STRANGER = "+16505559999"

_NOT_OURS = {"refused", "pending"}
_PARTLY = re.compile(r"^1 error occurred:\n\t\* ")
"""The engine's own words before the reasons of a partial failure."""

NO_CLI = pytest.mark.skipif(
    shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH, and only it does this"
)
CLI = pytest.param("cli", marks=[pytest.mark.engine, pytest.mark.slow, NO_CLI])
NATIVE = pytest.param("native", marks=[pytest.mark.engine, pytest.mark.slow, NO_CLI])
only_cli = pytest.mark.parametrize("engine", [CLI, NATIVE], indirect=True)
"""For what the local engine does not do: targets, forced or early replacements, edits of the state."""
only_native = pytest.mark.parametrize("engine", [NATIVE], indirect=True)
also_quickly_native = pytest.mark.parametrize(
    "engine", ["local", CLI, pytest.param("native", marks=[pytest.mark.engine, NO_CLI])], indirect=True
)
"""For the few that ``make test`` runs over the native plugin too."""


LEFT_OUT = "the program's process is asked what the resources declare that the run leaves out"
RUN_GOES_ON = "the run goes on after a failure, and fails with the program's end"


FIRST_BY_TRANSFORMATION = """
def first(args):
    opts = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, opts))

pulumi.runtime.register_stack_transformation(first)
"""
"""Asks for what the constructor refuses: that the old resource is deleted first."""


def only_dynamic(why: str, *, on_cli_alone: bool = False) -> pytest.MarkDecorator:
    """Return the mark of a scenario of the dynamic resources.

    Args:
        why: what they have in it that the native ones have not.
        on_cli_alone: whether the local engine does not do it either.
    """
    assert why
    return pytest.mark.parametrize("engine", [CLI] if on_cli_alone else ["local", CLI], indirect=True)


def variant(*values: object) -> Any:
    """Return parameters of a test that takes the same way through the provider as with the others: it is slow."""
    return pytest.param(*values, marks=pytest.mark.slow)


class DeployedWorld:
    """One account behind a gateway, and the stack that declares things of it."""

    stack: DeployedStack

    def __init__(self, sandbox: Sandbox, gateway: str, config: Mapping[str, Any]) -> None:
        self.sandbox = sandbox
        self.keys = {**ACCOUNTS[gateway], **config}
        self.account = self.at(gateway)

    @property
    def config(self) -> dict[str, Any]:
        """The stack's configuration."""
        return {"sandbox": str(self.sandbox.path), **self.keys}

    def at(self, gateway: str, name: str | None = None) -> SandboxAccount:
        """Return an account of the sandbox."""
        return self.sandbox.account(gateway, name or ACCOUNTS[gateway][_IDENTITY[gateway]])

    def configure(self, **keys: Any) -> None:
        """Configure the stack anew, on the same sandbox."""
        self.stack.configure({"sandbox": str(self.sandbox.path), **keys})

    def up(self, program: str | None = None, *flags: str, **environment: str) -> CommandOutcome:
        """Write the program, if one is given, and bring it up without an error."""
        if program is not None:
            self.stack.program(program)
        return well(self.stack.up(*flags, **environment))

    def fails(self, program: str | None = None, *flags: str, **environment: str) -> str:
        """Write the program, if one is given, bring it up, and return the one line that it fails with."""
        if program is not None:
            self.stack.program(program)
        return only_error(self.stack.up(*flags, **environment))

    def deletes_too_early(self, program: str, *stays: str) -> None:
        """Run a program whose delete comes before its end: nobody goes. Without what makes it early it goes through."""
        error = self.fails(FIRST_BY_TRANSFORMATION + program)
        assert "nobody is unblocked" in error
        assert "before the program has ended" in error
        assert self.unblocked() == set()
        self.holds(*stays)
        self.up(program)
        assert self.unblocked() == set()
        self.holds(*stays)

    def destroy(self, *flags: str, **environment: str) -> CommandOutcome:
        """Destroy the stack without an error."""
        return well(self.stack.destroy(*flags, **environment))

    def blocked(self, *contacts: str) -> None:
        """Assert that exactly these are blocked on WhatsApp."""
        assert keys_of(self.account.blocked()) == keys_of(contacts)

    def owns(self, *contacts: str) -> None:
        """Assert that the state holds exactly these contacts as blocked by this stack."""
        assert keys_of(self.recorded()) == keys_of(contacts)

    def holds(self, *contacts: str, others: Iterable[str] = ()) -> None:
        """Assert S = L for what is owned, and that others are blocked as they were."""
        self.owns(*contacts)
        self.blocked(*contacts, *others)

    def recorded(self) -> list[str]:
        """Return who is blocked by this stack, as the state has it."""
        return [contact for resource in self.stack.resources() for contact in _owned(resource["outputs"])]

    def left_behind(self) -> set[str]:
        """Return the names of what the state still has to delete."""
        return set(by_name(self.stack.resources(), left=True))

    def failed(self, name: str) -> dict[str, str]:
        """Return a resource's failures: contact -> state."""
        failures = self.stack.state()[name]["outputs"].get("failed") or {}
        return {contact: failure["state"] for contact, failure in unmarked(failures).items()}

    def unblocked(self) -> set[str]:
        """Return everybody for whom an unblock was ever sent, by their keys."""
        return {person for request in self.account.requests() for person in _sent(request, "unblock")}

    def quiet(self) -> bool:
        """Return whether nothing reached the account since its log was cleared."""
        return self.account.requests() == []


def keys_of(contacts: Iterable[str]) -> set[str]:
    """Return the keys of contacts."""
    return {key_of(contact) for contact in contacts}


def well(outcome: CommandOutcome) -> CommandOutcome:
    """Return an outcome without errors."""
    assert (outcome.exit, outcome.errors) == (0, []), outcome.output + outcome.log
    return outcome


def only_error(outcome: CommandOutcome) -> str:
    """Return the error of a command that failed with one line."""
    assert outcome.exit != 0, outcome.output
    errors = {_PARTLY.sub("", re.sub(r"^error: ", "", text)) for text in outcome.errors}
    assert len(errors) == 1, outcome.errors
    (error,) = errors
    assert "\n" not in error, error
    assert "Traceback" not in error
    return error


def said(outcome: CommandOutcome, *parts: str) -> None:
    """Assert that one line that the user reads has all these parts."""
    lines = [*outcome.said, *outcome.errors]
    assert any(all(part in line for part in parts) for line in lines), lines


def unmarked(value: Any) -> Any:
    """Return a value of the state without the marks of secrets."""
    if isinstance(value, dict):
        if "plaintext" in value:
            return json.loads(value["plaintext"])
        return {key: unmarked(item) for key, item in value.items()}
    return value


def _owned(outputs: Mapping[str, Any]) -> list[str]:
    outputs = unmarked(outputs)
    contacts = [outputs["phone"]] if "phone" in outputs else list(outputs.get("contacts") or ())
    failed = outputs.get("failed") or {}
    return [contact for contact in contacts if failed.get(contact, {}).get("state") not in _NOT_OURS]


def _sent(request: Any, operation: str) -> set[str]:
    if request.operation != operation:
        return set()
    return {key_of(found) for found in re.findall(r"\d{8,}", json.dumps(request.json))}
