import pytest

from leads.stages import Stage
from leads.templatetags.badges import stage_badge, temperature_badge


@pytest.mark.parametrize(
    ("stage", "reached"),
    [(Stage.NEW, 1), (Stage.MQL, 3), (Stage.WON, 7), (Stage.LOST, 0), (Stage.NURTURE, 0)],
)
def test_stage_badge_shows_name_and_funnel_progress(stage: Stage, reached: int) -> None:
    badge = stage_badge(stage.value)

    assert badge.count('class="reached"') == reached
    assert badge.count("<i") == (7 if reached else 0)
    assert f"{stage.label}</span>" in badge


@pytest.mark.parametrize(
    ("code", "icon", "name"),
    [("hot", "#hot", "Hot"), ("warm", "#sun", "Warm"), ("cold", "#cold", "Cold")],
)
def test_temperature_badge_does_not_rely_on_color(code: str, icon: str, name: str) -> None:
    badge = temperature_badge(code)

    assert icon in badge
    assert f"{name}</span>" in badge
