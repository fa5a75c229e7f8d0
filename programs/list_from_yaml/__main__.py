"""Block lists kept in a YAML file, one for each topic."""

from pathlib import Path

import pulumi
import yaml  # PyYAML, which the Pulumi SDK brings along

import pulumi_whatsapp as whatsapp

FILE = Path(__file__).resolve().parent / "blocked.yaml"

topics = yaml.safe_load(FILE.read_text(encoding="utf-8"))

# One resource a topic. The same contact under two topics is an error at preview: only one resource may own it, or
# removing it from one topic would unblock it although the other still lists it.
for topic, contacts in topics.items():
    blocklist = whatsapp.Blocklist(topic, contacts=contacts)
    pulumi.export(topic, blocklist.contacts)
