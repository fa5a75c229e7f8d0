"""What the resource classes send to the engine, and what becomes of a program by what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc, settings
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc
from pulumi.runtime.rpc_manager import RPCManager
from pulumi.runtime.stack import run_in_stack

import pulumi_whatsapp as whatsapp
from pulumi_whatsapp import BlockedContact, Blocklist, PrivacySetting

from .test_sdk import connected

SECRET = {rpc._special_sig_key: rpc._special_secret_sig}
ONE, TWO = "+5511987650001", "+5511987650002"
WRONG: Any = {1: "x"}
BYTES: Any = b"+5511987650001"


class FakeEngine:
    """An engine that takes what a program registers, and answers with outputs.

    Attributes:
        inputs: what was registered, by the resource's name, secrets as the wire has them.
        told: what the program logs.
        outputs: more outputs for each resource, given its message.
        skipped: whether it leaves every resource out.
    """

    def __init__(self) -> None:
        self.inputs: dict[str, dict[str, Any]] = {}
        self.requests: dict[str, Any] = {}
        self.told: list[str] = []
        self.outputs: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {}
        self.skipped = False
        self.ended = 0
        self.monitor = connected(resource_pb2_grpc.ResourceMonitorStub)
        self.monitor.RegisterResource = self._register
        self.monitor.SignalAndWaitForShutdown = self._end
        info = self.monitor.GetDeploymentInfo(None)
        info.supportedFeatures.append(resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS)
        self.monitor.GetDeploymentInfo = lambda _: info
        self.stub = connected(engine_pb2_grpc.EngineStub)
        self.stub.Log = self._log

    def run(self, program: Callable[[], Any]) -> None:
        """Run a program as the SDK's own runner does."""
        asyncio.run(run_in_stack(lambda: program() and None))

    def _register(self, request: Any) -> Any:
        values = struct_pb2.Struct()
        values.CopyFrom(request.object)
        found = json_format.MessageToDict(values)
        self.inputs[request.name], self.requests[request.name] = found, request
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=f"urn:{request.name}")
        if not self.skipped:
            values.update({"instance": "abc", "failed": {}, **self.outputs(found.get("program", {}))})
        values.fields.pop("program", None)
        if "contacts" in found:  # as `check` makes of them
            values.update({"contacts": _checked(found["contacts"])})
        id_ = "" if self.skipped else "id"
        return resource_pb2.RegisterResourceResponse(urn=f"urn:{request.name}", id=id_, object=values)

    def _end(self, _: Any) -> None:
        self.ended += 1

    def _log(self, request: Any) -> None:
        if request.severity == engine_pb2.WARNING:
            self.told.append(request.message)


def _checked(contacts: Any) -> Any:
    if isinstance(contacts, dict) and "value" in contacts:
        return {**contacts, "value": _checked(contacts["value"])}
    return dict.fromkeys(contacts, "")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    here = FakeEngine()
    for name, value in {"monitor": here.monitor, "engine": here.stub, "project": "shop", "stack": "dev"}.items():
        monkeypatch.setattr(settings.SETTINGS, name, value)
    monkeypatch.setattr(settings.SETTINGS, "dry_run", False)
    monkeypatch.setattr(settings.SETTINGS, "monitor_features", set())
    monkeypatch.setattr(settings.SETTINGS, "rpc_manager", RPCManager())  # type: ignore[no-untyped-call]
    monkeypatch.setattr(settings.SETTINGS, "outputs", set())
    return here


def test_inputs_travel_in_camel_case_with_one_message(engine: FakeEngine) -> None:
    engine.run(lambda: Blocklist("spam", contacts=iter([ONE, TWO]), allow_failures=True))  # type: ignore[arg-type]
    sent = engine.inputs["spam"]
    message = sent.pop("program")
    assert sent.pop("__provider")
    assert sent == {"contacts": [ONE, TWO], "allowFailures": True}
    assert message["label"] == "Blocklist 'spam'"
    assert (message["secret"], message["hidden"], message["preview"]) == (False, [], False)
    assert engine.ended == 1


def test_two_resources_are_of_one_run_and_have_keys_in_the_programs_order(engine: FakeEngine) -> None:
    def program() -> None:
        for name in ("b", "a"):
            BlockedContact(name, phone=ONE)

    engine.run(program)
    first, second = engine.inputs["b"]["program"], engine.inputs["a"]["program"]
    assert first["run"] == second["run"]
    assert first["key"] < second["key"]


