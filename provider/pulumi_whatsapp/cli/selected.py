"""Which stack of a project `pulumi stack select` has chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha1
from pathlib import Path

from pulumi_local_engine.config import Project

from ..connect import project_root


def selected(project: Project, environment: Mapping[str, str]) -> str | None:
    """Return the stack that the Pulumi CLI uses where none is named, or None where that cannot be told.

    The CLI notes it in its home, in ``workspaces/<project>-<SHA-1 of the project file's path>-workspace.json``: one
    stack a backend. Which backend is logged in stands beside a token, so that is left alone: without
    PULUMI_BACKEND_URL or the project's ``backend``, several backends must agree.
    """
    home = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for root in _roots(project, environment):
        for name in ("Pulumi.yaml", "Pulumi.yml"):
            digest = sha1(str(root / name).encode(), usedforsecurity=False).hexdigest()
            stack = _read(
                home / "workspaces" / f"{project.name}-{digest}-workspace.json", _backend(project, environment)
            )
            if stack:
                return stack
    return None


def _roots(project: Project, environment: Mapping[str, str]) -> list[Path]:
    """Return the project's folder as the CLI may spell it: through links as the shell does, and without."""
    shell = Path(environment.get("PWD") or project.root)
    spelt = project_root(shell) if shell.is_absolute() else project.root
    return [spelt, project.root] if spelt.resolve() == project.root and spelt != project.root else [project.root]


def _backend(project: Project, environment: Mapping[str, str]) -> str | None:
    configured = project.settings.get("backend")
    url = configured.get("url") if isinstance(configured, Mapping) else None
    return environment.get("PULUMI_BACKEND_URL") or url


def _read(path: Path, backend: str | None) -> str | None:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        stacks = dict(noted.get("stacks") or {})
        names = {stacks[backend]} if backend in stacks else {*stacks.values(), *filter(None, [noted.get("stack")])}
        plain = {str(name).rpartition("/")[2] for name in names}
    except (OSError, ValueError, AttributeError, TypeError):
        return None  # a file of the CLI's own, in a form that it may change
    return plain.pop() if len(plain) == 1 else None
