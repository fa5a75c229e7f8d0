"""Pulumi's provider protocol: what the engine calls, and what the lifecycle of each resource answers.

The protocol is documented at https://pulumi-developer-docs.readthedocs.io ("Providers"); what the engine does beyond it
stands in docs/engine.md.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from traceback import format_exc
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import engine_pb2, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from ..account.claims import Declarer
from ..account.current import blocked_now, settings_now
from ..config import SECRETS
from ..engine.engine_report import engine_report, speaker
from ..engine.failing import failures
from ..engine.marks import INSTANCE, concealed, debugging, fault, new_instance
from ..engine.peers import PENDING, Peers
from ..errors import InvalidInput, WhatsAppError
from ..lifecycle.inputs import UNKNOWN, Props
from ..spelling import closest
from . import importing
from .details import details
from .properties import Received, is_unknown, received, sent
from .resource_kinds import KINDS, PACKAGE, Kind
from .serving import Serving, configured_by, is_default, problems, warnings

_GREETED: Final = {"accept_secrets": True, "accept_resources": False, "accept_outputs": False}
_BESIDE: Final = frozenset({"secret", INSTANCE})
"""What the state has among the inputs or outputs beside those of the schema."""
_LARGEST_FAILURE: Final = 11 * 1024 * 1024
"""Bytes of a record that goes along with an error. It travels in base64 as the value of an HTTP/2 header, and the
engine's gRPC drops the connection at one of 16 MiB: what was done, here and in all calls under way, is forgotten."""
_SHORT: Final = 40
"""Characters of why a contact failed, where the record is larger than that; the message has all of it."""


