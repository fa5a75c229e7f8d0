"""The same contacts blocked on every account, through whichever gateway each of them uses."""

import pulumi

import pulumi_whatsapp as whatsapp

# None is the default account, the one outside `whatsapp:accounts`.
ACCOUNTS = {"office": None, "support": "support", "sales": "sales"}

EVERYWHERE = {
    "+55 11 98765-0001": "fraud, case 31",
    "+44 7400 123456": "threats, ticket 77",
}

for name, account in ACCOUNTS.items():
    blocklist = whatsapp.Blocklist(f"everywhere-{name}", contacts=EVERYWHERE, account=account)
    pulumi.export(name, blocklist.account_id)

# Privacy settings are the phone's, so they need a gateway that drives a phone: Z-API here. Asked of `support`, this
# would be an error at preview that says what Meta can do.
whatsapp.PrivacySetting("office-groups", setting="group_add", value="contacts", baseline="all")
