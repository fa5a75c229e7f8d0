"""What each import package loads, how its modules hang together and are tested, and the paths that are a promise."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PROVIDER = Path(__file__).parents[2] / "provider"
UNIT = Path(__file__).parent

MAY_IMPORT = {
    "pulumi_local_engine": set[str](),
    "whatsapp_sandbox": set[str](),
    "pytest_whatsapp": {"pulumi_local_engine", "whatsapp_sandbox"},
    "pulumi_whatsapp": {"pulumi_local_engine", "whatsapp_sandbox"},
}
"""The packages of this repository that each one may import beside itself."""

LOADS_NOTHING_OF = {
    "whatsapp_sandbox": {"pulumi", "grpc", "pulumi_whatsapp", "pulumi_local_engine"},
    "pytest_whatsapp": {"pulumi", "grpc", "pulumi_whatsapp", "pulumi_local_engine", "whatsapp_sandbox", "httpx"},
    "pulumi_local_engine": {"pulumi_whatsapp", "whatsapp_sandbox", "httpx", "phonenumbers"},
}


def _imported(package: str) -> set[str]:
    found = set()
    for path in (PROVIDER / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
            elif isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
    return (found & set(MAY_IMPORT)) - {package}


def test_there_is_no_other_package() -> None:
    assert {path.parent.name for path in PROVIDER.glob("*/__init__.py")} == set(MAY_IMPORT)
    assert {path.parent.name for path in PROVIDER.glob("*/py.typed")} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    assert _imported(package) <= MAY_IMPORT[package]


@pytest.mark.parametrize("package", LOADS_NOTHING_OF)
def test_an_import_loads_nothing_that_it_does_not_need(package: str) -> None:
    code = f"import sys, {package}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & LOADS_NOTHING_OF[package]


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("pulumi_whatsapp.dynamic.blocked_contact", ["BlockedContactProvider"]),
        ("pulumi_whatsapp.dynamic.blocklist", ["BlocklistProvider"]),
        ("pulumi_whatsapp.dynamic.privacy_setting", ["PrivacySettingProvider"]),
        ("pulumi_local_engine", ["Engine", "EngineError", "Result"]),
        ("whatsapp_sandbox", ["Sandbox", "SandboxAccount", "FAULTS"]),
        ("pytest_whatsapp", ["MakeStack", "Stack"]),
    ],
)
def test_these_paths_never_change(module: str, names: list[str]) -> None:
    """States refer to the providers by their dotted paths, and programs and tests of users to the others."""
    assert all(hasattr(importlib.import_module(module), name) for name in names)


ON_BOTH_SIDES = {
    "blocklist": "one module a resource in `lifecycle` and in `dynamic`, of one shape: the name says which resource",
    **dict.fromkeys(("account", "accounts"), "the sandbox has the other side of the wire: the account that answers"),
    **dict.fromkeys(("gateways", "graph", "ryzeapi", "zapi"), "the sandbox answers in the wire format of each"),
    **dict.fromkeys(("cli", "config", "engine"), "a package, and of the local engine a module: it plays Pulumi's part"),
}
"""Names that stand twice, and why: they are called after the one thing that both are about."""


def _modules(package: str) -> dict[str, Path]:
    """Return the modules of a package by their dotted names; a package's own name stands for its ``__init__``."""
    found = {}
    for path in (PROVIDER / package).rglob("*.py"):
        parts = path.relative_to(PROVIDER).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _everything() -> dict[str, Path]:
    return {module: path for package in MAY_IMPORT for module, path in _modules(package).items()}


def test_no_module_is_called_as_another_one() -> None:
    names = Counter(_called(module) for module in _everything() if not module.endswith("__main__"))
    assert {name for name, count in names.items() if count > 1} == ON_BOTH_SIDES.keys()


THE_SAME_IN_THE_TESTS = {
    "PartlyDone": "what the plugin raises, as it comes to the engine",
}
"""Classes of the tests that are called as one of the packages' is, and why: they are that thing, seen from outside."""


