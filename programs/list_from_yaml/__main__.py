"""Block lists kept in a YAML file, one for each topic."""

from pathlib import Path

import pulumi
import yaml  # PyYAML, which the Pulumi SDK brings along

import pulumi_whatsapp as whatsapp

FILE = Path(__file__).resolve().parent / "blocked.yaml"

try:
    # All that stands in the file is text to BaseLoader; others would take a bare +5511987650001 for a number.
    topics = yaml.load(FILE.read_text(encoding="utf-8"), yaml.BaseLoader)
except yaml.YAMLError as error:
    raise pulumi.RunError(f"{FILE.name}: {' '.join(str(error).split())}") from None
if not isinstance(topics, dict):
    raise pulumi.RunError(f"{FILE.name} must have topics, with contacts under each; it is empty, or something else")

# One resource a topic. The same contact under two topics is an error at preview: only one resource may own it, or
# removing it from one topic would unblock it although the other still lists it.
for topic, contacts in topics.items():
    blocklist = whatsapp.Blocklist(topic, contacts=contacts or {})  # a topic may have nobody under it
    pulumi.export(topic, blocklist.contacts)
