"""What a program declares: one module a resource, each a Pulumi class and its dynamic provider."""
