"""The provider process as the engine starts it and talks to it, and what the engine would keep of it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

import grpc
from google.protobuf import empty_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from pulumi_whatsapp.dynamic._message import MESSAGE, Message
from pulumi_whatsapp.dynamic.blocked_contact import BlockedContactProvider
from pulumi_whatsapp.dynamic.blocklist import BlocklistProvider
from pulumi_whatsapp.dynamic.privacy_setting import PrivacySettingProvider
from pulumi_whatsapp.engine.ending import answering
from pulumi_whatsapp.lifecycle.inputs import Props
from pulumi_whatsapp.spelling import to_snake

UNKNOWN = rpc.UNKNOWN
PROVIDERS: Mapping[str, type[ResourceProvider]] = {
    "BlockedContact": BlockedContactProvider,
    "Blocklist": BlocklistProvider,
    "PrivacySetting": PrivacySettingProvider,
}
CONTACTS: Mapping[str, str] = {"BlockedContact": "phone", "Blocklist": "contacts", "PrivacySetting": "exceptions"}
"""The input of each kind that holds contacts."""
_PATIENCE = 60
Face = Literal["dynamic", "native"]
"""The two faces of the provider: what the engine starts and talks to."""
_STARTED: Final[Mapping[Face, str]] = {"dynamic": "pulumi.dynamic", "native": "pulumi_whatsapp.native"}
_DETAILS: Final = "grpc-status-details-bin"

_PLACES = count()


class ProviderError(Exception):
    """A call failed; the text is what the engine shows after ``error:``."""


def without_kind(text: str) -> str:
    """Return an error's text without the kind and the line's end that Pulumi's own server of dynamic ones adds."""
    return re.sub(r"^pulumi_whatsapp\.[A-Z]\w+: ([^\n]*)\n$", r"\1", text)


class PartlyDone(ProviderError):
    """The engine records what was done, and fails."""

    def __init__(self, text: str | None, recorded: provider_pb2.ErrorResourceInitFailed) -> None:
        super().__init__(text)
        self.recorded = recorded


def _failed(packed: bytes) -> provider_pb2.ErrorResourceInitFailed:
    recorded = provider_pb2.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(recorded)
    return recorded


class EngineService(engine_pb2_grpc.EngineServicer):
    """The engine's side: it listens to what the provider says."""

    def __init__(self) -> None:
        self.messages: list[engine_pb2.LogRequest] = []
        self._heard = threading.Condition()
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=_GRPC_CHANNEL_OPTIONS)
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Keep a message."""
        with self._heard:
            self.messages.append(request)
            self._heard.notify_all()
        return empty_pb2.Empty()

    def texts(self, *, ephemeral: bool | None = None, severity: int | None = None) -> list[str]:
        """Return what was said."""
        return [
            message.message
            for message in self.messages
            if ephemeral in (None, message.ephemeral) and severity in (None, message.severity)
        ]

    def wait_for(self, part: str) -> None:
        """Return once a message with ``part`` in it was heard."""
        with self._heard:
            heard = self._heard.wait_for(lambda: any(part in text for text in self.texts()), timeout=_PATIENCE)
        assert heard, f"nobody said {part!r}; heard: {self.texts()}"

    def stop(self) -> None:
        """Hang up."""
        self._server.stop(None).wait()


class ProviderProcess:
    """One provider process.

    Args:
        config: the keys of the namespace.
        folder: where it runs.
        environment: variables beside those of this process.
        face: which face it is.
        provider: the name of the provider resource; by default it is the engine's own.
        engine: an engine that has other processes too.
        configured: whether it is configured at once.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        face: Face = "dynamic",
        provider: str = "default",
        engine: EngineService | None = None,
        *,
        configured: bool = True,
    ) -> None:
        self.face = face
        self.engine = engine or EngineService()
        self._own_engine = engine is None
        self.printed = folder / "provider.stderr"
        with self.printed.open("ab") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", _STARTED[face], self.engine.address],
                cwd=folder,
                env={**os.environ, "PULUMI_PROJECT": "demo", **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        assert self.process.stdout is not None
        port = int(self.process.stdout.readline())
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_GRPC_CHANNEL_OPTIONS)
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        prefix = "whatsapp:" if face == "dynamic" else ""
        args = {f"{prefix}{key}": value for key, value in config.items()}
        if face == "native":  # as the engine gives what a stack keeps as secrets
            args = {key: rpc.wrap_rpc_secret(value) for key, value in args.items()}
        urn = f"urn:pulumi:dev::demo::pulumi:providers:whatsapp::{provider}"
        self._configuration = provider_pb2.ConfigureRequest(
            args=struct(args), acceptSecrets=True, acceptResources=True, name=provider, urn=urn
        )
        if configured:
            self.configure()

    def configure(self, urn: str | None = None) -> None:
        """Configure it, as the provider of another project where one is named."""
        self._configuration.urn = urn or self._configuration.urn
        self.call(self.stub.Configure, self._configuration)

    def call(self, method: Callable[..., Any], request: Any) -> Any:
        """Make a call; what it raises is the text that the engine shows."""
        try:
            return method(request, timeout=_PATIENCE)
        except grpc.RpcError as error:
            metadata: Any = error.trailing_metadata()
            packed = [value for key, value in metadata or () if key == _DETAILS]
            if packed:
                raise PartlyDone(error.details(), _failed(packed[0])) from None
            raise ProviderError(without_kind(error.details() or "")) from None

    def resource(self, kind: str, name: str = "it") -> EngineResource:
        """Return a resource that does not exist yet."""
        return EngineResource(self, kind, name)

    @contextmanager
    def program_ended(self, *left_out: Props) -> Iterator[None]:
        """Be a program that has ended, which declares these resources beside those that were checked."""
        with answering(self.engine.address, lambda _checked: left_out):
            yield

    def kill(self) -> None:
        """End the process as a crash or an impatient user would."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End the process."""
        self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._channel.close()
        if self._own_engine:
            self.engine.stop()


