#!/usr/bin/env python3
"""Check the words of code, templates and documents: script/check_words.py [--counts] [PATH ...]

Read the files that git tracks (or only those under PATH), print `path:line: pattern: suggestion`
for each finding and exit 1 if there is one. `--counts` prints a table by pattern and top folder.
The words themselves are explained in docs/glossary.md.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
TEMPLATES: Final = frozenset({".html", ".jinja"})
SUFFIXES: Final = TEMPLATES | {".py", ".md", ".js", ".css", ".txt", ".toml", ".yml"}
# Migrations are history, locks and dumps are made by programs, and two files list bad words.
SKIPPED: Final = (
    "*/migrations/*",
    "requirements/*",
    "tests/fixtures/*",
    "script/check_words.py",
    "tests/test_check_words.py",
)

# The kinds of text that a file consists of. SCREEN is what a template shows, NAME an identifier,
# BINDING the name of a variable or argument where it gets its value.
DOCSTRING: Final = "docstring"
COMMENT: Final = "comment"
STRING: Final = "string"
PROSE: Final = "prose"
SCREEN: Final = "screen"
NAME: Final = "name"
TEST: Final = "test"
BINDING: Final = "binding"
SENTENCES: Final = frozenset({DOCSTRING, COMMENT, STRING, PROSE, SCREEN})
EVERYWHERE: Final = SENTENCES | {NAME, TEST}


class Segment(NamedTuple):
    kind: str
    line: int
    text: str
    last_line: int = 0  # set where the text's own line ends do not count lines


class Pattern(NamedTuple):
    name: str
    regex: re.Pattern[str]
    suggestion: str  # may refer to groups of the match, as in r"\1ize"
    kinds: frozenset[str]
    outside: tuple[str, ...] = ()


class Allowed(NamedTuple):
    """A finding to keep: of `pattern`, in files like `path`, where the match is like `text`."""

    pattern: str
    path: str
    text: str
    reason: str


class Finding(NamedTuple):
    path: str
    line: int
    pattern: str
    match: str
    suggestion: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.pattern}: “{self.match}”: {self.suggestion}"


ALLOWED: Final = (
    Allowed("*", "docs/glossary.md", "*", "its last column lists the words to avoid"),
    Allowed("*", "CHANGELOG.md", "*", "old names that have changed"),
    Allowed("term", "intake/imports/mapping.py", "seller", "maps with the old name still load"),
    Allowed("term", "tests/intake/test_mapping.py", "seller", "maps with the old name still load"),
    Allowed("e-mail", "intake/imports/example_map.py", "e-mail", "columns of other systems"),
    Allowed("british", "intake/imports/example_map.py", "organisation", "a column elsewhere"),
    Allowed("e-mail", "tests/intake/test_example_map.py", "e-mail", "a column of another system"),
    Allowed("metaphor", "*.py", "hop", "a column and a key of stored events"),
    Allowed("metaphor", "workspace/urls.py", "desk", "the former address, which redirects"),
    Allowed("metaphor", "tests/journeys/access.py", "desk", "the former address, which redirects"),
    Allowed("semicolon", "templates/admin/color_style.html", "*", "rules of CSS"),
    Allowed("nobody", "handoff/admin/rule_editor/editing.py", "nobody", "part of when_nobody"),
    Allowed("nobody", "handoff/admin/rule_editor/forms.py", "nobody", "part of when_nobody"),
    Allowed("nobody", "handoff/admin/rule_editor/values.py", "nobody", "part of when_nobody"),
    Allowed("nobody", "handoff/routing/trace.py", "nobody", "a code in stored traces"),
    Allowed("semicolon", "templates/api/guide.html", "*requests*", "the value of a header"),
    Allowed("term", "handoff/models/answers.py", "promise", "a stored code"),
    Allowed("term", "handoff/notice_kinds.py", "sent back", "a stored code"),
    Allowed("term", "handoff/lead_filters.py", "sent back", "the filter's old name still works"),
    Allowed("term", "tests/api/test_leads_api.py", "sent back", "the filter's old name"),
    Allowed("term", "tests/workspace/test_returned.py", "sent back", "the filter's old name"),
    Allowed("bare-who", "handoff/models/handoffs.py", "by who", "the name of an index"),
    Allowed("nobody", "tools/devserver/embedded/system.py", "nobody", "the system user"),
)


def pattern(
    name: str,
    regex: str,
    suggestion: str,
    kinds: Iterable[str] = EVERYWHERE,
    *,
    outside: tuple[str, ...] = (),
    any_case: bool = True,
) -> Pattern:
    """Compile `regex`, where a blank stands for any white space, so that lines may end there."""
    flags = re.IGNORECASE if any_case else re.NOFLAG
    compiled = re.compile(regex.replace(" ", r"\s+"), flags)
    return Pattern(name, compiled, suggestion, frozenset(kinds), outside)


# ¶ stands for the markup between two pieces of text.
SENTENCE_START: Final = r"(?:\A|[.!?:;¶]|\n\s*(?:[-*#>|]+|\d+\.))\s*"
NOT_A_QUESTION: Final = r"(?![^.?!¶]*\?)"
AFTER_NO: Final = (
    "longer|such|match|one|good|different|better|worse|more|less|fewer|sooner|later|earlier|faster|"
    "slower|larger|bigger|smaller|shorter|higher|lower|older|newer|wider|heavier|easier|harder"
)
ISE_STEMS: Final = (
    "anonym|apolog|author|capital|categor|central|character|critic|custom|digit|emphas|equal|"
    "final|formal|general|harmon|initial|international|item|legal|local|material|maxim|memor|"
    "minim|modern|monet|neutral|normal|optim|organ|parametr|penal|personal|polar|popular|priorit|"
    "public|random|real|recogn|sanit|scrutin|serial|special|stabil|standard|summar|symbol|"
    "synchron|sympath|token|util|vector|virtual|visual"
)
OUR_STEMS: Final = (
    "arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|od|parl|rig|rum|sav|splend|vap|vig"
)
LL_STEMS: Final = (
    "cancel|channel|dial|equal|fuel|funnel|label|level|model|panel|signal|total|travel|tunnel"
)
BRITISH_WORDS: Final[Mapping[str, str]] = {
    "ageing": "aging",
    "amongst": "among",
    "artefacts?": "artifact",
    "catalogue[sd]?": "catalog",
    "centre[sd]?": "center",
    "cheques?": "check",
    "defence": "defense",
    "enquir(?:y|ies|e)": "inquiry",
    "enrol|enrols|enrolments?": "enroll",
    "fibres?": "fiber",
    "for ever": "forever",
    "fulfils?|fulfilment": "fulfill",
    "grey": "gray",
    "learnt": "learned",
    "licences?|licenced": "license",
    "metres?": "meter",
    "misspelt": "misspelled",
    "offence": "offense",
    "practise[sd]?": "practice",
    "programmes?": "program",
    "sceptical": "skeptical",
    "skilful": "skillful",
    "spelt": "spelled",
    "spoilt": "invalid",
    "whilst": "while",
}
TERMS: Final[Mapping[str, str]] = {
    "sellers?": "sales rep, rep",
    "pursuits?": "lead",
    "promise[sd]?": "SLA target (on screen), clock (in code)",
    "(?:sent|send|sends|sending) back": "returned, return",
    "vouch(?:es|ed)?": "qualify",
    "rais(?:e|es|ed) a hand": "hand-raiser",
    "whereabouts": "current holder",
    "rehears(?:e|es|ed|al|als)": "dry run",
    "rosters?": "pool",
    "hot rows?": "row template",
    "in force": "live",
    "(?:un)?ticked": "selected",
}
METAPHORS: Final[Mapping[str, str]] = {
    "doors?": "function, entry point",
    "desks?": "page, team page",
    "seats?": "member, candidate",
    "fates?": "outcome",
    "hops?": "reassignment",
    "dress(?:es|ed)?": "formatting",
}
# These have other meanings in names, as in `math.floor`.
METAPHORS_IN_SENTENCES: Final[Mapping[str, str]] = {
    "(?:the|a|this|that|each|its|their|other|six) rooms?(?! (?:for|to|beside|left)\\b)": "app",
    "houses?": "project",
    "(?:ground|upper|lower|higher|this|that|each|its|between) floors?": "layer, app",
    "by lot|(?:cast|draw|drawn) lots?": "tie-break",
}
CALQUES: Final[Mapping[str, str]] = {
    r"(?:give|gives|gave|given|giving) (?:(?:it|them|this|that|one|leads?|a lead|the lead) )?on\b"
    r"(?! (?:the|a|an|this|that|its|their|stdin|each|every)\b)": "reassign",
    r"lets? (?:\w+ ){0,3}lapse|lapse[sd]?|lapsing": "expire",
    r"(?:put|puts|putting|set|sets) (?:(?!to\b|is\b|the\b)\w+ ){0,2}right"
    r"(?! (?:after|before|at|in|on|here|there|now|beside|away|of|side|edge)\b)": "fix",
    "(?:take|takes|took|taking) in": "ingest, receive",
    "(?:go|goes|went|going) out again": "resend, be resent",
    "(?:come|comes|came|coming) back": "return, be returned",
    "carr(?:y|ies|ied|ying) out": "run, perform",
    "bears? (?:a|an|the|no|its|their|one)|borne": "have",
    "hold(?:s|ing)? down": "cap, limit",
    "(?:see|sees|saw|seeing) off": "wait for",
    "hears? (?:of|at once|about)": "is notified",
}
REQUIREMENT_ID: Final = (
    r"\b(?:DEF|QUA|INT|CTX|ROU|SLA|REJ|REC|FBK|MET|DSH|ALR|REV|EXP|ATT|INC|PLY|CHN|GOV|STR|RLL|"
    r"NUM|SCN|N)-\d\d\b"
)

PATTERNS: Final = (
    pattern(
        "is-no",
        r"(?<!there\s)\b(?:is|are|was|were|be|been) no "
        rf"(?!(?:{AFTER_NO})\b)\w+",
        "write “is not a …”",
    ),
    pattern(
        "bare-who",
        rf"{SENTENCE_START}(?:Who|Whom|Whose)\b{NOT_A_QUESTION}",
        "name the role, or write “whoever”",
        SENTENCES,
        any_case=False,
    ),
    pattern(
        "bare-who",
        r"\b(?:[Oo]f|[Bb]y|[Ff]or|[Tt]o|[Ff]rom|[Tt]han|[Aa]s|[Ww]ith) who\b",
        "name the role, or write “whoever”",
        SENTENCES,
        any_case=False,
    ),
    pattern(
        "what-clause",
        rf"{SENTENCE_START}(?:What|Whatever)\b(?!['’]){NOT_A_QUESTION}",
        "make the thing the subject",
        SENTENCES - {DOCSTRING},
        any_case=False,
    ),
    pattern(
        "nominal-docstring",
        r"\A\s*(?:What|Whatever|Whoever|All that|All who|Everything that|Those who|Of|Where|How|"
        r"Which|Whether|That)\b",
        "start with a verb, or delete it",
        [DOCSTRING],
        any_case=False,
    ),
    *(pattern("calque", rf"\b(?:{words})\b", better) for words, better in CALQUES.items()),
    pattern(
        "british",
        rf"\b(\w*(?:{ISE_STEMS})i)s(e|es|ed|er|ers|ing|ation|ations|able|ational)\b",
        r"\1z\2",
    ),
    pattern("british", r"\b(\w*(?:anal|paral)y)s(e|ed|er|ers|ing)\b", r"\1z\2"),
    pattern("british", rf"\b(\w*(?:{OUR_STEMS})o)u(r\w*)\b", r"\1\2"),
    pattern("british", rf"\b(\w*(?:{LL_STEMS}))l(ed|ing|er|ers)\b", r"\1\2"),
    *(pattern("british", rf"\b(?:{words})\b", better) for words, better in BRITISH_WORDS.items()),
    pattern("e-mail", r"\be-mail", "email"),
    *(pattern("term", rf"\b(?:{words})\b", better) for words, better in TERMS.items()),
    pattern(
        "term",
        r"\b(?:in|whose|next|a|the|their|its) turns?\b(?! (?:out|off|on|into|to)\b)",
        "round robin",
        [STRING, SCREEN, PROSE],
    ),
    *(pattern("metaphor", rf"\b(?:{words})\b", better) for words, better in METAPHORS.items()),
    *(
        pattern("metaphor", rf"\b(?:{words})\b", better, SENTENCES)
        for words, better in METAPHORS_IN_SENTENCES.items()
    ),
    pattern(
        "nobody",
        r"\b(?:nobody|somebody|anybody)\b",
        "name the role, or write “no one”",
        [STRING, SCREEN],
        outside=("tests/*",),
    ),
    pattern("semicolon", r"\S*;", "two sentences on screen", [SCREEN]),
    pattern(
        "requirement-id",
        REQUIREMENT_ID,
        "leave it out here",
        outside=("tests/*", "docs/requirements.md", "docs/decisions/*"),
        any_case=False,
    ),
    pattern(
        "other-document",
        r"\bhouse (?:style|rule)|\b(?:spec|interface|house-style|plain-words|cases)\.md\b",
        "the document is not in this repository",
    ),
    pattern(
        "test-name",
        r"\A(?:what|who|whom|whose|whoever)\b",
        "subject, condition, outcome",
        [TEST],
    ),
    pattern("long-test-name", r"\A(?:\w+ ){12,}\w+", "about ten words", [TEST]),
    pattern(
        "constant",
        r"\A(?:MOST|LONGEST|LARGEST|BIGGEST|FEWEST|SHORTEST|SMALLEST)\b",
        "MAX_…, MIN_…",
        [NAME],
        any_case=False,
    ),
    pattern(
        "pronoun-variable",
        r"\A(?:one|each|found|asked|given|said|told)\Z",
        "name the thing",
        [BINDING],
        any_case=False,
    ),
)


def segments_of(path: str, source: str) -> Iterator[Segment]:
    """Split a file into pieces of text, each with the kind of text it is."""
    yield Segment(NAME, 1, path)
    suffix = Path(path).suffix
    if suffix == ".py":
        yield from python_segments(source)
    elif suffix in TEMPLATES:
        yield from template_segments(source)
    elif suffix in {".js", ".css"}:
        yield from script_segments(source)
    elif suffix in {".md", ".txt"}:
        yield from prose_segments(source)
    else:
        yield from hash_comments(source)


def python_segments(source: str) -> Iterator[Segment]:
    tree = ast.parse(source)
    docstrings = set()
    tests = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                text = first.value.value
                if isinstance(text, str):
                    docstrings.add(first.value)
                    yield Segment(DOCSTRING, first.value.lineno, text)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            tests.add(node.name)
            yield Segment(TEST, node.lineno, node.name.removeprefix("test_"))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Segment(BINDING, node.lineno, node.id)
        if isinstance(node, ast.arg):
            yield Segment(BINDING, node.lineno, node.arg)
    yield from python_strings(tree, docstrings)
    yield from hash_comments(source)
    yield from names_of(python_names(tree), but=tests)


def python_strings(node: ast.AST, docstrings: set[ast.Constant]) -> Iterator[Segment]:
    """Find the strings that are not docstrings; of an f-string the text around its values."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
        yield Segment(STRING, node.lineno, text, node.end_lineno or node.lineno)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from python_strings(part.value, docstrings)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and node not in docstrings:
            yield Segment(STRING, node.lineno, node.value, node.end_lineno or node.lineno)
    else:
        for child in ast.iter_child_nodes(node):
            yield from python_strings(child, docstrings)


