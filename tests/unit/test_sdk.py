"""What is reached into of Pulumi's SDK is there in the SDK that is installed, and is reached into in one place."""

from __future__ import annotations

import ast
import asyncio
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import grpc
import pulumi
import pytest
from google.protobuf import struct_pb2
from hypothesis import example, given
from hypothesis import strategies as st
from pulumi.dynamic import Config, ConfigureRequest, ResourceProvider
from pulumi.runtime import _callbacks, rpc, settings
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2, resource_pb2_grpc
from pulumi.runtime.stack import run_in_stack

from pulumi_whatsapp import sdk

PROVIDER = Path(__file__).parents[2] / "provider"
EXPORTING = {"pulumi", "pulumi.dynamic", "pulumi.runtime"}
PUBLIC = {*EXPORTING, "pulumi.log", "pulumi.runtime.proto"}
CORNERS = {"pulumi_whatsapp/sdk.py"}


class Channel:
    """A connection to an engine that answers every call, with a message that says nothing."""

    def unary_unary(self, *_: Any, response_deserializer: Any, **__: Any) -> Any:
        return lambda *_, **__: response_deserializer(b"")

    def unary_stream(self, *_: Any, **__: Any) -> None:
        """No test needs one."""


def connected(stub: Any) -> Any:
    """Return a stub of the SDK's own on such a connection, whose calls a test may replace."""
    return stub(Channel())


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A monitor of the SDK's own, of a program that an engine runs."""
    here = connected(resource_pb2_grpc.ResourceMonitorStub)
    monkeypatch.setattr(settings.SETTINGS, "monitor", here)
    monkeypatch.setattr(settings.SETTINGS, "engine", connected(engine_pb2_grpc.EngineStub))
    return here


