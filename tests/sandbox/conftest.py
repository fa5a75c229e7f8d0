"""Clients of the gateways on a test's own sandbox."""

from __future__ import annotations

import pytest

from whatsapp_sandbox import Sandbox

from .clients import MakeClient, make


@pytest.fixture
def client(sandbox: Sandbox) -> MakeClient:
    """Make a client of a gateway."""
    return lambda gateway: make(sandbox, gateway)
