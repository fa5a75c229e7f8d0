"""What the native plugin ships beside its process: the schema, the SDKs, and the ways to get it."""
