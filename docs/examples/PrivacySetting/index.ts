import * as whatsapp from "pulumi-whatsapp";

new whatsapp.PrivacySetting("last-seen", {
    setting: "last_seen",
    value: "contact_blacklist",
    exceptions: ["+5511987654321"],
    baseline: "contacts",
});