def python_names(tree: ast.Module) -> list[tuple[int, str]]:
    # The tree and not the tokens: before Python 3.12 an f-string is one token.
    return sorted(
        (getattr(node, "lineno", 1), name)
        for node in ast.walk(tree)
        for field in ("id", "attr", "arg", "name", "asname", "module")
        if isinstance(name := getattr(node, field, None), str)
    )


def names_of(names: Iterable[tuple[int, str]], but: Iterable[str] = ()) -> Iterator[Segment]:
    """Yield each name once, at its first place in the file."""
    seen = set(but)
    for line, name in names:
        if name not in seen:
            seen.add(name)
            yield Segment(NAME, line, name)


def hash_comments(source: str) -> Iterator[Segment]:
    """Join the lines of one comment, as sentences run over them."""
    yield from joined_comments(source, re.compile(r"""(?:^|\s)#(?!!)(?P<text>[^\n"']*)$"""))


def joined_comments(source: str, comment: re.Pattern[str]) -> Iterator[Segment]:
    lines: list[str] = []
    start = 0
    for number, line in enumerate([*source.split("\n"), ""], 1):
        match = comment.search(line)
        alone = match is not None and not line[: match.start()].strip()
        if lines and not alone:
            yield Segment(COMMENT, start, "\n".join(lines))
            lines = []
        if match is None:
            continue
        if alone:
            start = start if lines else number
            lines.append(match["text"])
        else:
            yield Segment(COMMENT, number, match["text"])


