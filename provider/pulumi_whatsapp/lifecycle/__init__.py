"""What check, diff, create, read, update and delete mean. No engine and no HTTP: plain values in, plain values out.

Of Pulumi there is one class here, by way of `pulumi_whatsapp.errors`: every error is a `pulumi.RunError`, because the
SDK shows that as one line, without a traceback.

Each resource is one module, and all of them have the one shape of `pulumi_whatsapp.lifecycle.protocol.Lifecycle`.
"""
