// Who a WhatsApp account blocks and who may see what, through the gateway it already uses. The provider is a Python program: it needs Python 3.10 or later on the machine that runs Pulumi, and what `pip` installs.
package whatsapp