TEMPLATE_PART: Final = re.compile(
    r"""(?P<comment>\{\#.*?\#\}|\{%\s*comment\b.*?endcomment\s*%\}|<!--.*?-->)
    |(?P<tag>\{%.*?%\})
    |(?P<value>\{\{.*?\}\})
    |(?P<entity>&\#?\w+;)
    |(?P<markup></?[a-zA-Z!](?:\{[%{].*?[%}]\}|"(?:\{[%{].*?[%}]\}|[^"])*"|[^>"])*>)""",
    re.DOTALL | re.VERBOSE,
)
ATTRIBUTE: Final = re.compile(
    r"""\b(?:title|aria-label|placeholder|alt|data-confirm|data-label)="(?P<text>[^"]*)\"""",
)
LITERAL: Final = re.compile(r"""(?P<quote>["'])(?P<text>.*?)(?P=quote)""", re.DOTALL)
INLINE: Final = re.compile(r"</?(?:a|abbr|b|code|em|i|kbd|small|span|strong|time)\b")
WORD: Final = re.compile(r"[A-Za-z_][\w-]*")


def template_segments(source: str) -> Iterator[Segment]:
    shown = []
    names: list[tuple[int, str]] = []
    end = 0
    for part in TEMPLATE_PART.finditer(source):
        line = source.count("\n", 0, part.start()) + 1
        text = part.group()
        gap = "¶"
        if part.lastgroup == "comment":
            yield Segment(COMMENT, line, text.strip("{}#<>!-% "))
        elif part.lastgroup == "markup":
            gap = "" if INLINE.match(text) else "¶"
            for attribute in ATTRIBUTE.finditer(text):
                yield Segment(SCREEN, line, attribute["text"])
            names += [(line, word) for word in WORD.findall(ATTRIBUTE.sub("", text))]
        elif part.lastgroup in {"tag", "value"}:
            gap = "…" if part.lastgroup == "value" else "¶"
            for literal in LITERAL.finditer(text):
                if " " in literal["text"] or part.lastgroup == "value":
                    yield Segment(SCREEN, line, literal["text"])
            names += [(line, word) for word in WORD.findall(text)]
        shown += [source[end : part.start()], gap, "\n" * text.count("\n")]
        end = part.end()
    yield Segment(SCREEN, 1, "".join([*shown, source[end:]]))
    yield from names_of(names)


