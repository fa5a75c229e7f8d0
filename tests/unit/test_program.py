"""What a program answers of the resources that a run leaves out, by the requests that register them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime import _callbacks, settings
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.rpc import UNKNOWN

from pulumi_whatsapp.dynamic._message import MESSAGE
from pulumi_whatsapp.dynamic._program import Run
from pulumi_whatsapp.sdk import when_registered

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


class Monitor:
    """What the SDK sends its requests to."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.result = resource_pb2.Result.SUCCESS

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802 - gRPC's name
        self.requests.append(request)
        return resource_pb2.RegisterResourceResponse(result=self.result)


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    here = Monitor()
    monkeypatch.setattr("pulumi_whatsapp.sdk.get_monitor", lambda: here)
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: False)
    before = settings.SETTINGS.dry_run
    settings.SETTINGS.dry_run = False
    yield here
    settings.SETTINGS.dry_run = before


def _registered(monitor: Monitor, inputs: dict[str, Any], ignored: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the program answers of a resource with these inputs that was not checked."""
    run = Run(guarded=True)
    own = run.declare("Blocklist 'list'")
    when_registered(MESSAGE, run.registered, run.failed)
    values = struct_pb2.Struct()
    values.update({**inputs, MESSAGE: dict[str, Any](**own.message)})
    request = resource_pb2.RegisterResourceRequest(object=values, ignoreChanges=ignored)
    monitor.RegisterResource(request)
    assert monitor.requests == [request]
    [answer] = run._left_out(set())
    assert run._left_out({own.message["key"]}) == []
    return answer


@pytest.mark.parametrize(
    ("inputs", "contacts"),
    [
        ({"phone": "+16505550001"}, ["+16505550001"]),
        ({"phone": {**SECRET, "value": "+16505550001"}}, ["+16505550001"]),
        ({"contacts": ["+16505550001", "+16505550002"]}, ["+16505550001", "+16505550002"]),
        ({"contacts": ["+16505550001", {**SECRET, "value": "+16505550002"}]}, ["+16505550001", "+16505550002"]),
        ({"contacts": {"+16505550001": "spam"}}, ["+16505550001"]),
        ({"contacts": {"+16505550001": UNKNOWN}}, ["+16505550001"]),
        ({"contacts": []}, []),
        ({"contacts": UNKNOWN}, None),
        ({"contacts": ["+16505550001", UNKNOWN]}, None),
        ({"phone": UNKNOWN}, None),
    ],
)
def test_who_is_declared_is_what_was_sent(monitor: Monitor, inputs: dict[str, Any], contacts: list[str] | None) -> None:
    assert _registered(monitor, inputs)["contacts"] == contacts


@pytest.mark.parametrize(
    ("inputs", "account", "known"),
    [({}, None, True), ({"account": "support"}, "support", True), ({"account": UNKNOWN}, None, False)],
)
def test_the_account_is_what_was_sent(
    monitor: Monitor, inputs: dict[str, Any], account: str | None, known: bool
) -> None:
    answer = _registered(monitor, {"contacts": [], **inputs})
    assert (answer["account"], answer["account_known"]) == (account, known)


@pytest.mark.parametrize("path", ["contacts", "contacts['+16505550001']", '["contacts"]', "contacts[0]"])
def test_contacts_that_the_engine_takes_from_the_state_are_not_known(monitor: Monitor, path: str) -> None:
    answer = _registered(monitor, {"contacts": ["+16505550001"]}, ignored=(path,))
    assert answer["contacts"] is None
    assert answer["account_known"]


def test_an_account_that_the_engine_takes_from_the_state_is_not_known(monitor: Monitor) -> None:
    answer = _registered(monitor, {"contacts": ["+16505550001"], "account": "support"}, ignored=("account",))
    assert answer["contacts"] == ["+16505550001"]
    assert (answer["account"], answer["account_known"]) == (None, False)


def test_a_reason_that_is_ignored_hides_nobody(monitor: Monitor) -> None:
    assert _registered(monitor, {"phone": "+16505550001"}, ignored=("reason",))["contacts"] == ["+16505550001"]


@pytest.mark.parametrize(("transforms", "contacts"), [({print: "token"}, None), ({}, ["+16505550001"])])
def test_nothing_is_known_where_the_engine_calls_transforms(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, transforms: dict[Any, str], contacts: list[str] | None
) -> None:
    class Callbacks:
        _monitor = monitor
        _transforms = transforms

    monkeypatch.setattr(_callbacks._CallbackServicer, "_servicers", [Callbacks])
    answer = _registered(monitor, {"contacts": ["+16505550001"]})
    assert answer["contacts"] == contacts
    assert answer["account_known"] is (contacts is not None)


def test_a_resource_that_was_never_registered_declares_anybody() -> None:
    run = Run(guarded=True)
    run.declare("Blocklist 'list'")
    [answer] = run._left_out(set())
    assert answer["contacts"] is None
    assert not answer["account_known"]


def test_after_a_failure_nobody_knows_what_else_is_declared(monitor: Monitor) -> None:
    """With ``--continue-on-error`` the program ends well, without what it would have made of that one's outputs."""
    run = Run(guarded=True)
    own = run.declare("Blocklist 'list'")
    when_registered(MESSAGE, run.registered, run.failed)
    monitor.result = resource_pb2.Result.FAIL
    monitor.RegisterResource(resource_pb2.RegisterResourceRequest(name="bucket"))

    [rest] = run._left_out({own.message["key"]})

    assert not rest["account_known"]
    assert rest["why"].startswith("nobody is unblocked and nothing is set back after 'bucket' failed, because what ")