@dataclass
class Checked:
    """What ``check`` answers."""

    inputs: Props
    failures: dict[str, str]


@dataclass
class EngineResource:
    """One resource in the engine's state, and the calls that the engine makes for it."""

    process: ProviderProcess
    kind: str
    name: str
    id: str = ""
    inputs: Props = field(default_factory=dict)
    outputs: Props = field(default_factory=dict)
    key: str = field(default_factory=lambda: f"run/{next(_PLACES):06d}")
    """Tells it from the program's other resources, and sorts in the program's order."""
    reasons: list[str] = field(default_factory=list)
    """Why the engine has a step fail whose outputs it records."""

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.kind} {self.name!r}"

    @property
    def type(self) -> str:
        """The type in the state."""
        if self.process.face == "native":
            return f"whatsapp:index:{self.kind}"
        return f"pulumi-python:dynamic/whatsapp:{self.kind}"

    def check(
        self,
        news: Props,
        *,
        run: str | None = "run-1",
        preview: bool = False,
        secret: bool = False,
        hidden: Sequence[str] = (),
        new: bool = False,
    ) -> Checked:
        """Ask for the checked inputs; failures as property -> reason.

        Args:
            news: the inputs.
            run: the program's run; None where the engine keeps all of the state's inputs (``ignore_changes=["*"]``).
            preview: whether it is a preview.
            secret: whether the contacts are a secret.
            hidden: the other inputs that are.
            new: whether the old inputs do not count, as for a replacement.
        """
        sent = dict(news)
        if self.process.face == "native":
            marked = [*hidden, *([CONTACTS[self.kind]] if secret else [])]
            sent |= {key: rpc.wrap_rpc_secret(sent[key]) for key in marked if key in sent}
        else:
            sent["__provider"] = serialize_provider(PROVIDERS[self.kind]())
            if run is not None:
                sent[MESSAGE] = Message(
                    run=run, key=self.key, label=self.label, preview=preview, secret=secret, hidden=[*hidden]
                )
        olds = {} if new else self.inputs
        request = provider_pb2.CheckRequest(**self.named(), olds=struct(olds), news=struct(sent))
        reply = self.process.call(self.process.stub.Check, request)
        assert not any(failure.property for failure in reply.failures), "the engine would quote the whole value"
        reasons = (failure.reason.partition(": ") for failure in reply.failures)
        return Checked(as_read(reply.inputs), {to_snake(name): reason for name, _, reason in reasons})

    def diff(self, checked: Props) -> tuple[bool, list[str]]:
        """Ask whether anything changes, and which properties need a replacement."""
        request = provider_pb2.DiffRequest(
            **self.named(), id=self.id, olds=struct(self.outputs), old_inputs=struct(self.inputs), news=struct(checked)
        )
        reply = self.process.call(self.process.stub.Diff, request)
        assert reply.changes in (provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME)
        assert not reply.deleteBeforeReplace
        return reply.changes == provider_pb2.DiffResponse.DIFF_SOME, list(reply.replaces)

    def preview(self, news: Props) -> tuple[bool, list[str]]:
        """Check and diff."""
        checked = self.check(news, preview=True)
        assert checked.failures == {}
        found = self.diff(checked.inputs) if self.id else (True, [])
        if self.process.face == "native" and (found[1] or not self.id):
            self.process.call(self.process.stub.Create, self.create_request(checked.inputs, preview=True))
        elif self.process.face == "native" and found[0]:
            self.process.call(self.process.stub.Update, self.update_request(checked.inputs, preview=True))
        return found

    def deploy(self, news: Props, *, run: str | None = "run-1") -> tuple[bool, EngineResource | None]:
        """Do what ``pulumi up`` does while the program runs.

        Returns:
            Whether anything was to be done, and the old resource if it was replaced: it is deleted at the run's end.
        """
        checked = self.check(news, run=run)
        assert checked.failures == {}
        changes, replaces = self.diff(checked.inputs) if self.id else (True, [])
        old = self.on(self.process) if replaces else None
        if old is not None:
            checked = self.check(news, run=run, new=True)
            assert checked.failures == {}
        if old is not None or not self.id:
            self.create(checked.inputs)
        elif changes:
            self.update(checked.inputs)
        self.inputs = checked.inputs
        return changes, old

    def up(self, news: Props, *, run: str = "run-1") -> bool:
        """Do what ``pulumi up`` does, to the end of the run; returns whether anything was to be done."""
        changes, old = self.deploy(news, run=run)
        if old is not None:
            old.delete()
        return changes

    def create(self, checked: Props) -> None:
        """Create it from checked inputs."""
        self.id, self.outputs = self._recorded(self.process.stub.Create, self.create_request(checked))

    def update(self, checked: Props) -> None:
        """Update it to checked inputs."""
        _, self.outputs = self._recorded(self.process.stub.Update, self.update_request(checked))

    def _recorded(self, method: Callable[..., Any], request: Any) -> tuple[str, Props]:
        self.reasons = []
        try:
            reply = self.process.call(method, request)
        except PartlyDone as partly:
            reply, self.reasons = partly.recorded, [*partly.recorded.reasons]
        return getattr(reply, "id", ""), as_read(reply.properties)

    def update_request(self, checked: Props, *, preview: bool = False) -> provider_pb2.UpdateRequest:
        """Return the message that updates it."""
        return provider_pb2.UpdateRequest(
            **self.named(),
            id=self.id,
            olds=struct(self.outputs),
            old_inputs=struct(self.inputs),
            news=struct(checked),
            preview=preview,
        )

    def create_request(self, checked: Props, *, preview: bool = False) -> provider_pb2.CreateRequest:
        """Return the message that creates it."""
        return provider_pb2.CreateRequest(**self.named(), properties=struct(checked), preview=preview)

    def failed_in(self, run: str) -> bool:
        """Return whether the run fails for what is recorded of it: a dynamic one's program does, at its end."""
        return bool(self.reasons) if self.process.face == "native" else self.outputs.get("failedRun") == run

    def refresh(self) -> bool:
        """Do what ``pulumi refresh`` does; returns whether it still exists."""
        request = provider_pb2.ReadRequest(
            **self.named(), id=self.id, properties=struct(self.outputs), inputs=struct(self.inputs)
        )
        reply = self.process.call(self.process.stub.Read, request)
        self.id, self.outputs = reply.id, as_read(reply.properties)
        if reply.HasField("inputs"):
            self.inputs = as_read(reply.inputs)
        return bool(reply.id)

    def delete(self, *left_out: Props) -> None:
        """Delete it at the end of a run, whose program declares these resources beside those that were checked."""
        with self.process.program_ended(*left_out):
            self.delete_now()

    def delete_now(self) -> None:
        """Delete it while the program runs, or where there is none."""
        self.process.call(self.process.stub.Delete, self.delete_request())

    def delete_request(self) -> provider_pb2.DeleteRequest:
        """Return the message that deletes it."""
        return provider_pb2.DeleteRequest(
            **self.named(), id=self.id, properties=struct(self.outputs), old_inputs=struct(self.inputs)
        )

    def on(self, process: ProviderProcess) -> EngineResource:
        """Return the same state in the hands of another process."""
        return EngineResource(process, self.kind, self.name, self.id, dict(self.inputs), dict(self.outputs), self.key)

    def named(self) -> Props:
        """Return what every request of it says."""
        project = f"demo-{str(self.key).replace('/', '-')}"  # names recur, and a process serves many tests
        return {"urn": f"urn:pulumi:dev::{project}::{self.type}::{self.name}", "name": self.name, "type": self.type}


def struct(props: Props) -> Any:
    """Return properties as the engine sends them."""
    return asyncio.run(rpc.serialize_properties(props, {}))


def as_read(message: Any) -> Props:
    """Return properties as the engine reads them; unknowns stay the sentinel that travels."""
    return {key: _plain(value) for key, value in rpc.deserialize_properties(message, keep_unknowns=True).items()}


def _plain(value: Any) -> Any:
    return UNKNOWN if type(value).__name__ == "Unknown" else value


def without_provider(props: Props) -> Props:
    """Return properties without the reference to the provider itself."""
    return {key: value for key, value in props.items() if key != "__provider"}