def _used(path: Path) -> set[tuple[str, str]]:
    """Return what a file uses of the SDK, module and name: by an import, or dotted (``pulumi.runtime.rpc``)."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] == "pulumi":
            found |= {(str(node.module), name.name) for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {(name.name, "") for name in node.names if name.name.split(".")[0] == "pulumi"}
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) in EXPORTING:
            found.add((ast.unparse(node.value), node.attr))
    return found


def _exported(module: str) -> set[str]:
    """Return what a module of the SDK exports; a module among it (``pulumi.runtime.rpc``) is as private as before."""
    here = import_module(module)
    return {f"{module}.{name}" for name in here.__all__ if not isinstance(getattr(here, name), ModuleType)}


def test_what_is_not_public_is_reached_into_in_one_place() -> None:
    paths = [path for path in PROVIDER.rglob("*.py") if str(path.relative_to(PROVIDER)) not in CORNERS]
    used = {(path.name, *name) for path in paths for name in _used(path)}
    assert ("_process.py", "pulumi", "") in used
    assert ("_program.py", "pulumi.runtime", "is_dry_run") in used
    assert {found for found in used if found[1] not in PUBLIC} == set()
    named = {(path, f"{module}.{name}") for path, module, name in used if module in EXPORTING and name}
    public = PUBLIC.union(*map(_exported, EXPORTING))
    assert {found for found in named if found[1] not in public} == set()


def test_the_monitor_is_the_one_that_resources_are_registered_with(monitor: Any) -> None:
    assert sdk.current_monitor() is monitor
    assert not sdk.is_mock(monitor)


def test_the_engine_of_a_program_is_known_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel("127.0.0.1:2"))
    monkeypatch.setattr(settings.SETTINGS, "engine", engine)
    assert sdk.engine_address() == "127.0.0.1:2"


@pytest.mark.parametrize(
    ("arguments", "address"), [(["host", "127.0.0.1:3"], "127.0.0.1:3"), (["pytest", "tests"], ""), (["python"], "")]
)
def test_the_engine_of_a_provider_is_the_host_s_first_argument(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], address: str
) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    assert sdk.host_engine_address() == address


def test_the_sdk_ends_a_program_by_the_method_that_is_replaced(monitor: Any) -> None:
    told: list[str] = []
    monitor.SignalAndWaitForShutdown = lambda _: told.append("engine")

    def around(wait: Any) -> None:
        wait()
        told.append("ended")
        raise pulumi.RunError("not as declared")

    sdk.when_ended(around)
    with pytest.raises(pulumi.RunError, match="not as declared"):
        _run(lambda: told.append("program"))
    assert told == ["program", "engine", "ended"]


def test_an_engine_that_does_not_know_the_end_of_a_run_is_left_to_the_sdk(monitor: Any) -> None:
    class Unimplemented(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.UNIMPLEMENTED

    def unimplemented(_: Any) -> None:
        raise Unimplemented

    monitor.SignalAndWaitForShutdown = unimplemented
    told: list[str] = []

    def around(wait: Any) -> None:
        wait()
        told.append("ended")

    sdk.when_ended(around)
    _run(lambda: None)
    assert told == ["ended"]


def test_the_sdk_registers_a_resource_by_the_method_that_is_replaced(monitor: Any) -> None:
    sent: list[str] = []

    def register(request: Any) -> Any:
        sent.append(request.name)
        result = resource_pb2.Result.FAIL if request.name == "not" else resource_pb2.Result.SUCCESS
        return resource_pb2.RegisterResourceResponse(
            urn=f"urn:{request.name}", id="1", object=request.object, result=result
        )

    monitor.RegisterResource = register
    found: list[sdk.Registration] = []
    failed: list[str] = []
    sdk.when_registered("mark", found.append, failed.append)

    class Thing(pulumi.CustomResource):
        def __init__(self, name: str, **props: Any) -> None:
            super().__init__("test:index:Thing", name, props, pulumi.ResourceOptions(ignore_changes=["other['a']"]))

    def program() -> None:
        Thing("marked", mark="x", secret=pulumi.Output.secret("s"))
        Thing("not")

    _run(program)
    assert sorted(sent) == ["marked", "not", "project-stack"]
    assert [(one.inputs, one.not_final) for one in found] == [({"mark": "x", "secret": "s"}, frozenset({"other"}))]
    assert failed == ["not"]


def test_transforms_that_the_engine_calls_are_seen(monitor: Any) -> None:
    async def with_transforms() -> None:
        servicer = _callbacks._CallbackServicer(monitor)
        try:
            assert not sdk._transforms(monitor)
            servicer.register_stack_transform(lambda _: None)
            assert sdk._transforms(monitor)
            assert not sdk._transforms(object())
        finally:
            await _callbacks._CallbackServicer.shutdown()  # type: ignore[no-untyped-call]

    asyncio.run(with_transforms())


def test_a_value_is_marked_as_a_secret_as_the_wire_has_it() -> None:
    wire = struct_pb2.Struct()
    wire.update({"contacts": sdk.wrap_rpc_secret(["+16505550001"]), "reason": rpc.UNKNOWN})
    assert rpc.is_rpc_secret(rpc.deserialize_properties(wire)["contacts"])
    values = sdk._registration(SimpleNamespace(object=wire, ignoreChanges=()), object()).inputs
    assert values["contacts"] == ["+16505550001"]
    assert isinstance(values["reason"], sdk.Unknown)
    assert isinstance(pulumi.UNKNOWN, sdk.Unknown)


def test_a_value_that_was_read_is_plain_whatever_is_in_it() -> None:
    wire = struct_pb2.Struct()
    secret = sdk.wrap_rpc_secret(["+16505550001"])
    wire.update({"contacts": sdk.wrap_rpc_secret(secret), "exceptions": {"+16505550002": [sdk.WIRE_UNKNOWN, "spam"]}})
    found, hidden = sdk.read_properties(wire)
    assert hidden == {"contacts"}
    assert sdk.plain(found, "?") == {"contacts": ["+16505550001"], "exceptions": {"+16505550002": ["?", "spam"]}}


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "+16505550001", sdk.WIRE_UNKNOWN]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def _secret(value: Any) -> Any:
    """Return a value as a secret, and so each part of it."""
    if isinstance(value, dict):
        value = {key: _secret(part) for key, part in value.items()}
    if isinstance(value, list):
        value = [_secret(part) for part in value]
    return sdk.wrap_rpc_secret(value)


@example({"phone": sdk.WIRE_UNKNOWN, "contacts": ["+16505550001", sdk.WIRE_UNKNOWN]})
@example({"contacts": []})
@given(st.dictionaries(st.sampled_from(["phone", "contacts", "reason"]), _VALUES))
def test_a_secret_is_read_as_what_is_in_it(values: dict[str, Any]) -> None:
    """Also where that is not known: the SDK makes None of it."""
    bare, marked = struct_pb2.Struct(), struct_pb2.Struct()
    bare.update(values)
    marked.update({key: _secret(value) for key, value in values.items()})
    plain, hidden = sdk.read_properties(bare)
    assert hidden == set()
    found, hidden = sdk.read_properties(marked)
    assert sdk.plain(found, "?") == sdk.plain(plain, "?")
    assert hidden == values.keys()


def test_the_configuration_of_a_provider_lists_its_keys() -> None:
    assert sdk.all_values(Config({"whatsapp:gatway": "zapi"}, "shop")) == {"whatsapp:gatway": "zapi"}
    assert ConfigureRequest.__init__.__annotations__["config"] in (Config, "Config")


def test_the_provider_itself_travels_under_one_key() -> None:
    host = Path(pulumi.dynamic.__file__).with_name("__main__.py").read_text()  # to import it is to serve
    assert f'PROVIDER_KEY = "{sdk.PROVIDER_KEY}"' in host
    assert "props[PROVIDER_KEY]" in host


def test_an_output_is_taken_off_its_resource(monitor: Any) -> None:
    monitor.RegisterResource = lambda request: resource_pb2.RegisterResourceResponse(
        urn="urn:thing", id="1", object=request.object
    )
    taken: list[Any] = []

    class Thing(pulumi.dynamic.Resource):
        def __init__(self) -> None:
            super().__init__(ResourceProvider(), "thing", {"instance": "x", "kept": "y"})
            taken.extend([sdk.take_output(self, "instance"), sdk.take_output(self, "none")])
            assert not hasattr(self, "instance")
            assert hasattr(self, "kept")

    _run(Thing)
    assert isinstance(taken[0], pulumi.Output)
    assert taken[1] is None


def test_a_message_may_be_as_large_as_the_sdk_takes_it() -> None:
    limits = [value for name, value in sdk.CHANNEL_OPTIONS if name == "grpc.max_receive_message_length"]
    assert limits
    assert limits[0] >= 100 * 1024 * 1024


def _run(program: Any) -> None:
    """Run a program as the SDK's own runner does."""
    asyncio.run(run_in_stack(program))
