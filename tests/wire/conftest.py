"""One sandbox server and one provider process for the suite; each test takes accounts that nobody used before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from whatsapp_sandbox import Sandbox, SandboxAccount
from whatsapp_sandbox.server import running

from .harness import EngineResource, Face, ProviderProcess

OF_EACH = 256
ONLY_DYNAMIC = pytest.mark.parametrize("face", ["dynamic"], indirect=True, scope="session")
"""For what the program of a dynamic resource does; the other face has no part in a program."""
ONLY_NATIVE = pytest.mark.parametrize("face", ["native"], indirect=True, scope="session")


@dataclass
class Lease:
    """An account, as the configuration names it and as its owner's phone shows it."""

    name: str
    keys: dict[str, Any]
    phone: SandboxAccount
    provider: ProviderProcess
    later: ProviderProcess

    @property
    def id(self) -> str:
        """The public identity."""
        host = self.keys["baseUrl"].split("/")[2]
        return f"{self.keys['gateway']}/{host}/{identity(self.keys)}"

    def resource(self, kind: str, name: str = "it") -> EngineResource:
        """Return a resource that does not exist yet."""
        return self.provider.resource(kind, name)

    def next_run(self, resource: EngineResource) -> EngineResource:
        """Return the resource as the next command finds it: in the state, with a process that declared nothing yet."""
        return resource.on(self.later)

    def asked(self, operation: str | None = None) -> int:
        """Return how many requests of a kind reached the account."""
        return sum(operation in (None, request.operation) for request in self.phone.requests())


Take = Callable[[str], Lease]
Start = Callable[..., ProviderProcess]

_ONCE_A_DAY = ("test_failures", "test_killed", "test_privacy_setting")
"""What is below both faces: `make test` runs it over the dynamic one, `make test-all` over both."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave some tests of the native face to `make test-all`."""
    for item in items:
        face = getattr(item, "callspec", None)
        if face and face.params.get("face") == "native" and item.path.stem in _ONCE_A_DAY:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, str]]:
    """A sandbox over HTTP on loopback: the file, and the base URL."""
    path = tmp_path_factory.mktemp("served") / "whatsapp.sandbox"
    with running(path) as url:
        sandbox = Sandbox(path)
        yield sandbox, url
        sandbox.close()


def identity(keys: dict[str, Any]) -> str:
    """Return who an account is on its gateway."""
    return str(keys.get("instance") or keys.get("phoneNumberId") or keys.get("phoneNumber"))


def account_keys(gateway: str, number: int, url: str) -> dict[str, Any]:
    """Return the configuration of an account of the served sandbox."""
    tuning = {"gateway": gateway, "baseUrl": url, "maxRetries": 1, "timeout": 20}
    if gateway == "zapi":
        return {**tuning, "instance": f"INST{number}", "token": f"ztok-{number}", "clientToken": f"zcli-{number}"}
    if gateway == "meta":
        return {**tuning, "phoneNumberId": f"1065403522{number:05}", "token": f"mtok-{number}"}
    phone = f"+1650555{number:04}"
    return {**tuning, "baseUrl": f"{url}/360dialog/{phone}", "phoneNumber": phone, "apiKey": f"dkey-{number}"}


@pytest.fixture(scope="session")
def configuration(served: tuple[Sandbox, str]) -> dict[str, str]:
    """The configuration of the stack."""
    _, url = served
    accounts: dict[str, dict[str, Any]] = {
        f"{gateway}-{number}": account_keys(gateway, number, url)
        for gateway in ("zapi", "meta", "360dialog")
        for number in range(OF_EACH)
    }
    accounts["brazil"] = {**account_keys("zapi", 900, url), "defaultRegion": "BR"}
    accounts["broken"] = {"gateway": "meta", "phoneNumberId": "1"}
    accounts["moved"] = {**account_keys("zapi", 902, url), "formerly": ["zapi/old"]}
    return {"accounts": json.dumps(accounts)}


@pytest.fixture(scope="session", params=["dynamic", "native"])
def face(request: pytest.FixtureRequest) -> Face:
    """Each face of the provider: what a test asserts of the one holds for the other."""
    found: Face = request.param
    return found


@pytest.fixture(scope="session")
def provider(
    tmp_path_factory: pytest.TempPathFactory, configuration: dict[str, str], face: Face
) -> Iterator[ProviderProcess]:
    """The provider process of the first run."""
    process = ProviderProcess(configuration, tmp_path_factory.mktemp("provider"), face=face)
    yield process
    process.close()


@pytest.fixture(scope="session")
def later(
    tmp_path_factory: pytest.TempPathFactory, configuration: dict[str, str], face: Face
) -> Iterator[ProviderProcess]:
    """The provider process of the run after it."""
    process = ProviderProcess(configuration, tmp_path_factory.mktemp("later"), face=face)
    yield process
    process.close()


@pytest.fixture(scope="session")
def unused() -> dict[str, Iterator[int]]:
    """The numbers of accounts that no test has taken. Faces take turns, as workers are given tests."""
    return {gateway: iter(range(OF_EACH)) for gateway in ("zapi", "meta", "360dialog")}


@pytest.fixture(scope="session")
def take(
    served: tuple[Sandbox, str], provider: ProviderProcess, later: ProviderProcess, unused: dict[str, Iterator[int]]
) -> Take:
    """Return the next unused account of a gateway, or the special one of that name."""
    sandbox, url = served
    special = {"brazil": ("zapi", 900), "moved": ("zapi", 902)}

    def lease(wanted: str) -> Lease:
        gateway, number = special[wanted] if wanted in special else (wanted, next(unused[wanted]))
        keys = account_keys(gateway, number, url)
        name = wanted if wanted in special else f"{gateway}-{number}"
        return Lease(name, keys, sandbox.account(gateway, identity(keys)), provider, later)

    return lease


@pytest.fixture
def another_process(tmp_path: Path, face: Face) -> Iterator[Start]:
    """Start further processes: ``start(lease)`` has that account alone as ``<name>``, keys may be added or changed."""
    processes: list[ProviderProcess] = []

    def start(*leases: Lease, environment: dict[str, str] | None = None, **changed: Any) -> ProviderProcess:
        accounts = {lease.name: {**lease.keys, **changed} for lease in leases}
        process = ProviderProcess({"accounts": json.dumps(accounts)}, tmp_path, environment, face)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.close()
