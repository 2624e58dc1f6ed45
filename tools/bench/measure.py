"""The method: control and subject take turns, medians are compared, a restless run is repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Final

ROUNDS: Final = 5
TRIES: Final = 3
# A control that differs by more than this between its rounds says the machine was busy.
RESTLESS: Final = 0.15

Measure = Callable[[], float]


@dataclass(frozen=True)
class Sample:
    """What one side showed, round by round."""

    figures: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.figures)

    @property
    def least(self) -> float:
        return min(self.figures)

    @property
    def most(self) -> float:
        return max(self.figures)

    @property
    def spread(self) -> float:
        return (self.most - self.least) / self.median if self.median else 0.0


@dataclass(frozen=True)
class Comparison:
    subject: Sample
    control: Sample

    @property
    def ratio(self) -> float:
        return self.subject.median / self.control.median

    @property
    def is_restless(self) -> bool:
        return self.control.spread > RESTLESS


def compare(control: Measure, subject: Measure, *, rounds: int = ROUNDS) -> Comparison:
    """One round of each to warm up, then `rounds` of each in turn."""
    control()
    subject()
    pairs = [(control(), subject()) for _ in range(rounds)]
    return Comparison(
        subject=Sample(tuple(pair[1] for pair in pairs)),
        control=Sample(tuple(pair[0] for pair in pairs)),
    )


def calmest(run: Callable[[], Comparison], *, tries: int = TRIES) -> Comparison:
    """Repeat a run while its control is restless; of all runs, the one with the calmest control."""
    runs = [run()]
    while runs[-1].is_restless and len(runs) < tries:
        runs.append(run())
    return min(runs, key=lambda one: one.control.spread)


def alone(subject: Measure, *, rounds: int = ROUNDS, tries: int = TRIES) -> Sample:
    """A figure that has no control; its own restlessness asks for another run."""
    subject()
    samples = [Sample(tuple(subject() for _ in range(rounds)))]
    while samples[-1].spread > RESTLESS and len(samples) < tries:
        samples.append(Sample(tuple(subject() for _ in range(rounds))))
    return min(samples, key=lambda one: one.spread)


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def times(step: Callable[[], object], count: int) -> list[float]:
    """The seconds of each of `count` calls."""
    return [seconds(step) for _ in range(count)]


def p50(taken: Sequence[float]) -> float:
    return median(taken)


def p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20, method="inclusive")[-1]
