"""The criteria language over the facts of a lead."""

from typing import Any

from core.criteria import tree
from core.criteria.fields import Catalogue
from core.criteria.tree import Condition, Tree
from leads.field_catalog import CATALOGUE


def parse(data: object, catalogue: Catalogue = CATALOGUE) -> Tree:
    return tree.parse(data, catalogue)


def make_condition(
    code: object, operator: object, value: Any = None, catalogue: Catalogue = CATALOGUE
) -> Condition:
    return tree.make_condition(code, operator, value, catalogue)
