"""Turn criteria into text, and explain a result condition by condition as JSON-ready values."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from core.criteria.evaluate import all_of, any_of, compile_condition
from core.criteria.fields import Facts, Field, FieldType
from core.criteria.operators import Takes
from core.criteria.tree import AllOf, AnyOf, Condition, Not, Tree

# {"field", "words", "actual", "passed"} for a condition, {"all" | "any" | "not", "passed"} for a
# group.
Explanation = dict[str, Any]
Explainer = Callable[[Facts], Explanation]


def explain(tree: Tree, facts: Facts) -> Explanation:
    return compile_explainer(tree)(facts)


def compile_explainer(tree: Tree) -> Explainer:
    """Compile an explainer, which evaluates every condition and keeps its actual value."""
    if isinstance(tree, Condition):
        return _condition(tree)
    if isinstance(tree, Not):
        return _negated(compile_explainer(tree.part))
    parts = [compile_explainer(part) for part in tree.parts]
    if isinstance(tree, AllOf):
        return _group("all", parts, all_of)
    return _group("any", parts, any_of)


def explained_conditions(explanation: Explanation) -> Iterator[Explanation]:
    """Yield the conditions of an explanation, left to right."""
    if "field" in explanation:
        yield explanation
    elif "not" in explanation:
        yield from explained_conditions(explanation["not"])
    else:
        for part in explanation["all" if "all" in explanation else "any"]:
            yield from explained_conditions(part)


def in_words(tree: Tree) -> str:
    if isinstance(tree, Condition):
        return condition_in_words(tree)
    if isinstance(tree, Not):
        return f"not ({in_words(tree.part)})"
    if not tree.parts:
        return "every lead"
    joint = " and " if isinstance(tree, AllOf) else " or "
    return joint.join(_nested_in_words(part) for part in tree.parts)


def condition_in_words(condition: Condition) -> str:
    field, operator, value = condition.field, condition.operator, condition.value
    if field.phrases and operator.code == "is":
        return field.phrases[0 if value else 1]
    text = f"{field.label} {operator.label}"
    if operator.takes is Takes.NOTHING:
        return text
    if operator.takes is Takes.ONE:
        text = f"{text} {field.value_in_words(value)}"
    else:
        joint = ", " if operator.takes is Takes.SEVERAL else " and "
        text = f"{text} {joint.join(map(field.value_in_words, value))}"
    return f"{text} {field.unit}".rstrip()


def fact_in_words(field: Field, actual: Any) -> str:
    """Return text such as “Company size: 250 employees”."""
    if actual is None or actual == "":
        actual = field.when_absent
    if actual is None:
        return f"{field.label}: unknown"
    return f"{field.label}: {field.value_in_words(actual)} {field.unit}".rstrip()


def _nested_in_words(part: Tree) -> str:
    is_group = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    return f"({in_words(part)})" if is_group else in_words(part)


def _condition(condition: Condition) -> Explainer:
    matches, words = compile_condition(condition), condition_in_words(condition)
    code, when_absent = condition.field.code, condition.field.when_absent

    def explained(facts: Facts) -> Explanation:
        actual = facts.get(code)
        if actual is None:
            actual = when_absent
        return {"field": code, "words": words, "actual": actual, "passed": matches(facts)}

    def explained_moment(facts: Facts) -> Explanation:
        explanation = explained(facts)
        if isinstance(explanation["actual"], datetime):
            explanation["actual"] = explanation["actual"].isoformat()
        return explanation

    return explained_moment if condition.field.type is FieldType.MOMENT else explained


def _negated(part: Explainer) -> Explainer:
    def explained(facts: Facts) -> Explanation:
        inner = part(facts)
        answer = inner["passed"]
        return {"not": inner, "passed": None if answer is None else not answer}

    return explained


def _group(
    kind: str, parts: list[Explainer], combine: Callable[[list[bool | None]], bool | None]
) -> Explainer:
    def explained(facts: Facts) -> Explanation:
        answers = []
        explanations = []
        for part in parts:
            explanation = part(facts)
            explanations.append(explanation)
            answers.append(explanation["passed"])
        return {kind: explanations, "passed": combine(answers)}

    return explained
