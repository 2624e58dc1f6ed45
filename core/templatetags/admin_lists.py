from __future__ import annotations

from django import template
from django.contrib.admin import BooleanFieldListFilter
from django.contrib.admin.views.main import ChangeList
from django.utils.safestring import SafeString

from core.result_table import result_table as table_of
from core.templatetags.jinja import include_jinja

register = template.Library()


@register.simple_tag
def result_table(cl: ChangeList) -> SafeString:
    return include_jinja("admin/result_table.jinja", cl=cl, table=table_of(cl))


@register.simple_tag
def list_filters(cl: ChangeList) -> SafeString:
    filters = [
        (spec.title, spec.choices(cl), isinstance(spec, BooleanFieldListFilter))
        for spec in cl.filter_specs
    ]
    return include_jinja("admin/list_filters.jinja", cl=cl, filters=filters)
