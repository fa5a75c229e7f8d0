import * as whatsapp from "pulumi-whatsapp";

export const values = whatsapp.getPrivacySettingsOutput().values;
