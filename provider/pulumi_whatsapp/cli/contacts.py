"""``pulumi-whatsapp list`` and ``export``: the live block list, in four forms."""

from __future__ import annotations

import asyncio
import csv
import io
import json

from ..config import DEFAULT
from ..connect import connect
from ..errors import WhatsAppError
from ..live import BlockedContacts, ability, declared_as
from .report import ConsoleReport
from .stack import Stack


def read(stack: Stack, account: str) -> BlockedContacts:
    """Return who an account blocks now.

    Raises:
        WhatsAppError: when its gateway cannot list, the account is not usable, or the list cannot be read whole.
    """
    return asyncio.run(_read(stack, account))


async def _read(stack: Stack, name: str) -> BlockedContacts:
    configured, report = stack.accounts(), ConsoleReport()
    for warning in (*stack.warnings(), *configured.warnings()):
        report.warning(warning)
    stack.require(name)
    account = connect(configured, report).named(name)
    if not account.capabilities.lists_blocked:
        raise WhatsAppError(
            f"{account.title} cannot list who is blocked, so the block list of {account.id} is unknown; "
            f"{ability('lists_blocked')}"
        )
    try:
        return BlockedContacts(account.id, declared_as((await account.blocked()).values()))
    finally:
        await account.gateway.http.close()


def as_lines(blocked: BlockedContacts) -> str:
    """Return one contact a line."""
    return "".join(f"{contact}\n" for contact in blocked.contacts)


def as_json(blocked: BlockedContacts) -> str:
    """Return an object with ``account_id`` and ``contacts``."""
    return json.dumps({"account_id": blocked.account_id, "contacts": blocked.contacts}, indent=2) + "\n"


def as_csv(blocked: BlockedContacts) -> str:
    """Return a CSV file with the columns ``phone`` and ``reason``; no gateway knows reasons, so they are empty."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(("phone", "reason"))
    rows.writerows((contact, "") for contact in blocked.contacts)
    return file.getvalue()


def as_program(blocked: BlockedContacts, account: str) -> str:
    """Return a Pulumi program that declares the contacts as one `Blocklist` of ``account``."""
    lines = [
        f'"""Who {blocked.account_id} blocks."""',
        "",
        "import pulumi_whatsapp as whatsapp",
        "",
        "whatsapp.Blocklist(",
        '    "blocked",',
        *([] if account == DEFAULT else [f'    account="{account}",']),
        "    contacts=[",
        *(f'        "{contact}",' for contact in blocked.contacts),
        "    ],",
        ")",
    ]
    return "".join(f"{line}\n" for line in lines)
