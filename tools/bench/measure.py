"""The method: alternate control and subject, compare medians, repeat unstable runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter
from typing import Final

ROUNDS: Final = 5
MAX_RUNS: Final = 3
# Repeating long runs took a third of the bench; a line that stays restless says so.
REPEATED_FOR: Final = 15
# The control varies by more than this between its rounds if the machine was busy.
MAX_SPREAD: Final = 0.15

Measure = Callable[[], float]


@dataclass(frozen=True)
class Sample:
    """The figures of one side, one per round."""

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

    @property
    def is_unstable(self) -> bool:
        return self.spread > MAX_SPREAD


@dataclass(frozen=True)
class Comparison:
    subject: Sample
    control: Sample

    @property
    def ratio(self) -> float:
        return self.subject.median / self.control.median

    @property
    def is_unstable(self) -> bool:
        return self.control.is_unstable


def compare(
    control: Measure, subject: Measure, *, rounds: int = ROUNDS, warm_ups: int = 1
) -> Comparison:
    (comparison,) = compare_each([control], subject, rounds=rounds, warm_ups=warm_ups)
    return comparison


def compare_each(
    controls: Sequence[Measure], subject: Measure, *, rounds: int = ROUNDS, warm_ups: int = 1
) -> list[Comparison]:
    """Compare the same rounds of a subject with each of its controls."""
    *in_controls, in_subject = alternate([*controls, subject], rounds=rounds, warm_ups=warm_ups)
    return [Comparison(subject=in_subject, control=sample) for sample in in_controls]


def alternate(sides: Sequence[Measure], *, rounds: int = ROUNDS, warm_ups: int = 1) -> list[Sample]:
    """Run `warm_ups` rounds of each, then alternate `rounds` of each."""
    warm_up(sides, warm_ups)
    taken = [[side() for side in sides] for _ in range(rounds)]
    return [Sample(tuple(figures)) for figures in zip(*taken, strict=True)]


def warm_up(sides: Sequence[Measure], rounds: int = 1) -> None:
    for side in [*sides] * rounds:
        side()


def compare_until_stable(
    control: Measure,
    subject: Measure,
    *,
    rounds: int = ROUNDS,
    warm_ups: int = 1,
    max_runs: int = MAX_RUNS,
) -> Comparison:
    """Warm up once, and compare again while the control is unstable."""
    warm_up([control, subject], warm_ups)
    return most_stable(
        lambda: compare(control, subject, rounds=rounds, warm_ups=0), max_runs=max_runs
    )


def most_stable(run: Callable[[], Comparison], *, max_runs: int = MAX_RUNS) -> Comparison:
    """Repeat a run while its control is unstable; return the run with the most stable control."""
    (comparison,) = most_stable_of_each(lambda: [run()], max_runs=max_runs)
    return comparison


def most_stable_of_each(
    run: Callable[[], list[Comparison]], *, max_runs: int = MAX_RUNS
) -> list[Comparison]:
    """Repeat a run while one of its controls is unstable; the worst control of a run counts."""
    begun, runs = perf_counter(), [run()]
    while (
        any(comparison.is_unstable for comparison in runs[-1])
        and len(runs) < max_runs
        and perf_counter() - begun < REPEATED_FOR
    ):
        runs.append(run())
    return min(runs, key=lambda run: max(comparison.control.spread for comparison in run))


def alone(subject: Measure, *, rounds: int = ROUNDS, max_runs: int = MAX_RUNS) -> Sample:
    """Measure a figure without a control; repeat it while it is unstable."""
    subject()
    begun, samples = perf_counter(), [Sample(tuple(subject() for _ in range(rounds)))]
    while (
        samples[-1].is_unstable
        and len(samples) < max_runs
        and perf_counter() - begun < REPEATED_FOR
    ):
        samples.append(Sample(tuple(subject() for _ in range(rounds))))
    return min(samples, key=lambda sample: sample.spread)


def seconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def times(step: Callable[[], object], count: int) -> list[float]:
    """Return the seconds of each of `count` calls."""
    return [seconds(step) for _ in range(count)]


def p50(taken: Sequence[float]) -> float:
    return median(taken)


def p95(taken: Sequence[float]) -> float:
    return quantiles(taken, n=20, method="inclusive")[-1]


def p99(taken: Sequence[float]) -> float:
    return quantiles(taken, n=100, method="inclusive")[-1]
