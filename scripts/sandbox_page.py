"""Makes the table of ``docs/sandbox.md`` from the faults that the sandbox has."""

from __future__ import annotations

from whatsapp_sandbox.faults import FAULTS, OPERATIONS
from whatsapp_sandbox.gateways import WIRES, fault_kinds


def faults() -> str:
    """Return the faults, one a row, in the order of the page's menu."""
    lines = ["| `kind` | on the page | what happens | on | gateways |", "| --- | --- | --- | --- | --- |"]
    for name, kind in FAULTS.items():
        on = [operation for operation in OPERATIONS if operation in kind.operations]
        having = [gateway for gateway in WIRES if name in fault_kinds(gateway)]
        lines.append(
            f"| `{name}` | {kind.title} | {kind.text} |"
            f" {'any' if len(on) == len(OPERATIONS) else ', '.join(f'`{one}`' for one in on)} |"
            f" {'each' if len(having) == len(WIRES) else ', '.join(having)} |"
        )
    return "\n".join(lines) + "\n"
