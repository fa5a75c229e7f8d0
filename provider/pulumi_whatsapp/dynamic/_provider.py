"""The dynamic provider that the three resources share: values from and to the SDK, and errors as one line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, ParamSpec, TypeVar

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from ..engine.marks import INSTANCE, concealed, debugging, fault, new_instance
from ..errors import WhatsAppError
from ..lifecycle.inputs import UNKNOWN, Props, Unknown
from ..lifecycle.protocol import Lifecycle
from ..sdk import PROVIDER_KEY, plain
from ._message import declarer, take
from ._process import process, start

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_FAILED_RUN = "failedRun"


def clean(method: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Make whatever a method raises one line for the user, without what led to it."""

    @functools.wraps(method)
    def wrapper(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        try:
            return method(*args, **kwargs)
        except WhatsAppError as error:
            raise (error if debugging() else _alone(error)) from None
        except Exception as error:
            if debugging():
                raise
            raise fault(error) from None

    return wrapper


def _alone(error: WhatsAppError) -> WhatsAppError:
    error.__cause__ = error.__context__ = error.__traceback__ = None
    return error


class Provider(ResourceProvider):
    """A dynamic provider without state of its own, so that the state holds a reference to it and no code.

    The dotted paths of its subclasses stand in users' state: they never change.
    """

    serialize_as_secret_always = False
    lifecycle: ClassVar[Lifecycle]
    """What the calls mean."""
    inputs: ClassVar[tuple[str, ...]]
    """The inputs that a refresh gives back, so that the next preview shows drift; none for a resource that is gone
    when it drifts."""
    contacts: ClassVar[tuple[str, ...]]
    """The properties that hold contacts."""

    def configure(self, req: ConfigureRequest) -> None:
        """Start the process's own part."""
        start(req)

    @clean
    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Return the inputs in canonical form, and what is wrong with them."""
        here = process()
        props = _from_sdk_props(news)
        message = take(props)
        here.hear(message)
        by = declarer(message, props)
        inputs = self.lifecycle.check(props, olds, here.accounts, by)
        first = here.is_first(by.key)
        if first and by.preview and not olds and not inputs.failures:
            here.run(self.lifecycle.announce(inputs))
        # A failure of a named property is shown with its value: a whole list of contacts, or a secret.
        failures = [CheckFailure("", str(failure)) for failure in inputs.failures]
        return CheckResult(_to_sdk(inputs.checked), failures)

    @clean
    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:  # noqa: ARG002
        """Return whether anything is to be done. A replacement is created before the old one is deleted."""
        here = process()
        found = here.run(self.lifecycle.diff(olds, _from_sdk_props(news), here.accounts))
        return DiffResult(changes=found.changes, replaces=list(found.replaces), delete_before_replace=False)

    @clean
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make it so."""
        here = process()
        id_, outputs = here.run(self.lifecycle.create(props, here.accounts))
        return CreateResult(id_, _recorded({**outputs, INSTANCE: new_instance()}))

    @clean
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return what is live, where the gateway shows it."""
        here = process()
        outputs = here.run(self.lifecycle.read(props, here.accounts))
        if outputs is None:
            return ReadResult(None, {})
        outs = concealed({**outputs, INSTANCE: props.get(INSTANCE)}, *self.contacts)
        inputs = {key: outs[key] for key in self.inputs if outs.get(key) is not None}
        return ReadResult(id_, outs, inputs or None)

    @clean
    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:  # noqa: ARG002
        """Make it so."""
        here = process()
        outputs = here.run(self.lifecycle.update(olds, news, here.accounts))
        return UpdateResult(_recorded({**outputs, INSTANCE: olds.get(INSTANCE)}))

    @clean
    def delete(self, id_: str, props: dict[str, Any]) -> None:  # noqa: ARG002
        """Take back what the resource owns and no resource of the run declares."""
        here = process()
        here.peers.note_delete(props.get(INSTANCE))
        here.run(self.lifecycle.delete(props.get(INSTANCE), props, here.accounts))


def _recorded(outputs: Props) -> Props:
    """Return outputs for the engine; failures carry the run that they happened in, for the program to fail with."""
    outs = {key: value for key, value in outputs.items() if value is not None}
    if outs.get("failed"):
        outs[_FAILED_RUN] = process().run_id
    return concealed(outs)


def _from_sdk_props(props: Mapping[str, Any]) -> Props:
    """Return properties with the SDK's unknowns as `UNKNOWN`, and without the provider itself.

    Only the new inputs of a check or a diff have any.
    """
    return {key: plain(value, UNKNOWN) for key, value in props.items() if key != PROVIDER_KEY}


def _to_sdk(props: Mapping[str, Any]) -> Props:
    """Return properties with `UNKNOWN` as the SDK's own."""
    return {key: pulumi.UNKNOWN if isinstance(value, Unknown) else value for key, value in props.items()}
