"""A block list kept in a CSV file, with the reasons."""

import csv
from pathlib import Path

import pulumi

import pulumi_whatsapp as whatsapp

FILE = Path(__file__).resolve().parent / "blocked.csv"

# Reasons are for people: they stand in the state and in previews, WhatsApp never sees them.
# utf-8-sig also reads what spreadsheet programs save as "CSV UTF-8".
with FILE.open(newline="", encoding="utf-8-sig") as file:
    contacts = {row["phone"]: row["reason"] for row in csv.DictReader(file)}

# The file may spell numbers as it likes, with a country code or, because of `defaultRegion`, without one.
# The same contact in two lines counts once; with two different reasons it is an error that names both.
blocked = whatsapp.Blocklist("from-csv", contacts=contacts)

pulumi.export("contacts", blocked.contacts)
pulumi.export("count", blocked.contacts.apply(len))
