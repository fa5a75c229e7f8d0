"""Whatever is edited, whatever breaks: what is live is what is declared, and nobody else is touched."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from pulumi_whatsapp.gateways.registry import GATEWAYS

from .blocking import Blocking
from .setting_programs import SETTINGS
from .settings import Settings
from .stage import Stage

_COMMON = settings(deadline=None, database=None, print_blob=False, suppress_health_check=list(HealthCheck))
_FEW = settings(_COMMON, max_examples=10, stateful_step_count=40, derandomize=True)
_MANY = settings(_COMMON, max_examples=200, stateful_step_count=50, phases=[Phase.generate, Phase.shrink])
_MANY_STEPS = 5_000


_MACHINES = [
    type(f"{machine.__name__}_{gateway}", (machine,), {"gateway": gateway})
    for machine, gateways in ((Blocking, GATEWAYS), (Settings, SETTINGS))
    for gateway in gateways
]
each = pytest.mark.parametrize("machine", _MACHINES, ids=lambda machine: machine.__name__)


@each
def test_what_must_hold_holds_in_short_runs(machine: type[Stage]) -> None:
    run_state_machine_as_test(machine, settings=_FEW)


@pytest.mark.slow
@each
def test_what_must_hold_holds_in_long_runs(machine: type[Stage]) -> None:
    machine.steps = 0
    run_state_machine_as_test(machine, settings=_MANY)
    assert machine.steps >= _MANY_STEPS
