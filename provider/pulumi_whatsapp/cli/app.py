"""The commands and their options."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from collections.abc import Sequence
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
from whatsapp_sandbox.store import located

from ..config import DEFAULT
from ..errors import WhatsAppError
from . import capabilities as table
from . import contacts, doctor, summary
from .stack import Stack

app = typer.Typer(
    help="WhatsApp block lists and privacy settings as Pulumi resources.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: pulumi-whatsapp -C infrastructure doctor",
)
app.add_typer(local, name="local", epilog="Example: pulumi-whatsapp local preview --diff")

_Account = Annotated[str, typer.Option("--account", "-a", help="A configured account.")]
_Cwd = Annotated[Path, typer.Option("--cwd", "-C", help="The Pulumi project's folder.")]
_Folder = Annotated[
    Path | None, typer.Option("--cwd", "-C", help="The folder to work in, as if the command was run there.")
]
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
    cwd: _Folder = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        typer.echo(version("pulumi-whatsapp"))
        raise typer.Exit
    _work_in(cwd)


def _work_in(folder: Path | None) -> None:
    if folder is not None:
        if not folder.is_dir():
            raise EngineError(f"there is no folder {folder}")
        os.chdir(folder)


@app.command("doctor", epilog="Example: pulumi-whatsapp doctor --account support --json")
def _doctor(
    account: Annotated[str | None, typer.Option("--account", "-a", help="One account; all when absent.")] = None,
    cwd: _Cwd = Path(),
    stack: _Stack = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Say what is configured, and whether each account works.

    Exits with 1 when one does not, with 2 for a wrong option, and with 6 when there is no such stack.
    """
    found = doctor.examine(Stack.read(cwd, stack, os.environ), account)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        doctor.show(found, Console(soft_wrap=True, highlight=False))
    raise typer.Exit(0 if found.healthy else 1)


@app.command("capabilities", epilog="Example: pulumi-whatsapp capabilities --json")
def _capabilities(
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show what each gateway can do."""
    if markdown and as_json:
        raise typer.BadParameter("--markdown and --json are two forms; choose one")
    if as_json:
        typer.echo(json.dumps(table.as_json(), indent=2))
    elif markdown:
        typer.echo(table.markdown(), nl=False)
    else:
        console = Console()
        console.print(*table.rich_tables(console))


@app.command("list", epilog="Example: pulumi-whatsapp list --account support --stack prod")
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


def _known_format(name: str | None) -> str | None:
    if name is not None and name not in contacts.FORMATS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(contacts.FORMATS)}")
    return name


@app.command("export", epilog="Example: pulumi-whatsapp export --output contacts.csv")
def _export(
    format: Annotated[  # noqa: A002
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="What to write; by default what the file's name says, else csv.",
            metavar="csv|yaml|program",
            callback=_known_format,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write, which must not exist yet; its folder is made."),
    ] = None,
    account: _Account = DEFAULT,
    cwd: _Cwd = Path(),
    stack: _Stack = None,
) -> None:
    """Write who the account blocks now: as a CSV or YAML file, or as a Pulumi program that declares them."""
    written = contacts.writer(format, output)
    if output is not None and output.exists():
        raise EngineError(f"{output} exists, and is not written over; choose another --output, or remove it")
    blocked = contacts.read(Stack.read(cwd, stack, os.environ), account, declarable=True)
    text = written(blocked, account)
    if output is None:
        typer.echo(text, nl=False)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    typer.echo(f"Wrote {len(blocked.contacts):,} contacts of {blocked.account_id} to {output}", err=True)


@app.command("summary", cls=_Detailed, epilog="Example: pulumi preview --json | pulumi-whatsapp summary --exit-code")
def _summary(
    file: Annotated[str, typer.Argument(help="What Pulumi printed with --json; - is the standard input.")] = "-",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with every contact.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Name every contact, not only the first 20.")] = False,
    detailed: Annotated[bool, typer.Option("--exit-code", help="Say in the exit status what changes.")] = False,
    cwd: _Folder = None,
) -> None:
    """Say who is blocked and unblocked by a preview, a refresh or an update, as Markdown.

    Exits with 1 when the run failed or cannot be read. With --exit-code, it also exits with 2 when something changes,
    and with 3 when somebody is unblocked or may be.
    """
    _work_in(cwd)
    found = summary.summarise(file, os.environ)
    typer.echo(summary.written(found, as_json=as_json, every=every), nl=False)
    raise typer.Exit(found.exit_code(detailed=detailed))


@app.command("sandbox", epilog="Example: pulumi-whatsapp sandbox .sandbox/whatsapp.sqlite --port 0")
def _sandbox(
    file: Annotated[Path, typer.Argument(help="The sandbox; made when missing.", dir_okay=False)],
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes a free one.")] = PORT,
    cwd: _Folder = None,
) -> None:
    """Serve a sandbox and its live page on this machine, until interrupted."""
    _work_in(cwd)
    try:
        if not located(file).exists():
            socket.create_server(("127.0.0.1", port)).close()  # a taken port is told before a file is made
        serve(file, port=port)
    except KeyboardInterrupt:
        return
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise EngineError(f"port {port} is taken; use --port 0 for a free one") from None
