"""From the start of the provider process to its first answer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
from _nothing import NothingProvider
from _project import PYTHON
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from pulumi_whatsapp.dynamic.blocklist import BlocklistProvider

PROVIDERS: dict[str, type[ResourceProvider]] = {"ours": BlocklistProvider, "nothing": NothingProvider}
_PATIENCE = 60
_NOBODY = "127.0.0.1:9"  # where no engine listens: a check says nothing to it


def first_answer(name: str, config: Mapping[str, str]) -> float:
    """Start the process of a dynamic provider as the engine does, have one resource checked; returns the seconds.

    Args:
        name: which of `PROVIDERS`.
        config: the keys of the namespace.
    """
    return _measured(
        "pulumi.dynamic",
        {f"whatsapp:{key}": value for key, value in config.items()},
        "pulumi-python:dynamic/whatsapp:Blocklist",
        {"__provider": serialize_provider(PROVIDERS[name]())},
    )


def first_native_answer(config: Mapping[str, str]) -> float:
    """Start the plugin's process, have one resource checked; returns the seconds."""
    return _measured("pulumi_whatsapp.native", config, "whatsapp:index:Blocklist", {})


def _measured(module: str, config: Mapping[str, str], token: str, more: Mapping[str, Any]) -> float:
    began = time.perf_counter()
    process = subprocess.Popen(
        [PYTHON, "-u", "-m", module, _NOBODY],
        cwd=Path(__file__).parent,
        env={**os.environ, "PULUMI_PROJECT": "bench"},
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            stub.Configure(
                provider_pb2.ConfigureRequest(args=_struct(config), acceptSecrets=True, name="default"),
                timeout=_PATIENCE,
            )
            urn = f"urn:pulumi:bench::bench::{token}::list"
            news = _struct({"contacts": ["+5511970000000"], **more})
            answer = stub.Check(provider_pb2.CheckRequest(urn=urn, news=news), timeout=_PATIENCE)
            seconds = time.perf_counter() - began
        assert not answer.failures, answer.failures
        process.kill()
    return seconds


def _struct(props: Mapping[str, Any]) -> Any:
    return asyncio.run(rpc.serialize_properties(dict(props), {}))
