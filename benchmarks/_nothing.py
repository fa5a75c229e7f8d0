"""A dynamic resource that does nothing: what Pulumi itself takes for the same inputs."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import (
    CheckResult,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)

_OUTPUTS = ("reason", "account", "wa_id", "account_id", "failed")  # as many as a `BlockedContact` has beside its phone


class NothingProvider(ResourceProvider):
    """Keeps what it is given; a list becomes a map, so that the state has the same shape as a `Blocklist`'s."""

    serialize_as_secret_always = False

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:  # noqa: ARG002
        """Return the inputs."""
        contacts = news["contacts"]
        return CheckResult({"contacts": dict.fromkeys(contacts, "") if isinstance(contacts, list) else contacts}, [])

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:  # noqa: ARG002
        """Return whether they are other ones; a list that loses a contact is replaced, as a `Blocklist` is."""
        old, new = olds["contacts"], news["contacts"]
        loses = isinstance(old, dict) and not old.keys() <= new.keys()
        return DiffResult(changes=old != new, replaces=["contacts"] if loses else [])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Return the inputs as outputs."""
        return CreateResult("nothing", dict(props))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the outputs as they stand."""
        return ReadResult(id_, dict(props), dict(props))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:  # noqa: ARG002
        """Return the inputs as outputs."""
        return UpdateResult(dict(news))


class Nothing(Resource, module="nothing", name="Nothing"):
    """A resource of it.

    Args:
        name: the resource's name.
        contacts: a list as `Blocklist` takes it, or one contact.
    """

    def __init__(self, name: str, *, contacts: list[str] | str) -> None:
        super().__init__(NothingProvider(), name, {"contacts": contacts, **dict.fromkeys(_OUTPUTS)})