def test_a_helper_of_the_tests_has_a_name_of_its_own() -> None:
    """A class, or a function that stands where others import it."""
    classes, functions = Counter[str](), Counter[str]()
    for path in UNIT.parent.rglob("*.py"):
        top = ast.parse(path.read_text()).body
        classes.update(node.name for node in top if isinstance(node, ast.ClassDef))
        if not path.name.startswith(("test_", "conftest")):
            functions.update(node.name for node in top if isinstance(node, ast.FunctionDef) and node.name[0] != "_")
    assert {name for name, count in (classes + functions).items() if count > 1} == {"main"}
    trees = [ast.parse(path.read_text()) for path in _everything().values()]
    of_packages = {node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}
    assert classes.keys() & of_packages == THE_SAME_IN_THE_TESTS.keys()


def _own_imports(modules: Mapping[str, Path], module: str) -> set[str]:
    """Return which of these modules one of them imports: also for types alone, and within functions."""
    path, found = modules[module], set[str]()
    inside = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = inside.rsplit(".", node.level - 1)[0] if node.level else ""
        source = ".".join(part for part in (base, node.module) if part)
        for name in node.names:
            target = f"{source}.{name.name}" if f"{source}.{name.name}" in modules else source
            if target in modules:
                found.add(target)
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_have_no_circle(package: str) -> None:
    modules = _modules(package)
    graph = {module: _own_imports(modules, module) for module in modules}
    assert len(graph) < 3 or any(graph.values())
    TopologicalSorter(graph).prepare()  # raises a CycleError that names the modules


def test_a_private_module_is_imported_by_its_own_package_alone() -> None:
    modules = _everything()
    private = {module for module in modules if module.rpartition(".")[2].startswith("_")}
    assert private
    assert {
        (module, target)
        for module in modules
        for target in _own_imports(modules, module) & private
        if not module.startswith(f"{target.rpartition('.')[0]}.")
    } == set()


LAYERS = (
    "cli",
    "live",
    "files",
    "native",
    "dynamic",
    "connect",
    "engine",
    "lifecycle",
    "account",
    "gateways",
    "transport",
)
"""Calls go one way: each of these imports nothing of those before it, and every other module imports none of them."""


def test_no_layer_imports_one_above_it() -> None:
    modules = _modules("pulumi_whatsapp")
    layers = {module: f"{module}.".split(".")[1] for module in modules if "." in module}
    assert set(LAYERS) <= set(layers.values())
    height = {layer: len(LAYERS) - place for place, layer in enumerate(LAYERS)}
    assert {
        (module, target)
        for module, layer in layers.items()
        for target in _own_imports(modules, module)
        if target in layers and height.get(layers[target], 0) > height.get(layer, 0)
    } == set()


RUNS_IN_A_PROCESS = {
    "cli": "tests/cli runs the command",
    "dynamic": "tests/wire runs the provider, and tests/guards the programs",
    "native": "tests/native and tests/wire run the plugin",
}
"""Packages whose modules are asserted over the wire of their process; some have a unit test all the same."""

WITHOUT_A_UNIT_TEST = {
    "lifecycle.protocol": "a Protocol, and no code: mypy holds each lifecycle to it, where a face names its own",
}

ABOUT_NO_MODULE = {
    "packages": "how all modules hang together",
    "exports": "what the package exports, and what stands in states",
}


def _called(module: str) -> str:
    """Return what a module's unit test is called after: a leading underscore says only that it is not public."""
    return module.rpartition(".")[2].lstrip("_")


def test_each_module_has_a_unit_test_of_its_name() -> None:
    modules = {module.partition(".")[2]: path for module, path in _modules("pulumi_whatsapp").items()}
    missing = {
        module
        for module, path in modules.items()
        if path.name != "__init__.py"
        and module.partition(".")[0] not in RUNS_IN_A_PROCESS
        and not (UNIT / f"test_{_called(module)}.py").exists()
    }
    assert missing == WITHOUT_A_UNIT_TEST.keys()


def test_each_unit_test_is_called_after_a_module() -> None:
    modules = {_called(module) for module in _modules("pulumi_whatsapp")}
    tests = {path.stem.removeprefix("test_") for path in UNIT.glob("test_*.py")}
    assert tests - modules == ABOUT_NO_MODULE.keys()
