"""The configuration's namespace, out of all that a stack configures."""

from __future__ import annotations

import json
from contextvars import copy_context

import pulumi
import pytest

from pulumi_whatsapp.config import own_keys, stack_configuration


def test_only_what_stands_in_the_namespace_is_read_and_a_slip_in_it_is() -> None:
    everything = {
        "whatsapp:gateway": "zapi",
        "whatsapp:maxUnblock": 1,
        "whatsapp:token": None,
        "demo:gateway": "meta",
        "whatsapps:gateway": "meta",
    }
    assert own_keys(everything) == {"gateway": "zapi", "maxUnblock": "1"}


def test_a_program_reads_the_environment_and_what_is_set_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = {"whatsapp:gateway": "zapi", "whatsapp:maxUnblock": "1", "demo:gateway": "meta"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(handed))

    def program() -> dict[str, str]:
        pulumi.runtime.set_all_config({"whatsapp:gateway": "ryzeapi"})
        return stack_configuration()

    assert copy_context().run(program) == {"gateway": "ryzeapi", "maxUnblock": "1"}
