import pulumi_whatsapp as whatsapp

whatsapp.PrivacySetting(
    "last-seen", setting="last_seen", value="contact_blacklist", exceptions=["+5511987654321"], baseline="contacts"
)
