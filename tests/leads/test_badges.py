import pytest

from leads.stages import Stage
from leads.templatetags.badges import stage_badge, temperature_badge


@pytest.mark.parametrize(
    ("stage", "reached"),
    [(Stage.NEW, 1), (Stage.MQL, 3), (Stage.WON, 7), (Stage.LOST, 0), (Stage.NURTURE, 0)],
)
def test_a_stage_says_its_name_and_shows_how_far_along_the_funnel_it_is(
    stage: Stage, reached: int
) -> None:
    badge = stage_badge(stage.value)

    assert badge.count('class="reached"') == reached
    assert badge.count("<i") == (7 if reached else 0)
    assert f"{stage.label}</span>" in badge


@pytest.mark.parametrize(
    ("code", "icon", "name"),
    [("hot", "#hot", "Hot"), ("warm", "#sun", "Warm"), ("cold", "#cold", "Cold")],
)
def test_a_temperature_is_told_by_word_and_drawing_not_by_color_alone(
    code: str, icon: str, name: str
) -> None:
    badge = temperature_badge(code)

    assert icon in badge
    assert f"{name}</span>" in badge
