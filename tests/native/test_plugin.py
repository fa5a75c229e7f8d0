"""The plugin's process, as Pulumi starts and ends it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
@pytest.mark.parametrize("engine", [["127.0.0.1:1"], []], ids=["started by an engine", "to attach to"])
def test_a_plugin_that_is_interrupted_ends_without_a_word(engine: list[str]) -> None:
    """`pulumi convert` ends so whom it asked for the schema, and shows what they say as a fault of the provider."""
    command = [sys.executable, "-m", "pulumi_whatsapp.native", *engine]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as plugin:
        assert plugin.stdout is not None
        assert plugin.stdout.readline().strip().isdecimal()

        plugin.send_signal(signal.SIGINT)
        _, said = plugin.communicate()

    assert (plugin.returncode, said) == (0, "")
