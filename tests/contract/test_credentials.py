"""A gateway that quotes a credential in its answers shows it to nobody: not in errors, the state or status lines."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from pulumi_whatsapp.errors import WhatsAppError
from pulumi_whatsapp.gateways.registry import GATEWAYS

from .conftest import MakeWorld
from .stack import DeclaredResource, SimulatedStack, block_list, blocked_contact, privacy_setting
from .world import SECRET, World

ANN, BOB = "+447911120000", "+447911120001"

_CODES = (190, 999, 130429, 131047, 139101, 139103, "WA401", "RBC001")


def _bodies(said: str) -> dict[str, Any]:
    """Return each shape of an error that some gateway documents, with `said` wherever a text stands."""
    shapes: dict[str, Any] = {
        "text": {"error": said, "message": said, "value": False},
        "success false": {"success": False, "error": {"message": said}},
    }
    for code in _CODES:
        error = {"message": said, "code": code, "error_data": {"details": said}}
        shapes[f"error {code}"] = {"error": error}
        shapes[f"errors {code}"] = {"errors": [error]}
        shapes[f"envelope {code}"] = {"code": code, "message": said, "error": {"field": said}, "data": None}
        row = {"input": ANN, "wa_id": ANN[1:], "errors": [error]}
        rows = {"block_users": {"added_users": [], "failed_users": [row]}}
        shapes[f"row {code}"] = rows
        shapes[f"row in an envelope {code}"] = {"code": "WA200", "message": "", "data": rows, "error": None}
    return shapes


class Echo(httpx.AsyncBaseTransport):
    """Answers every change with one status and body, and every other request where nothing else answers it."""

    def __init__(self, status: int, body: str, reads: httpx.AsyncBaseTransport | None) -> None:
        self._status = status
        self._body = body
        self._reads = reads

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.method == "GET" and self._reads:
            return await self._reads.handle_async_request(request)
        return httpx.Response(self._status, text=self._body, headers={"Content-Type": "application/json"})


def _shown(world: World, resource: DeclaredResource) -> str:
    stack = SimulatedStack(world)
    ran = stack.up(one=resource)
    state = [recorded.outputs for recorded in stack.state.values()]
    heard = world.report
    return json.dumps([*map(str, ran.errors.values()), state, heard.infos, heard.warnings, heard.statuses])


def _status(world: World) -> str:
    async def asked(gateway: Any) -> str:
        try:
            return str(await gateway.status())
        except WhatsAppError as error:
            return str(error)

    return world.with_gateway(asked)


@pytest.mark.parametrize("reads", [True, False], ids=["reads answered", "all quoted"])
@pytest.mark.parametrize(
    "status", [200, 401, *(pytest.param(each, marks=pytest.mark.slow) for each in (400, 404, 429, 500))]
)
@pytest.mark.parametrize("name", GATEWAYS)
def test_a_quoted_credential_is_hidden(make_world: MakeWorld, name: str, status: int, reads: bool) -> None:
    gateway = GATEWAYS[name]
    credentials = [f"{SECRET}-{key}" for key in gateway.requirements.credentials]
    said = f"bad credential {' '.join(credentials)}"
    world = make_world(name, maxRetries=0)
    network = world.network
    resources = [blocked_contact(ANN), block_list(ANN, BOB)]
    resources += [privacy_setting(setting, values[0]) for setting, values in list(gateway.capabilities.privacy.items())]
    bodies = [*_bodies(said).values(), said, {"connected": False, "error": said}]
    for body in bodies:
        world.network = Echo(status, json.dumps(body), network if reads else None)  # type: ignore[assignment]
        shown = [_shown(world, resource) for resource in resources[:3]]
        if not reads:
            shown.append(_status(world))
        assert [text for text in shown if any(credential in text for credential in credentials)] == []
