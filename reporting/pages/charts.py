"""Geometry of the charts: numbers in, positions out, without templates or colors.

A plot is drawn in a box of 1000 by 1000 that the page stretches. Text is placed outside of it in
percent, so that it keeps its size at any width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, log10
from typing import Final, NamedTuple

from core.formatting import NO_VALUE, count_text, number_text, percent_text

BOX: Final = 1000
MIN_LABELED_WIDTH: Final = 6.0  # percent of a bar; in a narrower part the figure does not fit
HEAT_LEVELS: Final = 10
MIN_AXIS_VALUE: Final = 1e-6  # less than this counts as zero

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """One line; a value of None leaves a gap. `notes` say what each value was counted from."""

    label: str
    values: Sequence[float | None]
    has_area: bool = False
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Line:
    """`young` is the path of the values that may still change."""

    label: str
    path: str
    area: str
    end: Point | None
    young: str = ""


@dataclass(frozen=True)
class Tick:
    place: float
    label: str
    is_minor: bool = False


class PointValue(NamedTuple):
    """`series` counts from 1; without `y` there is no value to mark."""

    series: int
    label: str
    text: str
    note: str
    y: float | None


@dataclass(frozen=True)
class ChartPoint:
    """All values at one label of the x axis, which a reader can point at or move to.

    `is_late` is set in the second half, where there is no space to the right, and `is_middle` in
    the middle third.
    """

    label: str
    values: Sequence[PointValue]
    is_late: bool
    is_middle: bool
    young_label: str = ""

    @property
    def spoken(self) -> str:
        values = [
            f"{value.label} {value.text}{f' ({value.note})' if value.note else ''}"
            for value in self.values
        ]
        young = f" {self.young_label}." if self.young_label else ""
        return f"{self.label}: {', '.join(values)}.{young}"


@dataclass(frozen=True)
class LineChart:
    summary: str
    lines: Sequence[Line]
    y_ticks: Sequence[Tick]
    grid: Sequence[float]
    x_ticks: Sequence[Tick]
    points: Sequence[ChartPoint]
    target: float | None
    target_label: str
    young_label: str
    table_head: Sequence[str]
    table_rows: Sequence[Sequence[str]]


def line_chart(
    *,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    target: float | None = None,
    target_label: str = "",
    summary: str = "",
    mature: int | None = None,
    young_label: str = "",
) -> LineChart:
    """Draw up to four series over the same labels, with an optional target line.

    All values but the first `mature` ones are drawn as young.
    """
    mature = len(labels) if mature is None else mature
    known = [value for line in series for value in line.values if value is not None]
    scale = ticks(max([*known, target or 0], default=0))
    top = scale[-1]
    xs = spread(len(labels))
    texts = [[value_text(value, unit) for value in line.values] for line in series]
    return LineChart(
        summary=summary or _summary(labels, series, unit),
        lines=[_line(line, xs, top, mature) for line in series],
        y_ticks=[Tick(_y(value, top) / 10, value_text(value, unit)) for value in scale],
        grid=[_y(value, top) for value in scale],
        x_ticks=_x_ticks(labels, xs),
        points=_points(labels, series, texts, top, mature, young_label),
        target=None if target is None else _y(target, top),
        target_label=target_label,
        young_label=young_label if mature < len(labels) else "",
        table_head=["", *(line.label for line in series)],
        table_rows=[
            [label if place < mature else f"{label} ({young_label})", *row]
            for place, (label, *row) in enumerate(zip(labels, *texts, strict=True))
        ],
    )


def ticks(highest: float, about: int = 4) -> list[float]:
    """Return round steps from zero to at least `highest`: 1, 2 or 5 times a power of ten."""
    if highest < MIN_AXIS_VALUE:
        return [0.0, 1.0]
    rough = highest / about
    magnitude = 10.0 ** floor(log10(rough))
    step = next(f * magnitude for f in (1, 2, 5, 10) if f * magnitude >= rough * 0.999)
    return [round(step * i, 10) for i in range(ceil(highest / step - 1e-9) + 1)]


def spread(number: int) -> list[float]:
    """Return even positions from edge to edge of the box; a single one is in the middle."""
    if number == 1:
        return [BOX / 2]
    return [round(BOX * i / (number - 1), 2) for i in range(number)]


def value_text(value: float | None, unit: str = "") -> str:
    return NO_VALUE if value is None else f"{number_text(value, decimals=1)}{unit}"


def _y(value: float, top: float) -> float:
    return round(BOX - BOX * value / top, 2)


def _line(series: Series, xs: Sequence[float], top: float, mature: int) -> Line:
    runs = _runs(series.values, xs, top)
    path = _path(_runs(series.values[:mature], xs[:mature], top))
    young = ""
    if mature < len(series.values):
        # From the last mature value on, so that the two stretches meet.
        start = max(mature - 1, 0)
        young = _path(_runs(series.values[start:], xs[start:], top))
    area = ""
    if series.has_area:
        area = " ".join(
            f"M{run[0][0]:g} {BOX} L"
            + " L".join(f"{x:g} {y:g}" for x, y in run)
            + f" L{run[-1][0]:g} {BOX} Z"
            for run in runs
        )
    return Line(series.label, path, area, runs[-1][-1] if runs else None, young)


def _path(runs: Sequence[Sequence[Point]]) -> str:
    return " ".join("M" + " L".join(f"{x:g} {y:g}" for x, y in run) for run in runs)


def _runs(values: Sequence[float | None], xs: Sequence[float], top: float) -> list[list[Point]]:
    points = [(x, None if v is None else _y(v, top)) for x, v in zip(xs, values, strict=True)]
    grouped = groupby(points, key=lambda point: point[1] is None)
    return [[(x, y) for x, y in run if y is not None] for is_gap, run in grouped if not is_gap]


def _x_ticks(labels: Sequence[str], xs: Sequence[float]) -> list[Tick]:
    """Return at most eight labels; every other one is hidden on a narrow screen."""
    every = max(1, ceil(len(labels) / 8))
    shown = range(0, len(labels), every)
    return [Tick(xs[i] / 10, labels[i], is_minor=n % 2 == 1) for n, i in enumerate(shown)]


def _points(
    labels: Sequence[str],
    series: Sequence[Series],
    texts: Sequence[Sequence[str]],
    top: float,
    mature: int,
    young_label: str,
) -> list[ChartPoint]:
    points = []
    for i, label in enumerate(labels):
        values = [
            PointValue(
                number,
                line.label,
                text[i],
                line.notes[i] if line.notes else "",
                None if (value := line.values[i]) is None else _y(value, top),
            )
            for number, (line, text) in enumerate(zip(series, texts, strict=True), start=1)
        ]
        young = young_label if i >= mature else ""
        is_middle = len(labels) <= 3 * i + 1 < 2 * len(labels)
        points.append(ChartPoint(label, values, 2 * i >= len(labels), is_middle, young))
    return points


def _summary(labels: Sequence[str], series: Sequence[Series], unit: str) -> str:
    if not labels:
        return "No data."
    ends = [
        f"{label} from {value_text(values[0], unit)} to {value_text(values[-1], unit)}"
        for label, values in ((line.label, line.values) for line in series)
    ]
    return f"{labels[0]} to {labels[-1]}: {'; '.join(ends)}."


@dataclass(frozen=True)
class Sparkline:
    path: str
    area: str
    end: Point | None
    young: str = ""
    young_label: str = ""


def sparkline(
    values: Sequence[float | None], mature: int | None = None, young_label: str = ""
) -> Sparkline:
    """Draw only the shape, scaled from the lowest to the highest value."""
    mature = len(values) if mature is None else mature
    known = [value for value in values if value is not None]
    if not known:
        return Sparkline("", "", None)
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    raised = [None if v is None else 0.1 + 0.8 * (v - low) / span for v in values]
    flat = [None if v is None else 0.5 for v in values]
    shape = Series("", raised if high > low else flat, has_area=True)
    line = _line(shape, spread(len(values)), 1, mature)
    return Sparkline(line.path, line.area, line.end, line.young, young_label if line.young else "")


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    width: float
    of: int | None = None
    href: str = ""


def funnel(steps: Sequence[tuple[str, int, str]]) -> list[Bar]:
    """Return bars relative to the longest one; `of` is the count of the step before."""
    longest = max((count for _, count, _ in steps), default=0) or 1
    before = [None, *(count for _, count, _ in steps)]
    return [
        Bar(label, count, round(100 * count / longest, 2), of, href)
        for (label, count, href), of in zip(steps, before, strict=False)
    ]


@dataclass(frozen=True)
class Segment:
    """`place` counts the parts from 1; `note` says the part in words: 33 of 120, 28%.

    `href` is the list behind its count.
    """

    place: int
    label: str
    count: int
    left: float
    width: float
    text: str
    note: str
    href: str

    @property
    def middle(self) -> float:
        return round(self.left + self.width / 2, 2)


@dataclass(frozen=True)
class ShareRow:
    label: str
    segments: Sequence[Segment]
    total: int
    href: str = ""


class Part(NamedTuple):
    label: str
    size: int
    href: str = ""


def share_row(label: str, parts: Sequence[Part], href: str = "") -> ShareRow:
    """Return one stacked bar of 100%; a part shows its percentage if it is wide enough."""
    total = sum(part.size for part in parts)
    segments = []
    left = 0.0
    for place, (name, count, behind) in enumerate(parts, start=1):
        width = 100 * count / total if total else 0.0
        text = f"{width:.0f}" if width >= MIN_LABELED_WIDTH else ""
        note = f"{count_text(count)} of {count_text(total)}, {percent_text(count, total)}"
        start = round(left, 3)
        segments.append(Segment(place, name, count, start, round(width, 3), text, note, behind))
        left += width
    return ShareRow(label, segments, total, href)


@dataclass(frozen=True)
class HeatCell:
    """`level` 0 to 9 is the background, None if there is no data; `note` is a small share."""

    text: str
    level: int | None
    title: str = ""
    href: str = ""
    is_recent: bool = False
    note: str = ""


class HeatRow(NamedTuple):
    """`href` is where the name of the row leads, if it has a page."""

    name: str
    cells: Sequence[HeatCell]
    href: str = ""


@dataclass(frozen=True)
class HeatMap:
    """`highest` is what the darkest color stands for, if any cell has one; `few_label` says which
    rows have no color."""

    corner: str
    columns: Sequence[str]
    rows: Sequence[HeatRow]
    highest: str
    few_label: str = ""


def heat_level(value: float, highest: float) -> int:
    """Return 0 only for zero, so that every count shows at least some color."""
    if value <= 0 or highest <= 0:
        return 0
    return min(HEAT_LEVELS - 1, max(1, ceil((HEAT_LEVELS - 1) * value / highest)))
