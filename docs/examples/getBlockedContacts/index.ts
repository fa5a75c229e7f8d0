import * as whatsapp from "pulumi-whatsapp";

export const contacts = whatsapp.getBlockedContactsOutput().contacts;
