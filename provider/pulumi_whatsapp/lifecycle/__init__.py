"""What check, diff, create, read, update and delete mean. No Pulumi and no HTTP: plain values in, plain values out.

Each resource is one module, and all of them have the one shape of `pulumi_whatsapp.lifecycle.protocol.Lifecycle`.
"""
