"""``pulumi-whatsapp local …``: the Pulumi CLI's commands in small."""

from __future__ import annotations

import functools
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from .config import Project
from .display import Display
from .engine import Engine
from .model import EngineError, ExitCode, Result

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
_Clear = Annotated[bool, typer.Option("--clear-pending-creates", help="Forget interrupted creations.")]
_Secrets = Annotated[bool, typer.Option("--show-secrets", help="Secrets in plaintext.")]

_EXAMPLES = {
    "preview": "--diff",
    "up": "--yes",
    "refresh": "--yes --diff",
    "destroy": "--yes",
    "export": "--stack dev > state.json",
}


def _command(work: Callable[..., Result | None]) -> None:
    """Add a command. It exits with its result's code; what keeps it from starting is one line."""

    @functools.wraps(work)
    def run(**options: Any) -> None:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            result = work(**options)
        except EngineError as error:
            line = Text("error: ", "bold red").append(str(error), "")
            Console(stderr=True).print(line, soft_wrap=True, highlight=False)
            raise typer.Exit(error.code) from None
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.CANCELLED) from None
        finally:
            signal.signal(signal.SIGTERM, before)
        raise typer.Exit(result.exit_code if result else ExitCode.OK)

    app.command(epilog=f"Example: pulumi-whatsapp local {work.__name__} {_EXAMPLES[work.__name__]}")(run)


@_command
def preview(stack: _Stack = None, cwd: _Cwd = ".", diff: _Diff = False, refresh: _Refresh = False) -> Result:
    """Show what an update would do."""
    return _engine(cwd, stack, diff).preview(refresh=refresh)


@_command
def up(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    yes: _Yes = False,
    skip_preview: _Skip = False,
    refresh: _Refresh = False,
) -> Result:
    """Bring everything to what the program declares."""
    engine = _engine(cwd, stack, diff)
    return _agreed(lambda: engine.preview(refresh=refresh), lambda: engine.up(refresh=refresh), yes, skip_preview)


@_command
def refresh(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    yes: _Yes = False,
    skip_preview: _Skip = False,
    clear_pending_creates: _Clear = False,
) -> Result:
    """Take over into the state what is live."""
    engine = _engine(cwd, stack, diff)
    work = functools.partial(engine.refresh, clear_pending_creates=clear_pending_creates)
    return _agreed(lambda: work(preview=True), work, yes, skip_preview)


@_command
def destroy(
    stack: _Stack = None,
    cwd: _Cwd = ".",
    diff: _Diff = False,
    yes: _Yes = False,
    skip_preview: _Skip = False,
    refresh: _Refresh = False,
) -> Result:
    """Delete everything in the state."""
    work = functools.partial(_engine(cwd, stack, diff).destroy, refresh=refresh)
    return _agreed(lambda: work(preview=True), work, yes, skip_preview)


@_command
def export(stack: _Stack = None, cwd: _Cwd = ".", show_secrets: _Secrets = False) -> None:
    """Print the state, as `pulumi stack import` takes it."""
    sys.stdout.write(Engine(cwd, Project.load(Path(cwd)).choose(stack)).export(show_secrets=show_secrets))


def _engine(cwd: str, named: str | None, diff: bool) -> Engine:
    stack = Project.load(Path(cwd)).choose(named)
    return Engine(cwd, stack, observer=Display(Console(), stack, diff))


def _agreed(preview: Callable[[], Result], work: Callable[[], Result], yes: bool, skip_preview: bool) -> Result:
    """Do the work if the preview went well and the user agrees with it, or said beforehand that it may be done."""
    if not (yes or skip_preview or (sys.stdin.isatty() and sys.stdout.isatty())):
        message = "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode"
        raise EngineError(message, ExitCode.CONFIGURATION)
    if skip_preview:
        return work()
    planned = preview()
    if not planned.ok:
        return planned
    if not yes and not typer.confirm(f"Do you want to perform this {planned.operation}?"):
        typer.echo(f"confirmation declined, not proceeding with the {planned.operation}")
        raise typer.Exit(ExitCode.ERROR)
    return work()
