import * as pulumi from "@pulumi/pulumi";
import * as whatsapp from "pulumi-whatsapp";

const support = new whatsapp.Provider("support", {
    gateway: "meta",
    phoneNumberId: "106540352242922",
    token: new pulumi.Config().requireSecret("supportToken"),
});

new whatsapp.BlockedContact("spammer", { phone: "+5511987654321" }, { provider: support });
