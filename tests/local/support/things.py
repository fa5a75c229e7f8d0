"""A dynamic provider whose whole world is one JSON file, and which writes down every call it gets.

The folder ``world`` beside the program holds ``world.json`` (live objects: id → properties), ``calls.jsonl`` (one call
a line) and ``faults.json`` (``"<call> <name>"`` → message of the error to raise; ``die`` ends the process, ``hang``
waits until the file says something else).
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return "<unknown>"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in sorted(value.items()) if key != "__provider"}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


class LiveThings:
    """The live objects and the record of calls, guarded by a file lock."""

    def __init__(self) -> None:
        self.folder = Path("world").resolve()

    def __enter__(self) -> LiveThings:
        self._lock = (self.folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        path = self.folder / "world.json"
        self.things: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return self

    def __exit__(self, *_: object) -> None:
        (self.folder / "world.json").write_text(json.dumps(self.things))
        self._lock.close()

    def record(self, call: str, name: str, **details: Any) -> None:
        """Write down one call; raise if a fault is set for it."""
        with (self.folder / "calls.jsonl").open("a") as file:
            file.write(json.dumps({"call": call, "name": name, **_plain(details)}, sort_keys=True) + "\n")
        message = self._fault(call, name)
        while message == "hang":
            (self.folder / "hanging").write_text(str(os.getpid()))
            time.sleep(0.02)
            message = self._fault(call, name)
        if message == "die":
            os._exit(7)
        if message:
            raise ValueError(message)

    def _fault(self, call: str, name: str) -> str | None:
        faults = self.folder / "faults.json"
        found = json.loads(faults.read_text()).get(f"{call} {name}") if faults.exists() else None
        return None if found is None else str(found)


def live() -> list[str]:
    """Return the ids of what is there."""
    with LiveThings() as world:
        return sorted(world.things)


class ThingProvider(ResourceProvider):
    """Everything a provider can be asked; ``kind`` forces a replacement, ``first`` asks to delete first."""

    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        """Write down the configuration."""
        with LiveThings() as world:
            world.record("configure", "", greeting=req.config.get("things:greeting"), own=req.config.get("own"))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse ``value="bad"``."""
        with LiveThings() as world:
            world.record("check", str(_plain(news.get("label"))), olds=_olds, news=news)
        failures = [CheckFailure("value", "bad is refused")] if news.get("value") == "bad" else []
        return CheckResult(news, failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare the properties that were declared."""
        with LiveThings() as world:
            world.record("diff", str(_olds.get("label")), id=_id, olds=_olds, news=_news)
        keys = (set(_olds) | set(_news)) - {"__provider", "serial", "seen"}
        changed = sorted(key for key in keys if _plain(_olds.get(key)) != _plain(_news.get(key)))
        replaces = [key for key in changed if key in ("kind", "first")]
        return DiffResult(
            changes=bool(changed), replaces=replaces, delete_before_replace=bool(_plain(_news.get("first")))
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Make a thing; its id counts up per label."""
        label = str(props["label"])
        for ephemeral in (True, False) if props.get("says") else ():
            channel = grpc.insecure_channel(sys.argv[1])
            message = engine_pb2.LogRequest(severity=engine_pb2.INFO, message=props["says"], ephemeral=ephemeral)
            engine_pb2_grpc.EngineStub(channel).Log(message)
            channel.close()
        with LiveThings() as world:
            world.record("create", label, news=props)
            serial = 1 + max(
                (int(thing["serial"]) for thing in world.things.values() if thing["label"] == label), default=0
            )
            outs = {**props, "serial": serial}
            world.things[f"{label}-{serial}"] = _plain(outs)
        return CreateResult(f"{label}-{serial}", outs)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Report what is live; a thing that is gone has no id."""
        with LiveThings() as world:
            world.record("read", str(props["label"]), id=id_)
            live = world.things.get(id_)
        if live is None:
            return ReadResult(None, {})
        inputs = {key: value for key, value in live.items() if key != "serial"}
        return ReadResult(id_, {**live}, inputs=inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Change a thing in place."""
        with LiveThings() as world:
            world.record("update", str(_news["label"]), id=_id, olds=_olds, news=_news)
            outs = {**_news, "serial": _olds["serial"]}
            world.things[_id] = _plain(outs)
        return UpdateResult(outs)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Remove a thing."""
        with LiveThings() as world:
            world.record("delete", str(_props["label"]), id=_id)
            world.things.pop(_id, None)


class SecretThingProvider(ThingProvider):
    """The same, with its pickle kept as a secret (the default of the SDK)."""

    serialize_as_secret_always = True


class BareThingProvider(ThingProvider):
    """The same, with the comparison left to the engine."""

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Say nothing."""
        return DiffResult()


class Thing(Resource, module="things", name="Thing"):
    """A thing with a label (its resource name) and any properties."""

    value: pulumi.Output[Any]
    serial: pulumi.Output[float]
    kind: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        label = props.pop("label", name)
        super().__init__(
            ThingProvider(), name, {"value": None, "kind": None, "serial": None, "label": label, **props}, opts
        )


class SecretThing(Resource, module="things", name="SecretThing"):
    """A thing of the provider whose pickle is a secret."""

    value: pulumi.Output[Any]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__(SecretThingProvider(), name, {"value": None, "label": name, **props}, opts)


class BareThing(Resource, module="things", name="BareThing"):
    """A thing of the provider that compares nothing."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **props: Any) -> None:
        super().__init__(BareThingProvider(), name, {"label": name, **props}, opts)
