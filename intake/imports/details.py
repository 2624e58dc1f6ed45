"""Collect details beside the counts: reasons, new codes, dates, stages and assignments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from core.formatting import count_text, counted, date_text
from intake.imports.reader import BadLine

MAX_GROUPS: Final = 200
MAX_LINES: Final = 5
MAX_VALUES: Final = 20
MAX_SAMPLES: Final = 3
QUOTED: Final = re.compile(r"“([^”]*)”")
# A reason is the same whatever value, lead or date it names.
VARIABLE: Final = re.compile(r"“[^”]*”|\bLead \d+|\b[A-Z][a-z]{2} \d{1,2}, \d{4}")
# A live lead is worked today; one that asked longer ago is history.
OLD_AFTER: Final = timedelta(days=365)


@dataclass(slots=True)
class ReasonGroup:
    """Reasons that differ only in the values that they name."""

    reason: str
    count: int = 0
    lines: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def add(self, number: int, reason: str) -> None:
        self.count += 1
        if len(self.lines) < MAX_LINES:
            self.lines.append(number)
        value = QUOTED.search(reason)
        if value and value[1] not in self.values and len(self.values) < MAX_VALUES:
            self.values.append(value[1])

    def __str__(self) -> str:
        numbers = ", ".join(map(str, self.lines)) + (", …" if self.count > len(self.lines) else "")
        others = f" Also: {', '.join(f'“{value}”' for value in self.values[1:])}."
        return (
            f"{counted(self.count, 'line', 'lines')} ({numbers}): {self.reason}"
            f"{others if self.values[1:] else ''}"
        )


@dataclass(slots=True)
class NewCode:
    """A source or campaign that the file brings; `similar` is a known one that reads alike."""

    kind: str
    name: str
    similar: str = ""
    lines: int = 0

    def __str__(self) -> str:
        text = f"{self.kind} “{self.name}” ({counted(self.lines, 'line', 'lines')})"
        return f"{text}, which is similar to “{self.similar}”" if self.similar else text


@dataclass(frozen=True, slots=True)
class Sample:
    """A line as the import reads it."""

    line: int
    values: Mapping[str, str]

    def __str__(self) -> str:
        return "; ".join(f"{name}: {value}" for name, value in self.values.items())


@dataclass(slots=True)
class ImportDetails:
    """Bounded, so that memory does not grow with the file."""

    reasons: dict[str, ReasonGroup] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    codes: dict[tuple[str, str], NewCode] = field(default_factory=dict)
    stages: Counter[str] = field(default_factory=Counter)
    assignments: Counter[tuple[str, str]] = field(default_factory=Counter)
    first_date: datetime | None = None
    last_date: datetime | None = None
    old_live_lines: int = 0

    def add_reasons(self, bad: BadLine) -> None:
        for reason in bad.parts or (bad.reason,):
            key = VARIABLE.sub("“”", reason)
            if key not in self.reasons and len(self.reasons) >= MAX_GROUPS:
                key = "…"
            group = self.reasons.setdefault(key, ReasonGroup(reason if key != "…" else key))
            group.add(bad.number, reason)

    def add_sample(self, line: int, values: Mapping[str, object]) -> None:
        if len(self.samples) < MAX_SAMPLES:
            self.samples.append(Sample(line, {name: str(value) for name, value in values.items()}))

    def add_dates(self, dates: Collection[datetime]) -> None:
        if dates:
            self.first_date = min([*filter(None, [self.first_date]), *dates])
            self.last_date = max([*filter(None, [self.last_date]), *dates])

    def add_code(self, new: NewCode) -> None:
        code = self.codes.setdefault((new.kind, new.name), replace(new))
        code.lines += 1

    def add_assignments(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.assignments.update(pairs)

    def as_json(self) -> dict[str, Any]:
        return {
            "reasons": [
                {
                    "reason": group.reason,
                    "count": group.count,
                    "lines": group.lines,
                    "values": group.values,
                }
                for group in self.sorted_reasons()
            ],
            "new_codes": [
                {
                    "kind": code.kind,
                    "name": code.name,
                    "lines": code.lines,
                    "similar": code.similar,
                }
                for code in self.codes.values()
            ],
            "samples": [{"line": sample.line, **sample.values} for sample in self.samples],
            "stages": dict(self.stages.most_common()),
            "assignments": [
                {"rule": rule, "to": to, "leads": leads}
                for (rule, to), leads in self.assignments.most_common()
            ],
            "first_date": self.first_date.isoformat() if self.first_date else None,
            "last_date": self.last_date.isoformat() if self.last_date else None,
            "old_live_lines": self.old_live_lines,
        }

    def sorted_reasons(self) -> list[ReasonGroup]:
        return sorted(self.reasons.values(), key=lambda group: -group.count)

    def lines(self, *, is_dry_run: bool) -> Iterator[str]:
        """Describe what was found, a sentence a line, for the person who imports."""
        for sample in self.samples if is_dry_run else ():
            yield f"Line {sample.line} is read as {sample}"
        if self.first_date and self.last_date:
            yield f"Dates: {date_text(self.first_date)} to {date_text(self.last_date)}."
        if self.old_live_lines:
            lines = counted(self.old_live_lines, "line is", "lines are")
            yield (
                f"Warning: {lines} more than a year old, and live leads start SLA timers today. "
                "Use --historical to import them as history."
            )
        for code in self.codes.values():
            yield f"{'Would create' if is_dry_run else 'Created'} {code}."
        if self.stages:
            stages = (f"{stage} {count_text(count)}" for stage, count in self.stages.most_common())
            yield f"New leads by stage: {', '.join(stages)}."
        for (rule, to), leads in self.assignments.most_common():
            yield f"{counted(leads, 'lead', 'leads')} by “{rule}”: {to}"
        for group in self.sorted_reasons():
            yield str(group)
