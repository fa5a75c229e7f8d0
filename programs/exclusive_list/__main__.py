"""A block list that is exactly what this program says: whoever somebody else blocked is unblocked."""

import pulumi

import pulumi_whatsapp as whatsapp

# Who is blocked now, whoever blocked them: read it before the list takes over.
before = whatsapp.get_blocked_contacts()

# `exclusive` needs a gateway that can list, and must be the only block resource of its account. A preview warns with
# the names of all contacts that it would unblock. To keep them instead, leave `mode` away: an additive list touches
# only what it declares.
blocked = whatsapp.Blocklist(
    "policy",
    mode="exclusive",
    contacts={
        "+55 11 98765-0001": "fraud, case 31",
        "+1 650 555 1234": "threats, ticket 77",
    },
)

pulumi.export("blocked_before", list(before.contacts))
pulumi.export("blocked", blocked.contacts)
pulumi.export("foreign", blocked.foreign)  # found by a refresh, declared by nobody: the next up unblocks them
