"""A block list kept in a CSV file, with the reasons."""

import csv
import io
import re
from pathlib import Path

import pulumi

import pulumi_whatsapp as whatsapp

FILE = Path(__file__).resolve().parent / "blocked.csv"
PHONE = re.compile(r"[^A-Za-z]{8,}|\d+@\S+")  # no more than a first look: the provider knows every country's numbers


def read(file: Path) -> dict[str, str]:
    """Read the columns `phone` and `reason`; what is wrong is an error that names the line."""

    def wrong(line: int, what: str) -> pulumi.RunError:
        return pulumi.RunError(f"{file.name}, line {line}: {what}")

    content = file.read_bytes()
    try:
        text = content.decode("utf-8-sig")  # with the mark, or without, that spreadsheet programs begin it with
    except UnicodeDecodeError as error:
        raise wrong(content[: error.start].count(b"\n") + 1, 'not UTF-8; save the file as "CSV UTF-8"') from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if not {"phone", "reason"} <= set(rows.fieldnames or ()):
        raise wrong(1, "must name the columns phone and reason, in small letters and with commas between the columns")
    contacts: dict[str, str] = {}
    for row in rows:
        phone, reason = row["phone"] or "", row["reason"] or ""  # what a short row leaves out is None
        if None in row:
            raise wrong(rows.line_num, 'more columns than in line 1; put "quotes" around what has a comma in it')
        if not PHONE.fullmatch(phone):
            raise wrong(rows.line_num, f"{phone!r} is no phone number; format the column as text")
        if contacts.setdefault(phone, reason) != reason:
            raise wrong(rows.line_num, f"{phone} stands further up with another reason; delete one of the lines")
    return contacts


# The file may spell numbers as it likes, with a country code or, because of `defaultRegion`, without one.
# The same contact in two lines counts once; with two different reasons it is an error that names both.
# Reasons are for people: they stand in the state and in previews, WhatsApp never sees them.
blocked = whatsapp.Blocklist("from-csv", contacts=read(FILE))

pulumi.export("contacts", blocked.contacts)
pulumi.export("count", blocked.contacts.apply(len))
