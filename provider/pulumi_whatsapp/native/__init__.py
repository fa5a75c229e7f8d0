"""The resources for every language: a provider plugin that speaks Pulumi's own protocol."""
