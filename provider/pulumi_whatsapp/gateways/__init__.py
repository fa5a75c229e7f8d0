"""One module a gateway, the type that they share, and the registry."""