def test_contacts_are_a_secret_as_a_whole_where_one_is(engine: FakeEngine) -> None:
    engine.run(lambda: Blocklist("spam", contacts=[ONE, pulumi.Output.secret(TWO)]))
    sent = engine.inputs["spam"]
    assert sent["contacts"] == {**SECRET, "value": [ONE, TWO]}
    assert sent["program"]["secret"] is True
    named = {"waIds", "userIds", "lids", "failed", "foreign"}
    assert named <= set(engine.requests["spam"].additionalSecretOutputs)


def test_a_secret_beside_the_contacts_is_named_in_the_message(engine: FakeEngine) -> None:
    engine.run(lambda: BlockedContact("spammer", phone=ONE, reason=pulumi.Output.secret("said so")))
    message = engine.inputs["spammer"]["program"]
    assert (message["secret"], message["hidden"]) == (False, ["reason"])


def test_a_program_sees_no_output_that_is_for_the_provider_alone(engine: FakeEngine) -> None:
    def program() -> None:
        contact = BlockedContact("spammer", phone=ONE)
        assert not {"instance", "failed_run", "program"} & set(vars(contact))
        assert isinstance(contact.wa_id, pulumi.Output)

    engine.run(program)


def _failed(**failed: dict[str, str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda message: {"failed": failed, "failedRun": message["run"]}


def test_what_failed_in_this_run_fails_the_program_at_its_end(engine: FakeEngine) -> None:
    engine.outputs = _failed(
        **{ONE: {"state": "refused", "why": "no"}, TWO: {"state": "refused", "why": "no"}}  # one reason, one group
    )
    with pytest.raises(pulumi.RunError) as raised:
        engine.run(lambda: Blocklist("spam", contacts=[ONE, TWO]))
    assert str(raised.value) == (
        f"Blocklist 'spam': 2 not as declared: {ONE}, {TWO} refused (no); the next pulumi up tries again"
    )
    assert engine.ended == 1  # everything else is done by then


def test_many_failures_are_counted_and_not_all_named(engine: FakeEngine) -> None:
    contacts = [f"+551198765{number:04}" for number in range(30)]
    engine.outputs = _failed(
        **{text: {"state": "pending", "why": f"why {number % 15}"} for number, text in enumerate(contacts)}
    )
    with pytest.raises(pulumi.RunError, match=r"30 not as declared: .* and 5 more reasons"):
        engine.run(lambda: Blocklist("spam", contacts=contacts))
    engine.outputs = _failed(**{text: {"state": "pending", "why": "why"} for text in contacts})
    with pytest.raises(pulumi.RunError, match=r" and 20 more pending \(why\)"):
        engine.run(lambda: Blocklist("spam", contacts=contacts))


def test_what_an_earlier_run_recorded_fails_no_later_one(engine: FakeEngine) -> None:
    failed = {ONE: {"state": "refused", "why": "no"}}
    engine.outputs = lambda _: {"failed": failed, "failedRun": "another"}
    engine.run(lambda: Blocklist("spam", contacts=[ONE]))


def test_failures_of_secret_contacts_show_four_digits(engine: FakeEngine) -> None:
    failed = {ONE: {"state": "refused", "why": "no"}}
    engine.outputs = lambda message: {"failed": {**SECRET, "value": failed}, "failedRun": message["run"]}
    with pytest.raises(pulumi.RunError, match="…0001 refused") as raised:
        engine.run(lambda: Blocklist("spam", contacts=[pulumi.Output.secret(ONE)]))
    assert ONE not in str(raised.value)


def test_allowed_failures_are_a_warning_and_others_fail_all_the_same(engine: FakeEngine) -> None:
    refused, pending = {"state": "refused", "why": "no"}, {"state": "pending", "why": "later"}
    engine.outputs = _failed(**{ONE: refused})
    engine.run(lambda: Blocklist("spam", contacts=[ONE], allow_failures=True))
    assert engine.told == [f"Blocklist 'spam': 1 not as declared: {ONE} refused (no)"]
    engine.outputs = _failed(**{ONE: refused, TWO: pending})
    with pytest.raises(pulumi.RunError, match=r"1 not as declared: .* pending"):
        engine.run(lambda: Blocklist("spam", contacts=[ONE, TWO], allow_failures=True))


def test_a_resource_that_the_engine_leaves_out_is_told_of_once_a_run(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.skipped = True

    def program() -> None:
        BlockedContact("one", phone=ONE)
        BlockedContact("two", phone=TWO)

    monkeypatch.setattr(settings.SETTINGS, "dry_run", True)
    engine.run(program)
    assert engine.told == []  # the plan of a preview has what is declared
    engine.outputs = lambda _: {"phone": TWO}
    engine.skipped = False
    engine.run(program)
    assert len(engine.told) == 1
    assert "this run leaves out BlockedContact 'one'" in engine.told[0]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (lambda opts: BlockedContact("it", phone=ONE, opts=opts(delete_before_replace=True)), "delete_before_replace"),
        (lambda opts: BlockedContact("it", phone=ONE, opts=opts(import_="zapi/1")), "import_ is not possible"),
        (lambda _: BlockedContact("it", phone=BYTES), "bytes are no text"),
        (lambda _: BlockedContact("it", phone=ONE, reason="half \ud83d"), "half a character at position 6"),
        (lambda _: Blocklist("it", contacts=WRONG), "a contact is int"),
        (lambda _: PrivacySetting("it", setting="about", value="none", exceptions=WRONG), "a contact is int"),
    ],
)
def test_what_cannot_be_meant_is_one_line_before_anything_is_sent(
    engine: FakeEngine, program: Callable[[Any], Any], why: str
) -> None:
    with pytest.raises(pulumi.RunError, match=why):
        engine.run(lambda: program(pulumi.ResourceOptions))
    assert "it" not in engine.inputs


def test_ignoring_all_changes_still_says_which_resource_it_is(engine: FakeEngine) -> None:
    engine.run(lambda: BlockedContact("it", phone=ONE, opts=pulumi.ResourceOptions(ignore_changes=["*"])))
    ignored = list(engine.requests["it"].ignoreChanges)
    assert "phone" in ignored
    assert not {"*", "program"} & set(ignored)


PHONE = "+5511987654321"


@pytest.mark.parametrize(
    ("resource", "args", "kwargs", "says"),
    [
        (
            "BlockedContact",
            ["a"],
            {"contact": PHONE},
            "BlockedContact 'a': it has no argument contact; did you mean phone? ",
        ),
        (
            "BlockedContact",
            ["a"],
            {"phoneNumber": PHONE},
            "it has no argument phoneNumber; did you mean phone? it takes ",
        ),
        ("BlockedContact", ["a"], {"phone": PHONE, "acount": "x"}, "it has no argument acount; did you mean account? "),
        ("Blocklist", ["a"], {"phones": [PHONE]}, "Blocklist 'a': it has no argument phones; did you mean contacts? "),
        ("Blocklist", ["a"], {"contacts": [PHONE], "allowFailures": True}, "did you mean allow_failures? "),
        (
            "PrivacySetting",
            ["a"],
            {"name": "online", "value": "all"},
            "it has no argument name; did you mean setting? ",
        ),
        ("PrivacySetting", ["a"], {"setting": "online"}, "PrivacySetting 'a': value is missing"),
        (
            "BlockedContact",
            ["a", PHONE],
            {},
            "only the name goes without a keyword; write BlockedContact('a', phone=…)",
        ),
        (
            "BlockedContact",
            [],
            {"phone": PHONE},
            "its first argument is its name in the program; write BlockedContact(",
        ),
        ("Blocklist", [[PHONE]], {}, "Blocklist: its first argument is its name in the program; "),
        ("BlockedContact", ["a"], {}, "BlockedContact 'a': phone is missing"),
    ],
)
def test_a_wrong_argument_is_told_with_the_one_that_was_meant(
    resource: str, args: list[Any], kwargs: dict[str, Any], says: str
) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        getattr(whatsapp, resource)(*args, **kwargs)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert PHONE not in str(refused.value)


def test_a_class_of_the_program_s_own_takes_what_it_likes() -> None:
    class Spammer(whatsapp.BlockedContact):
        def __init__(self, digits: int, *rest: str) -> None:
            self.taken = (digits, rest)

    assert Spammer(5, "a", "b").taken == (5, ("a", "b"))
