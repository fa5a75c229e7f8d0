"""What the three dynamic providers share: values from and to the SDK, and errors as one line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, ResourceProvider
from pulumi.output import UNKNOWN as SDK_UNKNOWN
from pulumi.output import Unknown as SdkUnknown
from pulumi.runtime.rpc import wrap_rpc_secret

from ..errors import InternalError, WhatsAppError
from ..lifecycle.diff import Diff
from ..lifecycle.inputs import UNKNOWN, Inputs, Props, Unknown
from ._process import Process, debugging, process, start

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

RUN = "run"
OTHERS = "others"
SECRET = "secret"
FROZEN = "frozen"
FAILED_RUN = "failedRun"

_ABOUT_CONTACTS = ("waId", "waIds", "failed", "foreign", "dormant")


class Provider(ResourceProvider):
    """A dynamic provider without state of its own, so that the state holds a reference to it and no code.

    The dotted paths of its subclasses stand in users' state: they never change.
    """

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Start the process's own part."""
        start(req)


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
            text = " ".join(f"{type(error).__name__}: {error}".split())
            raise InternalError(
                f"{text}; this is a fault of pulumi-whatsapp, please report it with the output of the same command "
                "under WHATSAPP_DEBUG=1"
            ) from None

    return wrapper


def _alone(error: WhatsAppError) -> WhatsAppError:
    error.__cause__ = error.__context__ = error.__traceback__ = None
    return error


def checked(news: Mapping[str, Any], check: Callable[[Props, Process], Inputs]) -> CheckResult:
    """Return what `check` makes of the inputs, without those that only travel with the run."""
    here = process()
    props = from_sdk(news)
    run_id = props.pop(RUN, None)
    if isinstance(run_id, str):
        here.run_id = run_id
    else:
        props[FROZEN] = True  # every input is the state's: `ignore_changes=["*"]`
    others = props.pop(OTHERS, None)
    if isinstance(others, dict):
        for account_id, contacts in others["contacts"].items():
            here.accounts.claims.declare(account_id, contacts)
        here.accounts.claims.told(others["own"])
    inputs = check(props, here)
    if isinstance(others, dict) and inputs.account is not None:
        here.accounts.claims.expect(inputs.account.id, others["unknown"])
    # A failure of a named property is shown with its value: a whole list of contacts, or a secret.
    failures = [CheckFailure("", str(failure)) for failure in inputs.failures]
    return CheckResult(to_sdk(inputs.checked), failures)


def differs(diff: Diff) -> DiffResult:
    """Return a diff for the engine, which creates a replacement before it deletes."""
    return DiffResult(changes=diff.changes, replaces=list(diff.replaces))


def recorded(outputs: Props) -> Props:
    """Return outputs for the engine; failures carry the run that they happened in, for the program to fail with."""
    outs = {key: value for key, value in outputs.items() if value is not None}
    if outs.get("failed"):
        outs[FAILED_RUN] = process().run_id
    return concealed(outs)


def concealed(outputs: Props, *more: str) -> Props:
    """Return outputs for the engine, marked as secrets where they name contacts that are, or once were, secret.

    The program marks what it gives as a secret itself. The marks here are for what stays behind when a later program
    gives other contacts, and those are none.

    Args:
        outputs: what is recorded.
        more: further properties that may name such contacts.
    """
    if not outputs.get("secret"):
        return outputs
    named = {*_ABOUT_CONTACTS, *more}
    return {key: wrap_rpc_secret(value) if key in named and value else value for key, value in outputs.items()}


def from_sdk(props: Mapping[str, Any]) -> Props:
    """Return properties with the SDK's unknowns as `UNKNOWN`, and without the provider itself.

    Only the new inputs of a check or a diff have any.
    """
    return {key: _from_sdk(value) for key, value in props.items() if key != "__provider"}


def _from_sdk(value: Any) -> Any:
    if isinstance(value, SdkUnknown):
        return UNKNOWN
    if isinstance(value, list):
        return [_from_sdk(item) for item in value]
    if isinstance(value, dict):
        return {key: _from_sdk(item) for key, item in value.items()}
    return value


def to_sdk(props: Mapping[str, Any]) -> Props:
    """Return properties with `UNKNOWN` as the SDK's own."""
    return {key: SDK_UNKNOWN if isinstance(value, Unknown) else value for key, value in props.items()}
