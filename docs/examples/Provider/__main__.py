import pulumi

import pulumi_whatsapp as whatsapp

support = whatsapp.Provider(
    "support",
    gateway="meta",
    phone_number_id="106540352242922",
    token=pulumi.Config().require_secret("supportToken"),
)

whatsapp.BlockedContact("spammer", phone="+5511987654321", opts=pulumi.ResourceOptions(provider=support))
