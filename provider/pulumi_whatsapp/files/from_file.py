"""What a program calls: the contacts of a file, checked before anything is changed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pulumi
from phonenumbers import SUPPORTED_REGIONS

from ..config import stack_configuration
from ..connect import configuration
from ..errors import ConfigurationError, InvalidInput
from ..names import Contact, Key, key_of
from ..phone import ImpossiblePhone, canonical
from .entries import Content, Entry, Names, invalid
from .text import NoText, decoded, read_lines

_KINDS: Final = (".csv", ".tsv", ".txt", ".yaml", ".yml", ".json", ".xlsx", ".xlsm")

Regions = Sequence[str | None]
"""The countries that national numbers may be of."""


def contacts_from_file(
    path: str | os.PathLike[str], *, phone: str = "phone", reason: str = "reason", region: str | None = None
) -> dict[str, str]:
    """Return the contacts of a file: contact, in canonical form -> reason, empty where there is none.

    * ``.csv``, ``.tsv``: columns with headings, in any order, of which others are ignored; or without headings, the
      contact first and the reason second.
    * ``.xlsx``: the same, on the first sheet; it needs the extra ``excel``.
    * ``.txt``: one contact a line, ``#`` begins a comment.
    * ``.yaml``, ``.yml``, ``.json``: a list of contacts, a map from contact to reason, a list of records, or topics
      with those under them, which are read as one list; `topics_from_file` keeps them apart.

    A contact that stands twice, in whatever spellings, counts once, with the reason that one of the lines gives. Two
    different reasons are a mistake, and so is a key that stands twice in a map.

    Args:
        path: the file; a relative path is relative to the working directory, which is the program's own folder.
        phone: what the column, or the key of a record, with the contacts is called. Capitals make no difference.
        reason: what the one with the reasons is called.
        region: the country of national numbers as two letters, e.g. ``BR``; by default ``whatsapp:defaultRegion``.
            Where accounts of the stack have different ones, a number that depends on it is a mistake.

    Raises:
        InvalidInput: with the number of each wrong line and what is wrong there.
    """
    regions = _regions(region)
    content = _read(path, Names(phone, reason), regions)
    entries = [*content.entries, *(entry for topic in (content.topics or {}).values() for entry in topic)]
    contacts = _merged(entries, regions, content)
    if content.wrong:
        raise invalid(os.fspath(path), content.wrong)
    return contacts


def topics_from_file(
    path: str | os.PathLike[str], *, phone: str = "phone", reason: str = "reason", region: str | None = None
) -> dict[str, dict[str, str]]:
    """Return the topics of a YAML or JSON file: topic -> contact, in canonical form -> reason.

    A contact may stand under several topics. One resource alone may own it, though, so lists of one account that are
    made of them are refused in the preview.

    Args:
        path: as in `contacts_from_file`, and so are the others.
        phone: the key of a record with the contact.
        reason: the key of a record with the reason.
        region: the country of national numbers.

    Raises:
        InvalidInput: with the number of each wrong line and what is wrong there.
    """
    regions = _regions(region)
    content = _read(path, Names(phone, reason), regions)
    if content.topics is None and not content.wrong:
        content.fail(0, "it has no topics, with contacts under each; contacts_from_file reads it")
    topics = {topic: _merged(entries, regions, content) for topic, entries in (content.topics or {}).items()}
    if content.wrong:
        raise invalid(os.fspath(path), content.wrong)
    return topics


def _read(path: str | os.PathLike[str], names: Names, regions: Regions) -> Content:
    name, kind = os.fspath(path), Path(path).suffix.lower()
    if kind not in _KINDS:
        raise InvalidInput("", f"{name}: a file of contacts is one of {', '.join(_KINDS)}")
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InvalidInput("", f"{name}: there is no such file in {Path.cwd()}, the working directory") from None
    except OSError as error:
        raise InvalidInput("", f"{name}: it cannot be read ({error.strerror})") from None
    try:
        return _parsed(data, kind, names, regions)
    except NoText as error:
        raise invalid(name, [(error.line, str(error))]) from None


def _parsed(data: bytes, kind: str, names: Names, regions: Regions) -> Content:
    if kind in {".xlsx", ".xlsm"}:
        from .sheet import NoWorkbook, rows_of
        from .table import read_table

        content = Content()
        try:
            return read_table(rows_of(data), names, lambda cell: _is_contact(cell, regions), content)
        except NoWorkbook as error:
            content.fail(0, str(error))
            return content
    text = decoded(data)
    if kind in {".csv", ".tsv"}:
        from .table import read_csv

        return read_csv(text, names, lambda cell: _is_contact(cell, regions))
    if kind == ".txt":
        return read_lines(text)
    from .tree import read_json, read_yaml

    return read_json(text, names) if kind == ".json" else read_yaml(text, names)


def _regions(region: str | None) -> Regions:
    """Return the countries of national numbers: the given one, or those of all accounts of the stack."""
    if region is not None:
        if region not in SUPPORTED_REGIONS:
            raise InvalidInput("", f"region is {region!r}; it must be a country's two capital letters, e.g. BR")
        return [region]
    configured = configuration(stack_configuration(), os.environ, pulumi.get_project())
    accounts = [*configured.unusable]
    for name in configured.names():
        try:
            accounts.append(configured[name])
        except ConfigurationError:  # whoever uses the account is told
            continue
    return sorted({account.default_region for account in accounts}, key=str) or [None]


def _merged(entries: Iterable[Entry], regions: Regions, content: Content) -> dict[str, str]:
    """Return each person once, as first spelt; what is no contact, or has two reasons, is noted as wrong."""
    contacts: dict[Key, Contact] = {}
    reasons: dict[Key, Entry] = {}
    for entry in entries:
        try:
            contact = _canonical(entry.contact, regions)
        except ImpossiblePhone as error:
            content.fail(entry.line, str(error))
            continue
        person = key_of(contact)
        contacts.setdefault(person, contact)
        said = reasons.setdefault(person, entry) if entry.reason else entry
        if said.reason != entry.reason:
            content.fail(
                entry.line,
                f"{contact} stands in line {said.line}, too, with another reason ({said.reason!r}, here "
                f"{entry.reason!r}); keep one of them",
            )
    return {contact: reasons[person].reason if person in reasons else "" for person, contact in contacts.items()}


def _canonical(text: str, regions: Regions) -> Contact:
    found = {region: canonical(text, region) for region in regions}
    if len(set(found.values())) > 1:
        readings = ", ".join(f"{contact} with {region}" for region, contact in found.items())
        raise ImpossiblePhone(
            text, f"accounts of this stack have different default regions ({readings}); write it with + or give region="
        )
    return next(iter(found.values()))


def _is_contact(text: str, regions: Regions) -> bool:
    try:
        return bool(_canonical(text, regions))
    except ImpossiblePhone:
        return False
