"""WCAG 2.2 AA, read from the colors themselves: 4.5 to 1 for words, 3 to 1 for outlines."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = Path(settings.BASE_DIR, "static/css/tokens.css").read_text()
COLORS = {
    name: (light, dark or light)
    for name, light, dark in re.findall(
        r"--([\w-]+): (?:light-dark\()?(#\w{6})(?:, (#\w{6})\))?;", TOKENS
    )
}
GROUNDS = ["page", "surface", "sunken", "raised", "hover", "selected"]
WORDS = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "ink-faint") for ground in GROUNDS],
    *[(tone, ground) for tone in ("accent", "good", "warn", "bad") for ground in GROUNDS],
    *[(tone, f"{tone}-soft") for tone in ("accent", "good", "warn", "bad")],
    *[("ink", f"{tone}-soft") for tone in ("accent", "good", "warn", "bad")],
    ("ink-faint", "accent-soft"),
    ("on-toast", "toast"),
    ("on-accent", "accent-solid"),
    ("on-accent", "accent-solid-hover"),
    ("on-accent", "bad-solid"),
    *[("on-share", f"share-{n}") for n in range(1, 6)],
    *[("on-heat", f"h{n}") for n in range(7)],
    *[("on-heat-strong", f"h{n}") for n in range(7, 10)],
]
OUTLINES = [
    ("line-strong", "surface"),
    ("line-strong", "raised"),
    *[(f"series-{n}", "surface") for n in range(1, 5)],
]


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_text_contrast_meets_wcag(ink: str, ground: str) -> None:
    for first, second in zip(COLORS[ink], COLORS[ground], strict=True):
        assert contrast(first, second) >= 4.5


@pytest.mark.parametrize(("line", "ground"), OUTLINES)
def test_outline_and_chart_line_contrast_meets_wcag(line: str, ground: str) -> None:
    for first, second in zip(COLORS[line], COLORS[ground], strict=True):
        assert contrast(first, second) >= 3


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
