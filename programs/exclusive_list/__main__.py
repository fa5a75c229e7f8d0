"""A block list that is exactly what this program says: whoever somebody else blocked is let go with the second `up`."""

import pulumi

import pulumi_whatsapp as whatsapp

# Who is blocked now, whoever blocked them: read it before the list takes over.
before = whatsapp.get_blocked_contacts()

# `exclusive` needs a gateway that can list, and must be the only block resource of its account. The first `up` only
# blocks, and warns with the names of all others who are blocked. The next one replaces the list and unblocks them, so
# declare here whoever is to stay. To leave the others alone, leave `mode` away: an additive list touches only what it
# declares.
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
pulumi.export("foreign", blocked.foreign)  # blocked, and declared by nobody: the next up unblocks them
