"""An environment whose `{{ ... }}` write the same text as Jinja's, in a quarter of the time.

Jinja makes a Markup object of every value, of which a page has hundreds to thousands, only to join
them all. Most are text without a character to escape, markup already, or numbers.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from django.utils.safestring import SafeString
from jinja2 import Environment
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Const, Expr, Include
from markupsafe import Markup, escape

MARKUP: Final = frozenset({Markup, SafeString})


def escaped(value: Any) -> str:
    """Return the text of `markupsafe.escape(value)`, as any type of string."""
    kind = type(value)
    text: str = value
    if kind is str:
        if "<" in text or "&" in text or '"' in text or "'" in text or ">" in text:
            return (
                text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace('"', "&#34;")
            )
        return text
    if kind is int:
        return str(value)
    return text if kind in MARKUP else escape(value)


class OutputGenerator(CodeGenerator):
    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")

    def visit_Include(self, node: Include, frame: Frame) -> None:
        """Write the included text as one: Jinja hands each of its parts through all templates."""
        if node.ignore_missing or not node.with_context or not isinstance(node.template, Const):
            super().visit_Include(node, frame)
            return
        self.writeline(f"template = environment.get_template({node.template.value!r}, ", node)
        self.write(f"{self.name!r})")
        local = self.dump_local_context(frame)
        context = f"template.new_context(context.get_all(), True, {local})"
        self.simple_write(f"concat(template.root_render_func({context}))", frame)


class OutputEnvironment(Environment):
    code_generator_class = OutputGenerator
    escaped = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return one mapping: Jinja's two in a chain are searched in Python for every macro."""
        return {**self.globals, **(d or {})}
