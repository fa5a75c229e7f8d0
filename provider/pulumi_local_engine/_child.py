"""The processes that the engine starts: the user's program, and the SDK's host of dynamic providers.

Run by path, so that any interpreter that has the Pulumi SDK will do. Standard input is a pipe from the engine that
nothing is ever written to: when it closes, the engine is gone, and so is this process.
"""

import os
import sys

sys.path[0] = os.getcwd()  # noqa: PTH109 (before anything that could be found here is imported)

import asyncio  # noqa: E402
import json  # noqa: E402
import logging  # noqa: E402
import runpy  # noqa: E402
import threading  # noqa: E402
import traceback  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402
from typing import Any  # noqa: E402


def _watch_engine() -> None:
    pipe = os.dup(0)
    with open(os.devnull) as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)

    def wait() -> None:
        os.read(pipe, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _trace(error: BaseException) -> str:
    """The traceback from the program's own code on."""
    frames = error.__traceback__
    here = os.path.abspath("__main__.py")  # noqa: PTH100
    while frames and os.path.abspath(frames.tb_frame.f_code.co_filename) != here:  # noqa: PTH100
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames or error.__traceback__))


def _program(settings: dict[str, Any]) -> int:
    import pulumi
    import pulumi.runtime

    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
    pulumi.log.debug = lambda *_, **__: None  # the engine drops these, and each is a call over gRPC
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    sys.argv = ["."]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=settings["parallel"])  # so many registrations at once
    loop.set_default_executor(executor)

    def main() -> None:
        runpy.run_path(".", run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(main))
        return 0
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:  # the program's own, whatever it is
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_trace(error)}")
        return 32
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()


if __name__ == "__main__":
    _watch_engine()
    kind, argument = sys.argv[1:]
    if kind == "program":
        sys.exit(_program(json.loads(argument)))
    sys.argv = ["pulumi.dynamic", argument]
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
