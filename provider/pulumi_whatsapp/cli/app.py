"""The commands and their options."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperCommand

from pulumi_local_engine.cli import app as local
from pulumi_local_engine.model import EngineError
from whatsapp_sandbox import NotASandboxError
from whatsapp_sandbox.server import PORT, ServerMissingError, serve

from ..account.current import BlockedContacts
from ..config import DEFAULT
from ..errors import WhatsAppError
from . import capabilities as table
from . import contacts, doctor, summary
from .stack import Stack

app = typer.Typer(
    help="WhatsApp block lists and privacy settings as Pulumi resources.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(local, name="local")

_Account = Annotated[str, typer.Option("--account", "-a", help="A configured account.")]
_Cwd = Annotated[Path, typer.Option("--cwd", "-C", help="The Pulumi project's folder.")]
_Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        "-s",
        envvar="PULUMI_STACK",
        help="The stack; by default the one that `pulumi stack select` chose, or the only one.",
    ),
]


_USAGE = 2
"""The exit status of a wrong option."""


class _Detailed(TyperCommand):
    """A command whose exit statuses mean something: a wrong option is 1, since 2 says something else."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "exit_code", None) == _USAGE:
                error.__dict__["exit_code"] = 1
            raise


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status. Whatever goes wrong is one line on standard error."""
    try:
        app(arguments, prog_name="pulumi-whatsapp")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1
    except EngineError as error:
        return _failed(error, error.code)
    except (WhatsAppError, NotASandboxError, ServerMissingError, OSError) as error:
        return _failed(error)
    except Exception as error:
        if os.environ.get("WHATSAPP_DEBUG"):
            raise
        return _failed(
            f"{type(error).__name__}: {error}; this is a fault of pulumi-whatsapp, please report it with "
            "the output of the same command under WHATSAPP_DEBUG=1"
        )
    return 0


def _failed(error: object, status: int = 1) -> int:
    sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
    return status


@app.callback(invoke_without_command=True)
def _main(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        typer.echo(version("pulumi-whatsapp"))
        raise typer.Exit


@app.command("doctor")
def _doctor(
    account: Annotated[str | None, typer.Option("--account", "-a", help="One account; all when absent.")] = None,
    cwd: _Cwd = Path(),
    stack: _Stack = None,
) -> None:
    """Say what is configured, and whether each account works.

    Exits with 1 when one does not, with 2 for a wrong option, and with 6 when there is no such stack.
    """
    healthy = doctor.examine(Stack.read(cwd, stack, os.environ), account, Console(soft_wrap=True, highlight=False))
    raise typer.Exit(0 if healthy else 1)


@app.command("capabilities")
def _capabilities(
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
) -> None:
    """Show what each gateway can do."""
    if markdown:
        typer.echo(table.markdown(), nl=False)
    else:
        console = Console()
        console.print(*table.rich_tables(console))


@app.command("list")
def _list(
    account: _Account = DEFAULT,
    cwd: _Cwd = Path(),
    stack: _Stack = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print who the account blocks now, one contact a line."""
    blocked = contacts.read(Stack.read(cwd, stack, os.environ), account)
    typer.echo(contacts.as_json(blocked) if as_json else contacts.as_lines(blocked), nl=False)
    if sys.stdout.isatty():
        typer.echo(f"{len(blocked.contacts):,} blocked on {blocked.account_id}", err=True)


_FORMATS: dict[str, Callable[[BlockedContacts, str], str]] = {
    "csv": lambda blocked, _: contacts.as_csv(blocked),
    "program": contacts.as_program,
}


def _known_format(name: str) -> str:
    if name not in _FORMATS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(_FORMATS)}")
    return name


@app.command("export")
def _export(
    format: Annotated[  # noqa: A002
        str, typer.Option("--format", "-f", help="What to print.", metavar="csv|program", callback=_known_format)
    ] = "csv",
    account: _Account = DEFAULT,
    cwd: _Cwd = Path(),
    stack: _Stack = None,
) -> None:
    """Print who the account blocks now as a CSV file, or as a Pulumi program that declares them."""
    blocked = contacts.read(Stack.read(cwd, stack, os.environ), account, declarable=True)
    typer.echo(_FORMATS[format](blocked, account), nl=False)


@app.command("summary", cls=_Detailed)
def _summary(
    file: Annotated[str, typer.Argument(help="What Pulumi printed with --json; - is the standard input.")] = "-",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with every contact.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Name every contact, not only the first 20.")] = False,
    detailed: Annotated[bool, typer.Option("--exit-code", help="Say in the exit status what changes.")] = False,
) -> None:
    """Say who is blocked and unblocked by a preview, a refresh or an update, as Markdown.

    Exits with 1 when the run failed or cannot be read. With --exit-code, it also exits with 2 when something changes,
    and with 3 when somebody is unblocked or may be.
    """
    report = summary.summarise(file, os.environ)
    typer.echo(summary.written(report, as_json=as_json, every=every), nl=False)
    raise typer.Exit(report.exit_code(detailed=detailed))


@app.command("sandbox")
def _sandbox(
    file: Annotated[Path, typer.Argument(help="The sandbox; made when missing.", dir_okay=False)],
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes a free one.")] = PORT,
) -> None:
    """Serve a sandbox and its live page on this machine, until interrupted."""
    try:
        serve(file, port=port)
    except KeyboardInterrupt:
        return
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise EngineError(f"port {port} is taken; use --port 0 for a free one") from None
