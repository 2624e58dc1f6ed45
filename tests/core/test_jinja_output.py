"""Templates write the same text as with Jinja's own generator, whatever the values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

import pytest
from django.utils.functional import lazystr
from django.utils.html import format_html
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from core.jinja_output import OutputEnvironment, escaped

TEXT = st.one_of(st.text(), st.text("<>&'\"a "))
VALUES = st.one_of(
    TEXT,
    TEXT.map(Markup),
    TEXT.map(SafeString),
    TEXT.map(lazystr),
    st.integers(),
    st.booleans(),
    st.none(),
    st.lists(TEXT),
)
# Each way in which a value is written, captured and written again.
SOURCE = """
{%- macro cell(value) %}<td title="{{ value }}">{{ value }}</td>{% endmacro -%}
{%- macro row(value) %}<tr>{{ value }}{{ caller() }}</tr>{% endmacro -%}
{% set kept %}<b>{{ value }}</b>{% endset %}
{{ value }}{{ kept }}{{ cell(value) }}{{ value ~ "<i>" ~ value }}{{ "<" }}{{ value|string }}
{% call row(value) %}{{ kept }}{% endcall %}{% filter upper %}{{ value }}{% endfilter %}
{% autoescape false %}{{ value }}{% endautoescape %}
"""


class Loud(str):
    """Text of another type than str, as an input may become."""


@given(VALUES)
def test_value_is_escaped_as_markupsafe_does(value: object) -> None:
    assert escaped(value) == str(escape(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("<script>", "&lt;script&gt;"),
        ("\"'&", "&#34;&#39;&amp;"),
        (Loud("<b>"), "&lt;b&gt;"),
        (Markup("<b>"), "<b>"),
        (format_html("<b>{}</b>", "<"), "<b>&lt;</b>"),
        (lazystr("<b>"), "&lt;b&gt;"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (7, "7"),
        (True, "True"),
        (None, "None"),
    ],
)
def test_only_text_that_is_not_markup_is_escaped(value: object, text: str) -> None:
    assert escaped(value) == text


@given(VALUES)
def test_template_is_drawn_as_with_the_stock_environment(value: object) -> None:
    drawn, expected = (
        kind(autoescape=True, undefined=StrictUndefined).from_string(SOURCE).render(value=value)
        for kind in (OutputEnvironment, Environment)
    )

    assert drawn == expected


INCLUDING: Final = {
    "page": "{% extends 'base' %}{% block main %}{% set n = 2 %}{% include 'row' %}{% endblock %}",
    "base": "<{% block main %}{% endblock %}|{% for n in (3, 4) %}{% include 'row' %}{% endfor %}>",
    "row": "{{ n }}{{ value }}{% filter upper %}{% include 'cell' %}{% endfilter %}",
    "cell": "{% set n = 5 %}a{{ n }}{% include ['missing', 'rest'] %}",
    "rest": "{% include 'missing' ignore missing %}{% include 'alone' without context %}",
    "alone": "{{ n is defined }}",
}


@given(VALUES)
def test_included_template_is_drawn_as_with_the_stock_environment(value: object) -> None:
    drawn, expected = (
        kind(loader=DictLoader(INCLUDING), autoescape=True).get_template("page").render(value=value)
        for kind in (OutputEnvironment, Environment)
    )

    assert drawn == expected


def test_included_text_is_written_as_one() -> None:
    environment = OutputEnvironment(loader=DictLoader(INCLUDING))

    (text,) = environment.from_string("{% include 'row' %}").generate(n=1, value="x")

    assert text.startswith("1x")


def test_missing_value_is_an_error() -> None:
    template = OutputEnvironment(autoescape=True, undefined=StrictUndefined).from_string("{{ x }}")

    with pytest.raises(UndefinedError, match="'x' is undefined"):
        template.render()


def test_values_are_written_by_the_quick_function() -> None:
    environment = OutputEnvironment(autoescape=True)

    assert "environment.escaped(" in environment.compile("{{ value }}", raw=True)
