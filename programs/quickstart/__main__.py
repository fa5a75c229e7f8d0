"""Two accounts: a phone on Z-API, and a business number on Meta's Cloud API."""

import pulumi

import pulumi_whatsapp as whatsapp

# One contact. Any spelling of the number is the same contact; take the line away, and the contact is unblocked.
spammer = whatsapp.BlockedContact("spammer", phone="+55 (11) 98765-4321", reason="spam report 4711")

# Many contacts as one resource: a preview shows one line for each that is added or removed. Where one is removed, the
# list is replaced, and its deletion unblocks that one alone. The file is the one beside this program.
chargebacks = whatsapp.Blocklist("chargebacks", contacts=whatsapp.contacts_from_file("chargebacks.csv"))

# Who sees when the phone was last online: my contacts, except these.
last_seen = whatsapp.PrivacySetting(
    "last-seen",
    setting="last_seen",
    value="contact_blacklist",
    exceptions=["+55 11 98765-4321", "+55 21 99876-5432"],
    baseline="contacts",  # Z-API cannot say what it was before, so this is what `destroy` puts back
)
read_receipts = whatsapp.PrivacySetting("read-receipts", setting="read_receipts", value="none", baseline="all")

# The other account. `exclusive`: nobody else stays blocked there. The first `up` only blocks and names the others; the
# next one lets them go, after its preview has named them.
support = whatsapp.Blocklist(
    "support", account="support", mode="exclusive", contacts={"+1 650 555 1234": "threats, ticket 1881"}
)

pulumi.export("spammer", spammer.wa_id)  # as WhatsApp itself knows the contact
pulumi.export("chargebacks", chargebacks.contacts)
pulumi.export("last_seen", pulumi.Output.concat(last_seen.value, " on ", last_seen.account_id))
pulumi.export("support", support.contacts)
pulumi.export("not_as_declared", chargebacks.failed)
