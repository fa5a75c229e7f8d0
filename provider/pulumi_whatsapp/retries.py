"""What is tried again, how often and after which wait: the one policy, of tenacity's parts.

A policy says when; whether a further try is safe, the caller says. What became of a lost answer no policy can know:
`pulumi_whatsapp.account.sending` asks the block list before it tries again.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Final

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential, wait_none
from tenacity.wait import wait_base

from .errors import GatewayError
from .names import hide_numbers

Sleep = Callable[[float], Awaitable[None]]
Notify = Callable[[str], None]
Jitter = Callable[[float, float], float]
Again = Callable[[GatewayError], bool]

_LONGEST_WAIT: Final = 120.0
"""Seconds at most that a gateway is waited for when it asks for it: who asks for longer ends the run, which says so.
RyzeAPI's window is a minute, so two are enough (https://docs.ryzeapi.cloud/en/guide/rate-limit-cors)."""
_LONGEST_BACK_OFF: Final = 30.0
"""Seconds at most between two tries. The default of four further tries then takes a minute at most."""
WORTH_TELLING: Final = 2.0
"""Seconds of a wait that a person notices."""


class Retries:
    """The tries of one account.

    Args:
        max_retries: how many tries follow the first one.
        notify: told one line about each wait that a person would notice.
        sleep: waits for so many seconds.
        jitter: draws the wait from between two numbers of seconds, so that many do not return at once.
    """

    def __init__(self, *, max_retries: int, notify: Notify, sleep: Sleep, jitter: Jitter = random.uniform) -> None:
        self._max_retries = max_retries
        self._notify = notify
        self._sleep = sleep
        self._wait = _AsAsked(_Jittered(wait_exponential(max=_LONGEST_BACK_OFF), jitter))

    def after_waits(self, again: Again) -> AsyncRetrying:
        """Return the tries of what a gateway may do later: as often as ``maxRetries`` allows.

        They end with the last failure.

        Args:
            again: whether a failure is worth a further try.
        """
        return self._tries(self._max_retries + 1, self._wait, again)

    def at_once(self, times: int, again: Again) -> AsyncRetrying:
        """Return so many tries of what needs no wait, because nothing is wrong with the gateway.

        They end with the last failure.

        Args:
            times: the first try included.
            again: whether a failure is worth a further try.
        """
        return self._tries(times, wait_none(), again)

    def _tries(self, times: int, wait: wait_base, again: Again) -> AsyncRetrying:
        return AsyncRetrying(
            stop=stop_after_attempt(times),
            wait=wait,
            retry=retry_if_exception(lambda error: isinstance(error, GatewayError) and again(error)),
            before_sleep=self._tell,
            sleep=self._sleep,
            reraise=True,
        )

    def _tell(self, state: RetryCallState) -> None:
        if state.upcoming_sleep >= WORTH_TELLING:
            why = hide_numbers(str(_failure(state)))
            self._notify(f"waiting {state.upcoming_sleep:.0f} s before trying again: {why}")


class _AsAsked(wait_base):
    """As long as the gateway asked (``Retry-After``, ``X-RateLimit-Reset``), else as another policy has it."""

    def __init__(self, otherwise: wait_base) -> None:
        self._otherwise = otherwise

    def __call__(self, retry_state: RetryCallState) -> float:
        failure = _failure(retry_state)
        asked = failure.retry_after if isinstance(failure, GatewayError) else None
        return self._otherwise(retry_state) if asked is None else min(asked, _LONGEST_WAIT)


class _Jittered(wait_base):
    """Anything up to what another policy has. Tenacity's own jitter is drawn by `random`, and no test can say what."""

    def __init__(self, most: wait_base, jitter: Jitter) -> None:
        self._most = most
        self._jitter = jitter

    def __call__(self, retry_state: RetryCallState) -> float:
        return self._jitter(0, self._most(retry_state))


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
