"""``pulumi-whatsapp summary``: what a preview, a refresh or an update means for people, as Markdown or JSON.

`printed` makes one kind of steps of all that the Pulumi CLI prints, `compare` finds who comes and who goes in them,
with what the provider has `told`; `meaning` is what is found, and `markdown` writes it.
"""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ...config import DEFAULT, NAMESPACE, own_keys
from ...config.environment import variable
from ...config.keys import SECRETS
from ...errors import InvalidInput
from ...redact import Redactor
from .compare import compare
from .markdown import SHOWN, markdown
from .meaning import Summary
from .printed import Json, mapping, read, text

_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def summarise(file: str, environment: Mapping[str, str]) -> Summary:
    """Return what a run means for people.

    Args:
        file: what Pulumi printed, or ``-`` for the standard input.
        environment: the environment's variables.

    Raises:
        InvalidInput: when the file cannot be read, or is not what Pulumi prints.
    """
    run = read(_read(file))
    hide = Redactor([*_credentials(environment), *_plain(run.config)])
    return compare(run, environment, hide)


def written(summary: Summary, *, as_json: bool, every: bool) -> str:
    """Return a summary for whoever reads it.

    Args:
        summary: what a run means.
        as_json: as JSON, which names every contact, else as Markdown.
        every: name every contact in Markdown, too.
    """
    if as_json:
        return json.dumps(summary.as_json(), indent=2) + "\n"
    return markdown(summary, shown=None if every else SHOWN)


def _credentials(environment: Mapping[str, str]) -> list[str]:
    """Return the credentials of the environment, of whichever accounts."""
    ends = tuple(variable(DEFAULT, key).removeprefix("WHATSAPP") for key in SECRETS)
    return [value for name, value in environment.items() if name.startswith("WHATSAPP_") and name.endswith(ends)]


def _plain(config: Json) -> Iterator[str]:
    """Return the credentials that the stack's configuration has in plain text."""
    for key, value in own_keys(config).items():
        if key in SECRETS:
            yield value
    with suppress(ValueError, RecursionError):
        for account in mapping(json.loads(text(config.get(f"{NAMESPACE}:accounts")) or "{}")).values():
            yield from (text(mapping(account).get(key)) for key in SECRETS)


def _read(file: str) -> str:
    if file == "-" and sys.stdin.isatty():
        raise InvalidInput(
            "", "name the file that Pulumi's output is in, or pipe it: pulumi preview --json | … summary"
        )
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InvalidInput("", f"{file} cannot be read: {error.strerror}") from None
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8-sig")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise InvalidInput("", f"{file} is no text; give it what Pulumi printed with --json") from None
