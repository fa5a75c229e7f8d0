"""What check, diff, create, read, update and delete mean. No Pulumi and no HTTP: plain values in, plain values out."""
