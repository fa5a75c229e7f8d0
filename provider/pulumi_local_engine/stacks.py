"""Which stacks a project has, and which of them a command is about."""

from __future__ import annotations

from .config import Project
from .model import EngineError, ExitCode
from .state import FOLDER

_FIRST = "dev"


def known(project: Project) -> list[str]:
    """The stacks that have a state or a configuration file."""
    states = [path.stem for path in (project.root / FOLDER).glob("*.json")]
    files = [path for suffix in ("yaml", "yml") for path in project.stack_folder.glob(f"Pulumi.*.{suffix}")]
    return sorted({*states, *(path.stem.removeprefix("Pulumi.") for path in files)})


def choose(project: Project, named: str | None) -> str:
    """The stack that is named, or the project's only one; a project that has none may start with any.

    Raises:
        EngineError: the project has stacks, but not the one that is named, or several and none is named.
    """
    stacks = known(project)
    if named and stacks and named not in stacks:
        raise missing(project, named)
    if not named and len(stacks) > 1:
        raise EngineError(f"no stack selected: choose one with --stack ({', '.join(stacks)})")
    return named or (stacks[0] if stacks else _FIRST)


def missing(project: Project, stack: str) -> EngineError:
    """Say that there is no such stack, and what to do."""
    stacks = known(project)
    others = [name for name in stacks if name != stack]
    choices = [f"choose one with --stack ({', '.join(others)})"] if others else []
    if others and stack not in stacks:
        choices.append(f"make a new one with an empty file {project.stack_folder / f'Pulumi.{stack}.yaml'}")
    else:
        choices.append(f"make it with `pulumi-whatsapp local up --stack {stack}`")
    return EngineError(f"no stack named '{stack}' found: {', or '.join(choices)}", ExitCode.STACK_NOT_FOUND)
