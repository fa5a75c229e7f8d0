"""A live account: its list, its limits, what this run declares of it, and the one decision who is unblocked."""
