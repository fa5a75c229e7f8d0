"""Block lists kept in a YAML file, one for each topic."""

import pulumi

import pulumi_whatsapp as whatsapp

# One resource a topic. The same contact under two topics is an error at preview: only one resource may own it, or
# removing it from one topic would unblock it although the other still lists it.
for topic, contacts in whatsapp.topics_from_file("blocked.yaml").items():
    blocklist = whatsapp.Blocklist(topic, contacts=contacts)
    pulumi.export(topic, blocklist.contacts)