SCRIPT_PART: Final = re.compile(
    r"""(?P<comment>/\*.*?\*/)|(?P<string>"[^"\n]*"|'[^'\n]*'|`[^`]*`)|(?P<word>[A-Za-z_][\w-]*)"""
    r"""|(?P<skipped>//[^\n]*)""",
    re.DOTALL,
)


def script_segments(source: str) -> Iterator[Segment]:
    """Read JavaScript or CSS roughly: comments, strings and words."""
    names = []
    for part in SCRIPT_PART.finditer(source):
        line = source.count("\n", 0, part.start()) + 1
        if part.lastgroup == "comment":
            yield Segment(COMMENT, line, part.group()[2:-2])
        elif part.lastgroup == "string":
            yield Segment(STRING, line, part.group()[1:-1])
        elif part.lastgroup == "word":
            names.append((line, part.group()))
    yield from names_of(names)
    yield from joined_comments(source, re.compile(r"(?:^|\s)//(?P<text>.*)$"))


CODE: Final = re.compile(r"^```.*?^```|`[^`\n]+`|\]\([^)]*\)", re.DOTALL | re.MULTILINE)


def prose_segments(source: str) -> Iterator[Segment]:
    def blank(match: re.Match[str]) -> str:
        return "…" + "\n" * match.group().count("\n")

    yield Segment(PROSE, 1, CODE.sub(blank, source))
    yield from names_of(
        (source.count("\n", 0, code.start()) + 1, word)
        for code in CODE.finditer(source)
        for word in WORD.findall(code.group())
    )


CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@cache
def matches_in(kind: str, text: str) -> tuple[tuple[Pattern, re.Match[str]], ...]:
    """Match every pattern for this kind of text; cached, as the same names occur in many files."""
    text = text.replace("_", " ")
    if kind == NAME:
        text = CAMEL.sub(" ", text)
    return tuple(
        (candidate, match)
        for candidate in PATTERNS
        if kind in candidate.kinds
        for match in candidate.regex.finditer(text)
    )


def findings_in(path: str, source: str) -> list[Finding]:
    """Return what the patterns find in one file, in the order of its lines."""
    lines = source.split("\n")
    findings = {
        Finding(
            path,
            line_of(segment, match, lines),
            found_by.name,
            " ".join(match.group().strip(EDGES).split()),
            match.expand(found_by.suggestion),
        )
        for segment in segments_of(path, source)
        for found_by, match in matches_in(segment.kind, segment.text)
        if not any(fnmatch(path, glob) for glob in found_by.outside)
    }
    return sorted(findings, key=lambda finding: (finding.line, finding.pattern, finding.match))


# The start of a sentence is part of a match, but not of what is reported.
EDGES: Final = " .:!?;¶\n#-*|>"


def line_of(segment: Segment, match: re.Match[str], lines: list[str]) -> int:
    text = match.group()
    if not segment.last_line:
        leading = len(text) - len(text.lstrip(EDGES))
        return segment.line + match.string.count("\n", 0, match.start() + leading)
    # A string may be joined from pieces on several lines: look there for the match, or its start.
    whole = " ".join(text.strip(EDGES).split())
    spanned = range(segment.line, segment.last_line + 1)
    for wanted in (whole, whole.split(" ")[0]):
        for number in spanned:
            if wanted in lines[number - 1].replace("_", " "):
                return number
    return segment.line


