"""Apply the criteria language to the facts of a lead."""

from typing import Any

from core.criteria import tree
from core.criteria.fields import Catalog
from core.criteria.tree import Condition, Tree
from leads.field_catalog import CATALOG


def parse(data: object, catalog: Catalog = CATALOG) -> Tree:
    return tree.parse(data, catalog)


def make_condition(
    code: object, operator: object, value: Any = None, catalog: Catalog = CATALOG
) -> Condition:
    return tree.make_condition(code, operator, value, catalog)
