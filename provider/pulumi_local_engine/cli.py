"""``pulumi-whatsapp local …``: the Pulumi CLI's commands in small."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from .config import Project
from .display import Display
from .engine import Engine
from .model import EngineError, ExitCode, Result
from .stacks import choose

app = typer.Typer(help="Run a Pulumi Python program of dynamic resources without the Pulumi CLI.", no_args_is_help=True)

_Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        envvar="PULUMI_STACK",
        help="The stack's name; by default the project's only stack, or `dev` where there is none yet.",
        show_default=False,
    ),
]
_Cwd = Annotated[str, typer.Option("--cwd", "-C", help="The project's folder.")]
_Diff = Annotated[bool, typer.Option("--diff", help="Show every changed property.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")]
_Skip = Annotated[bool, typer.Option("--skip-preview", "-f", help="Do not preview first.")]
_Refresh = Annotated[bool, typer.Option("--refresh", "-r", help="Read what is live first.")]
_Parallel = Annotated[int, typer.Option("--parallel", "-p", min=1, help="How many operations run at once.")]
_Clear = Annotated[bool, typer.Option("--clear-pending-creates", help="Forget interrupted creations.")]
_PARALLEL = min(16, 4 * (os.cpu_count() or 4))


@app.command()
def preview(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    refresh: _Refresh = False,
    parallel: _Parallel = _PARALLEL,
) -> None:
    """Show what an update would do."""
    _guarded(lambda: _engine(cwd, stack, diff, parallel).preview(refresh=refresh))


@app.command()
def up(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    yes: _Yes = False,
    skip_preview: _Skip = False,
    refresh: _Refresh = False,
    parallel: _Parallel = _PARALLEL,
) -> None:
    """Bring everything to what the program declares."""
    engine = _confirming(cwd, stack, diff, yes, skip_preview, parallel)
    first = (lambda: engine().preview(refresh=refresh)) if not skip_preview else None
    _guarded(lambda: engine().up(refresh=refresh), first, "update", yes)


@app.command()
def refresh(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    yes: _Yes = False,
    skip_preview: _Skip = False,
    clear_pending_creates: _Clear = False,
    parallel: _Parallel = _PARALLEL,
) -> None:
    """Take over into the state what is live."""
    engine = _confirming(cwd, stack, diff, yes, skip_preview, parallel)
    first = (lambda: engine().refresh(preview=True)) if not skip_preview else None
    _guarded(lambda: engine().refresh(clear_pending_creates=clear_pending_creates), first, "refresh", yes)


@app.command()
def destroy(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    yes: _Yes = False,
    skip_preview: _Skip = False,
    refresh: _Refresh = False,
    parallel: _Parallel = _PARALLEL,
) -> None:
    """Delete everything in the state."""
    engine = _confirming(cwd, stack, diff, yes, skip_preview, parallel)
    first = (lambda: engine().destroy(preview=True, refresh=refresh)) if not skip_preview else None
    _guarded(lambda: engine().destroy(refresh=refresh), first, "destroy", yes)


@app.command()
def export(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    show_secrets: Annotated[bool, typer.Option("--show-secrets", help="Secrets in plaintext.")] = False,
) -> None:
    """Print the state, as `pulumi stack import` takes it."""
    try:
        sys.stdout.write(Engine(cwd, choose(Project.load(Path(cwd)), stack)).export(show_secrets=show_secrets))
    except EngineError as error:
        _fail(error)


def _engine(cwd: str, named: str | None, diff: bool, parallel: int) -> Engine:
    stack = choose(Project.load(Path(cwd)), named)
    return Engine(cwd, stack, parallel=parallel, observer=Display(Console(), stack, diff))


def _confirming(
    cwd: str, stack: str | None, diff: bool, yes: bool, skip_preview: bool, parallel: int
) -> Callable[[], Engine]:
    if not (yes or skip_preview or (sys.stdin.isatty() and sys.stdout.isatty())):
        message = "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode"
        _fail(EngineError(message, ExitCode.CONFIGURATION))
    return lambda: _engine(cwd, stack, diff, parallel)


def _guarded(
    work: Callable[[], Result], first: Callable[[], Result] | None = None, kind: str = "update", yes: bool = True
) -> None:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if first:
            planned = first()
            if not planned.ok:
                raise typer.Exit(planned.exit_code)
            if not yes and not typer.confirm(f"Do you want to perform this {kind}?"):
                typer.echo(f"confirmation declined, not proceeding with the {kind}")
                raise typer.Exit(ExitCode.ERROR)
        raise typer.Exit(work().exit_code)
    except EngineError as error:
        _fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.CANCELLED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _fail(error: EngineError) -> None:
    Console(stderr=True).print(Text("error: ", "bold red").append(str(error), ""), soft_wrap=True, highlight=False)
    raise typer.Exit(error.code)