def allowance_for(finding: Finding) -> Allowed | None:
    for allowed in ALLOWED:
        if (
            fnmatch(finding.pattern, allowed.pattern)
            and fnmatch(finding.path, allowed.path)
            and fnmatch(finding.match, allowed.text)
        ):
            return allowed
    return None


def check(names: Iterable[str]) -> tuple[list[Finding], set[Allowed]]:
    """Return the findings that are not allowed, and the allowances that were needed."""
    findings, needed = [], set()
    for name in names:
        for finding in findings_in(name, (ROOT / name).read_text(encoding="utf-8")):
            allowed = allowance_for(finding)
            if allowed is None:
                findings.append(finding)
            else:
                needed.add(allowed)
    return findings, needed


def tracked_files(paths: list[str]) -> list[str]:
    """List the files to read, with names from the root of the repository."""
    command = ["git", "ls-files", "-z", "--", *paths]
    # Git itself, with paths of whoever runs this.
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)  # noqa: S603
    return [
        name
        for name in run.stdout.split("\0")
        if (Path(name).suffix in SUFFIXES or name.startswith("script/"))
        and not any(fnmatch(name, glob) for glob in SKIPPED)
        and (ROOT / name).is_file()
    ]


def table_of(findings: list[Finding]) -> str:
    """Count the findings by pattern and by top folder."""
    cells = [(f.pattern, f.path.split("/")[0] if "/" in f.path else ".") for f in findings]
    counts = Counter(cells)
    by_pattern = Counter(name for name, _ in cells)
    by_folder = Counter(folder for _, folder in cells)
    folders = sorted(by_folder)
    rows = [["", *folders, "all"]]
    for name in sorted(by_pattern):
        rows.append([name, *(str(counts[name, f] or "") for f in folders), str(by_pattern[name])])
    rows.append(["all", *(str(by_folder[folder]) for folder in folders), str(len(findings))])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="Check words against docs/glossary.md.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders; all if none")
    parser.add_argument("--counts", action="store_true", help="a table by pattern and top folder")
    options = parser.parse_args()
    findings, needed = check(tracked_files(options.paths))
    unused = [] if options.paths else [allowed for allowed in ALLOWED if allowed not in needed]
    for allowed in unused:
        sys.stdout.write(f"No longer needed in ALLOWED: {allowed.pattern} in {allowed.path}\n")
    if findings:
        text = table_of(findings) if options.counts else "\n".join(map(str, findings))
        sys.stdout.write(text + "\n")
    return 1 if findings or unused else 0


if __name__ == "__main__":
    sys.exit(main())
