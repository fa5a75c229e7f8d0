"""What a plugin process keeps from call to call: its accounts, and what it shares with the others of the run.

Everything happens on one event loop. Only what another process asks is answered on a thread of its own, and waiting for
another process is a worker's.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any, Final

from ..config import Configuration, exposed
from ..connect import configuration, connect, provider_configuration
from ..engine.ending import Program
from ..engine.engine_report import EngineReport, Line, SilentReport, holding_back
from ..engine.peers import Peers
from ..errors import ConfigurationError

_BESIDE_OUR_KEYS: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "name", "parameterization"})
"""What the engine configures a provider with beside our keys."""

_DEFAULT: Final = re.compile(r"default(_\d+_\d+_\d+(_.*)?|_.*[./].*)?$")


class Serving:
    """The process, once it is configured.

    Args:
        engine: the engine's address; empty where none is known.
        peers: what it shares with the others.
        report: where the user reads what goes on.
        configured: the accounts as configured.
    """

    def __init__(
        self, engine: str, peers: Peers, report: EngineReport | SilentReport, configured: Configuration
    ) -> None:
        self.report = report
        self.peers = peers
        self.accounts = connect(configured, report, Program(engine), peers.claims)
        # The protocol does not say whether a run is a preview, so each is taken for one: an account that lacks its
        # credentials is refused only when something is to be sent.
        self.accounts.preview = True
        self._old_inputs: dict[str, Mapping[str, Any]] = {}
        self._checked: set[str] = set()
        self._foretold: dict[str, list[Line]] = {}

    def old_inputs(self, urn: str, olds: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the old inputs of a resource; the second check of a replacement comes without them.

        So does the only one of a replacement that the user asks for (``--replace``).
        """
        if olds:
            self._old_inputs[urn] = olds
        if olds or not self.is_checked(urn):
            self.peers.stands(urn)
        return olds or self._old_inputs.get(urn, {})

    def is_first(self, urn: str) -> bool:
        """Return whether a resource is checked for the first time."""
        first = urn not in self._checked
        self._checked.add(urn)
        return first

    @contextmanager
    def foretelling(self, urn: str) -> Iterator[None]:
        """Hold back what the block says of a resource until a preview of it is asked for: an update does not say it."""
        with holding_back() as lines:
            yield
        self._foretold[urn] = lines

    def foretell(self, urn: str) -> None:
        """Say what was held back: this run is a preview."""
        self.report.say(self._foretold.pop(urn, []))

    def is_checked(self, urn: str) -> bool:
        """Return whether the program has declared a resource by now."""
        return urn in self._checked


def configured_by(args: Mapping[str, Any], provider: str, project: str | None) -> Configuration:
    """Return the accounts that a provider's configuration describes.

    Args:
        args: its configuration, values as the engine gives them: texts, objects as JSON.
        provider: the name of the provider resource.
        project: the project's name.
    """
    keys = {key: _text(value) for key, value in args.items() if key not in _BESIDE_OUR_KEYS and value is not None}
    if is_default(provider):
        return configuration(keys, os.environ, project)
    return provider_configuration(provider, keys, os.environ)


def is_default(provider: str) -> bool:
    """Return whether a provider is the engine's own, and no resource of the program.

    The engine calls it ``default``, with the plugin's version and where that comes from where it knows them:
    ``default_1_2_3``, ``default_1_2_3_github.com/org``.
    """
    return _DEFAULT.match(provider) is not None


def warnings(configured: Configuration, args: Mapping[str, Any], secret: Set[str], provider: str) -> list[str]:
    """Return what is ignored, or stands in plain text, although somebody seems to count on the contrary."""
    given = {key: _text(value) for key, value in args.items() if value is not None}
    plain = exposed(given, secret) if is_default(provider) else []
    return [*configured.warnings(), *plain]


def problems(configured: Configuration) -> list[str]:
    """Return what is wrong with the one account of an explicit provider, one line each."""
    try:
        configured[configured.default]
    except ConfigurationError as error:
        return list(error.problems)
    return []


def _text(value: Any) -> str:
    if isinstance(value, bool | list | dict):
        return json.dumps(value)  # YAML sends a list as it is, every other language as JSON
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
