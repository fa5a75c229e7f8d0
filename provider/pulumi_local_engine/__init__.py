"""A local engine: runs a Pulumi Python program of dynamic resources without the Pulumi CLI.

from pulumi_local_engine import Engine

result = Engine("my-project", "dev").up()
print(result.exit_code, [(step.op, step.name) for step in result.steps])
"""

from .engine import Engine
from .model import Diagnostic, EngineError, ExitCode, Observer, Resource, Result, Step, Unsupported

__all__ = ["Diagnostic", "Engine", "EngineError", "ExitCode", "Observer", "Resource", "Result", "Step", "Unsupported"]