class PartlyDone(Exception):
    """A resource was created or updated, and not all of it is as declared: the engine records it and fails.

    Args:
        id_: the resource's id.
        outputs: what is recorded.
        reasons: one line each.
    """

    def __init__(self, id_: str, outputs: Struct, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.id = id_
        self.outputs = outputs
        self.reasons = reasons


def _clean(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Make whatever a method raises one line for the user, on the row of its resource."""

    @functools.wraps(method)
    async def wrapper(self: Servicer, request: Any, context: Any) -> Any:
        speaker.set(getattr(request, "urn", ""))
        try:
            return await method(self, request, context)
        except PartlyDone as partly:
            await _abort_partly(context, partly)
        except WhatsAppError as error:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, format_exc() if debugging() else str(error))
        except grpc.aio.AbortError:
            raise
        except Exception as error:
            await context.abort(grpc.StatusCode.INTERNAL, format_exc() if debugging() else str(fault(error)))

    return wrapper


async def _abort_partly(context: Any, partly: PartlyDone) -> None:
    detail = any_pb2.Any()
    failed = provider_pb2.ErrorResourceInitFailed(id=partly.id, properties=partly.outputs, reasons=partly.reasons)
    detail.Pack(failed)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(partly), details=[detail])
    await context.abort(
        grpc.StatusCode.UNKNOWN, str(partly), (("grpc-status-details-bin", status.SerializeToString()),)
    )


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One plugin process: one provider of a run.

    Args:
        engine: the engine's address; empty where it follows with `Handshake` or `Attach`.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._peers: Peers | None = None
        self._serving: Serving | None = None
        self._checked = ""
        """The provider that this process was asked to check, until the engine has decided what becomes of it."""
        self._name = "default"
        self._config: Mapping[str, Any] = {}

    @property
    def _here(self) -> Serving:
        if self._serving is None:
            raise InvalidInput("", "the provider was not configured")
        return self._serving

    # -- the provider itself

    async def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Hear where the engine is, and say what is understood."""
        self._serve(request.engine_address or self._engine)
        return provider_pb2.ProviderHandshakeResponse(**_GREETED)

    async def Attach(self, request: Any, context: Any) -> Empty:  # noqa: N802, ARG002
        """Serve an engine that did not start this process (``PULUMI_DEBUG_PROVIDERS``), for one more provider."""
        self._serve(request.address)
        self._checked = ""
        return Empty()

    def _serve(self, engine: str) -> None:
        """Forget what another engine's run has declared: nobody of it stays blocked for that in this one."""
        if engine != self._engine and self._peers is not None:
            self._peers.leave()
            self._peers = self._serving = None
        self._engine = engine

    def _joined(self) -> Peers:
        """Return what this process shares with the others of its run, which it is one of from now on."""
        if self._peers is None:
            peers = Peers(self._engine)
            peers.join()
            self._peers = peers
        return self._peers

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Return the version."""
        return plugin_pb2.PluginInfo(version=version("pulumi-whatsapp"))

    async def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Return the schema."""
        from .schema import text

        return provider_pb2.GetSchemaResponse(schema=text())

    async def GetMapping(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Map from no other tool's resources."""
        return provider_pb2.GetMappingResponse()

    async def GetMappings(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Map from no other tool's resources."""
        return provider_pb2.GetMappingsResponse()

    async def Cancel(self, request: Any, context: Any) -> Empty:  # noqa: N802, ARG002
        """Go on: what is under way ends in a known state, and the engine ends the process."""
        return Empty()

    @_clean
    async def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Refuse an explicit provider whose account is not usable; others are refused by who uses them.

        The state keeps what an explicit one is given, so its credentials are secrets whatever the program says.

        The engine may now replace the provider, and then deletes its resources before the program declares them. That
        is over once it says that nothing changes (`DiffConfig`), or takes this process into use (`Configure`).
        """
        self._joined().stands(request.urn)
        self._checked = request.urn
        args = received(request.news)
        found: list[str] = []
        name = _name_of(request.urn)
        if not is_default(name) and not any(map(is_unknown, args.props.values())):
            found = problems(configured_by(args.props, name, None))
        inputs = Struct()
        inputs.CopyFrom(request.news)
        if not is_default(name):
            inputs.MergeFrom(sent({key: value for key, value in args.props.items() if key in SECRETS}, SECRETS))
        return provider_pb2.CheckResponse(
            inputs=inputs, failures=[provider_pb2.CheckFailure(reason=why) for why in found]
        )

    @_clean
    async def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Say that a change of the configuration replaces nothing: a rotated token is no other account.

        The program may say otherwise (``replaceOnChanges``). Then the engine may replace the provider that it has
        checked, or one of the state that depends on what it deletes first, of which not all is known by then. It also
        asks this of a provider to which a resource moves.
        """
        olds, news = received(request.old_inputs or request.olds).props, received(request.news).props
        changed = [key for key in {**olds, **news} if olds.get(key) != news.get(key)]
        if changed and any(map(is_unknown, news.values())):
            self._joined().stands(request.urn)
        elif not changed and self._checked == request.urn:
            self._settle()
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
        )

    def _settle(self) -> None:
        self._joined().settled(self._checked)
        self._checked = ""

    @_clean
    async def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Read the accounts; nothing is sent before a resource needs one."""
        args = received(request.args)
        name = request.name or _name_of(request.urn) or "default"
        if self._serving is not None and (name, args.props) != (self._name, self._config):
            raise InvalidInput("", "this process serves another provider already; start one for each")
        self._name, self._config = name, args.props
        peers = self._joined()
        if self._checked == request.urn:
            self._settle()  # else it is the provider as the state has it, for what is to be deleted
        if self._serving is None:
            configured = configured_by(args.props, name, _project_of(request.urn))
            report = engine_report(self._engine)
            for warning in warnings(configured, args.props, args.secret, name):
                report.warning(warning)
            self._serving = Serving(self._engine, peers, report, configured)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    @_clean
    async def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Read the live account."""
        name = received(request.args).props.get("account")
        if not isinstance(name, str | None):
            raise InvalidInput("account", "it must be a string that is known, the name of a configured account")
        account = self._here.accounts.named(name)
        if request.tok == f"{PACKAGE}:index:getBlockedContacts":
            blocked = await blocked_now(account)
            answer: Props = {
                "accountId": blocked.account_id,
                "contacts": list(blocked.contacts),
                "nameless": blocked.nameless,
            }
        elif request.tok == f"{PACKAGE}:index:getPrivacySettings":
            settings = await settings_now(account)
            answer = {"accountId": settings.account_id, "values": settings.values}
        else:
            raise InvalidInput("", f"there is no function {request.tok}")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(sent(answer))  # a keyword of Python
        return response

    # -- resources

    @_clean
    async def Check(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Return the inputs in canonical form, and what is wrong with them; claim what they declare."""
        here, kind = self._here, _kind(request.urn)
        news = received(request.news)
        props = {key: value for key, value in news.props.items() if key not in _BESIDE}
        secret = kind.contacts in news.secret or bool(news.props.get("secret"))
        olds = here.old_inputs(request.urn, received(request.olds).props)
        by = Declarer(request.urn, _label(request.urn), False, secret, frozenset(news.secret - {kind.contacts}))
        inputs = kind.lifecycle.check(props, olds, here.accounts, by)
        for key in sorted(props.keys() - {*kind.inputs}):
            inputs.fail(key, _unknown_input(kind, key))
        if here.is_first(request.urn) and not olds and not inputs.failures:
            with here.foretelling(request.urn):
                await kind.lifecycle.announce(inputs)
        # A failure of a named property is shown with its value: a whole list of contacts, or a secret.
        return provider_pb2.CheckResponse(
            inputs=sent(inputs.checked, _secrets(kind, news, secret)),
            failures=[provider_pb2.CheckFailure(reason=_reason(failure)) for failure in inputs.failures],
        )

    @_clean
    async def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Return what an update would do. A replacement is created before the old one is deleted."""
        here, kind = self._here, _kind(request.urn)
        olds, given = received(request.olds), received(request.news)
        outputs, news = olds.props, given.props
        secret = kind.contacts in olds.secret | given.secret or bool(outputs.get("secret") or news.get("secret"))
        with here.foretelling(request.urn):
            found = await kind.lifecycle.diff(outputs, news, here.accounts)
        checked = here.is_checked(request.urn)
        if checked:
            here.peers.stands(request.urn, f"{outputs[INSTANCE]}{PENDING}" if found.replaces else outputs[INSTANCE])
        elif any(map(is_unknown, news.values())):
            here.peers.stands(request.urn)
        response = provider_pb2.DiffResponse
        return response(
            changes=response.DIFF_SOME if found.changes else response.DIFF_NONE,
            # What is not checked yet is asked for a resource that it depends on and that is deleted first. It stays,
            # but for `replaceOnChanges`.
            replaces=found.replaces if checked else (),
            deleteBeforeReplace=False,
            hasDetailedDiff=True,
            detailedDiff=details(kind, found, outputs, news, secret=secret),
        )

    @_clean
    async def Create(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Make it so."""
        here, kind = self._here, _kind(request.urn)
        news = received(request.properties)
        if request.preview:
            here.foretell(request.urn)
            planned = {**dict.fromkeys(kind.outputs, UNKNOWN), **news.props}
            return provider_pb2.CreateResponse(properties=sent(planned, news.secret))
        id_, outputs = await kind.lifecycle.create(news.props, here.accounts)
        recorded = self._recorded(kind, request.urn, id_, news, {**outputs, INSTANCE: new_instance()})
        # Not after a failure: with ``--continue-on-error`` the program goes on without what depends on it.
        here.peers.settled(request.urn)
        return provider_pb2.CreateResponse(id=id_, properties=recorded)

    @_clean
    async def Update(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Make it so. Nobody is unblocked."""
        here, kind = self._here, _kind(request.urn)
        outputs, news = received(request.olds), received(request.news)
        if request.preview:
            here.foretell(request.urn)
            kept = {key: value for key, value in outputs.props.items() if key not in {*kind.inputs, "failed"}}
            return provider_pb2.UpdateResponse(properties=sent({**kept, **news.props}, outputs.secret | news.secret))
        instance = outputs.props.get(INSTANCE)
        try:
            after = await kind.lifecycle.update(outputs.props, news.props, here.accounts)
            recorded = self._recorded(kind, request.urn, request.id, news, {**after, INSTANCE: instance})
        except Exception:
            here.peers.stands(request.urn, f"{instance}{PENDING}")  # as after a create that failed
            raise
        return provider_pb2.UpdateResponse(properties=recorded)

    @_clean
    async def Read(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """Return what is live, where the gateway shows it; with an id alone, what an import names."""
        here, kind = self._here, _kind(request.urn)
        id_, state, inputs = request.id, received(request.properties), received(request.inputs)
        if not state.props:
            id_, found = await importing.found(kind, id_, here.accounts)
            state = Received({**found, INSTANCE: new_instance()}, frozenset())
        outputs = await kind.lifecycle.read(state.props, here.accounts)
        if outputs is None:
            return provider_pb2.ReadResponse()
        outputs[INSTANCE] = state.props.get(INSTANCE)
        secret = {*state.secret, *inputs.secret}
        live = {key: outputs.get(key) for key in (*kind.inputs, "secret")}
        return provider_pb2.ReadResponse(
            id=id_,
            properties=sent(concealed(outputs, kind.contacts), secret),
            inputs=sent(live, secret),
        )

    @_clean
    async def Delete(self, request: Any, context: Any) -> Empty:  # noqa: N802, ARG002
        """Take back what the resource owns and no resource of the run declares."""
        here, kind = self._here, _kind(request.urn)
        outputs = received(request.properties).props
        await here.peers.providers_settled(request.urn)
        here.peers.note_delete(outputs.get(INSTANCE), request.urn)
        await kind.lifecycle.delete(outputs.get(INSTANCE), outputs, here.accounts)
        return Empty()

    def _recorded(self, kind: Kind, urn: str, id_: str, news: Received, outputs: Props) -> Struct:
        """Return outputs as the state holds them.

        Raises:
            PartlyDone: when not all is as declared.
        """
        hidden = bool(outputs.get("secret"))
        recorded = sent(concealed(outputs), _secrets(kind, news, hidden))
        reasons = failures(
            _label(urn),
            outputs.get("failed") or {},
            hidden=hidden,
            allowed=bool(news.props.get("allowFailures")),
            warn=self._here.report.warning,
        )
        if reasons and recorded.ByteSize() > _LARGEST_FAILURE:
            outputs["failed"] = {name: each | {"why": each["why"][:_SHORT]} for name, each in outputs["failed"].items()}
            recorded = sent(concealed(outputs), _secrets(kind, news, hidden))
        if reasons and recorded.ByteSize() <= _LARGEST_FAILURE:
            raise PartlyDone(id_, recorded, reasons)
        # One that is larger all the same is an answer: the row shows the error, and the next run tries again.
        self._here.report.say((engine_pb2.ERROR, reason) for reason in reasons)
        return recorded


def _secrets(kind: Kind, news: Received, hidden: bool) -> frozenset[str]:
    return news.secret | ({kind.contacts} if hidden else set())


def _kind(urn: str) -> Kind:
    """Return the kind of a resource; a child's type follows those of its parents."""
    token = urn.split("::")[2].rpartition("$")[2]
    if token not in KINDS:
        raise InvalidInput("", f"there is no resource {token}; there are {', '.join(KINDS)}")
    return KINDS[token]


def _name_of(urn: str) -> str:
    return urn.split("::", 3)[3] if urn.count("::") >= 3 else ""


def _project_of(urn: str) -> str | None:
    return urn.split("::")[1] if urn.count("::") >= 3 else None


def _label(urn: str) -> str:
    """Return what messages call a resource: ``BlockedContact 'spammer'``."""
    return f"{_kind(urn).name} {_name_of(urn)!r}"


def _unknown_input(kind: Kind, key: str) -> str:
    meant = closest(key, kind.inputs)
    advice = f"did you mean {meant}?" if meant else f"it takes {', '.join(kind.inputs)}"
    return f"{kind.name} has no such input; {advice}"


def _reason(failure: InvalidInput) -> str:
    return f"{failure.property}: {failure.reason}" if failure.property else failure.reason
