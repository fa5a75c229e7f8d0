"""The table: ours beside a resource that does nothing."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass

from _project import Measured

_HEAD = f"{'':46}{'ours':>8}{'gateway':>9}{'nothing':>9}{'ratio':>7}{'MB':>6}{'nothing':>9}{'ratio':>7}  requests"
LEGEND = (
    "Seconds and megabytes are medians. gateway: the seconds of ours in which a request was under way.\n"
    "ratio: (ours - gateway) / nothing; for memory ours / nothing. MB: the most that the provider process held.\n"
)


@dataclass(frozen=True)
class Sample:
    """One run of a command, ours and a do-nothing one's."""

    ours: Measured
    nothing: Measured
    gateway: float
    requests: Counter[str]


def head() -> None:
    """Print what the columns are."""
    print(f"{LEGEND}{_HEAD}", flush=True)


def row(title: str, samples: list[Sample]) -> None:
    """Print the medians of a command's runs."""
    ours = statistics.median(sample.ours.seconds for sample in samples)
    nothing = statistics.median(sample.nothing.seconds for sample in samples)
    gateway = statistics.median(sample.gateway for sample in samples)
    print(
        f"{title:<46}{ours:>8.2f}{gateway:>9.2f}{nothing:>9.2f}{(ours - gateway) / nothing:>7.2f}"
        f"{_memory(samples)}  {_requests(samples[-1].requests)}",
        flush=True,
    )


def _memory(samples: list[Sample]) -> str:
    pairs = [
        (sample.ours.megabytes, sample.nothing.megabytes)
        for sample in samples
        if sample.ours.megabytes and sample.nothing.megabytes
    ]
    if not pairs:
        return f"{'-':>6}{'-':>9}{'-':>7}"
    ours, nothing = (statistics.median(values) for values in zip(*pairs, strict=True))
    return f"{ours:>6.0f}{nothing:>9.0f}{ours / nothing:>7.2f}"


def _requests(sent: Counter[str]) -> str:
    return ", ".join(f"{count:,} {method}" for method, count in sorted(sent.items())) or "none"
