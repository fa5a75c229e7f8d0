"""Whatever is edited, whatever breaks: what is live is what is declared, and nobody else is touched."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pulumi_whatsapp.gateways.registry import GATEWAYS

from .blocking import Blocking
from .setting_programs import SETTINGS
from .settings import Settings

_COMMON = settings(deadline=None, database=None, print_blob=False, suppress_health_check=list(HealthCheck))
_FEW = settings(_COMMON, max_examples=10, stateful_step_count=40, derandomize=True)
_MANY = settings(_COMMON, max_examples=200, stateful_step_count=50, phases=[Phase.generate, Phase.shrink])
_MANY_STEPS = 5_000


def _machine(gateway: str) -> type[Blocking]:
    return type(f"Blocking_{gateway}", (Blocking,), {"gateway": gateway})


@pytest.mark.parametrize("gateway", list(GATEWAYS))
def test_blocking(gateway: str) -> None:
    run_state_machine_as_test(_machine(gateway), settings=_FEW)


@pytest.mark.slow
@pytest.mark.parametrize("gateway", list(GATEWAYS))
def test_blocking_at_length(gateway: str) -> None:
    machine = _machine(gateway)
    run_state_machine_as_test(machine, settings=_MANY)
    assert machine.steps >= _MANY_STEPS


def _settings_machine(gateway: str) -> type[Settings]:
    return type(f"Settings_{gateway}", (Settings,), {"gateway": gateway})


@pytest.mark.parametrize("gateway", list(SETTINGS))
def test_settings(gateway: str) -> None:
    run_state_machine_as_test(_settings_machine(gateway), settings=_FEW)


@pytest.mark.slow
@pytest.mark.parametrize("gateway", list(SETTINGS))
def test_settings_at_length(gateway: str) -> None:
    machine = _settings_machine(gateway)
    run_state_machine_as_test(machine, settings=_MANY)
    assert machine.steps >= _MANY_STEPS
