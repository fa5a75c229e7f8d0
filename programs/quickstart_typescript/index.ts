import * as whatsapp from "pulumi-whatsapp";

// One contact. Any spelling of the number is the same contact; take it away, and the contact is unblocked.
const blocked = new whatsapp.BlockedContact("spammer", { phone: "+55 (11) 98765-4321", reason: "spam report 4711" });

// Many contacts as one resource: a preview with --diff shows one line for each that is added or removed.
const list = new whatsapp.Blocklist("chargebacks", {
    contacts: {
        "+5511987650001": "order 1881",
        "+5511987650002": "order 1904",
    },
});

// An explicit provider is one account of its own: here a phone, whose privacy settings can be read and set.
const phone = new whatsapp.Provider("phone", {
    gateway: "ryzeapi",
    instance: "quickstart",
    sandbox: ".sandbox/whatsapp.sqlite",
});
const lastSeen = new whatsapp.PrivacySetting("last-seen", { setting: "last_seen", value: "contacts" }, { provider: phone });

export const spammer = blocked.waId; // as WhatsApp itself knows the contact
export const chargebacks = list.contacts;
export const lastSeenIs = lastSeen.value;
