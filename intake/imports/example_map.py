"""Write a first map for a file: known columns by their usual names, the others as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from intake.imports.map_parsing import BadMap
from intake.imports.moments import moment
from intake.imports.reader import CsvLine, CsvReader, folded_name, open_csv
from intake.normalize import FIELDS

SAMPLE_LINES: Final = 500
MAX_STAGES: Final = 30
# Names of columns in English and German, and of HubSpot, Salesforce, Pipedrive, Zoho and Odoo.
# Of several columns in a file, the first of this list counts.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": (
        *("record id", "contact id", "lead id", "leadid", "person id", "prospect id", "id"),
        *("lead number", "external id", "kundennummer", "datensatz-id", "kontakt-id"),
        *("person - id", "deal - id"),
    ),
    "email": (
        *("email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse"),
        *("primary email", "work email", "person - email", "email - work", "email from"),
    ),
    "name": (
        *("full name", "contact name", "lead name", "name", "person - name", "kontaktname"),
        *("vollständiger name", "ansprechpartner", "kunde"),
    ),
    "phone": (
        *("phone number", "phone", "telephone", "mobile", "mobile phone", "mobile phone number"),
        *("telefon", "telefonnummer", "mobil", "handy", "person - phone", "phone - work"),
    ),
    "title": ("job title", "title", "job position", "position", "funktion", "berufsbezeichnung"),
    "company": (
        *("company name", "company", "account name", "organization", "organisation", "firma"),
        *("unternehmen", "unternehmensname", "person - organization", "associated company"),
    ),
    "website": ("website", "website url", "company domain name", "webseite", "internetseite"),
    "industry": ("industry", "branche"),
    "employees": (
        *("number of employees", "no. of employees", "employees", "company size"),
        *("mitarbeiter", "anzahl mitarbeiter", "mitarbeiterzahl"),
    ),
    "country": ("country", "country/region", "land", "land/region", "mailing country"),
    "source": (
        *("lead source", "original source", "source", "quelle", "leadquelle", "lead-quelle"),
        *("latest source", "herkunft"),
    ),
    "campaign": ("campaign", "campaign name", "kampagne", "utm campaign", "utm_campaign"),
    "occurred_at": (
        *("create date", "created date", "created time", "created at", "created on", "created"),
        *("lead created time", "creation date", "date", "timestamp", "erstellt am", "datum"),
        *("erstellungsdatum", "person - person created", "deal - deal created", "add time"),
        *("reporting date",),
    ),
    "stated_problem": ("message", "nachricht", "comments", "how can we help"),
}
# Other fields are found by the names that they have here.
NAMED_AS_HERE: Final = {
    field: (field, field.replace("_", " "))
    for field in sorted(FIELDS.difference(COLUMNS, ("kind", "lead_type")))
}
# These make the file history, and are active only in a file that has a stage.
HISTORY: Final[Mapping[str, tuple[str, ...]]] = {
    "stage": (
        *("lifecycle stage", "lead status", "status", "stage", "deal stage", "dealstage"),
        *("pipeline stage", "sales stage"),
        *("lifecycle-phase", "phase", "deal - stage", "converted"),
    ),
    "owner": (
        *("contact owner", "lead owner", "deal owner", "owner", "record owner", "salesperson"),
        *(
            "account owner",
            "potential owner",
            "inhaber",
            "besitzer",
            "verkäufer",
            "zuständig",
            "person - owner",
        ),
        *("deal - owner", "kontaktinhaber"),
    ),
    "reason": (
        *("lost reason", "closed lost reason", "unqualified reason", "loss reason"),
        *("rejection reason", "verlustgrund", "ablehnungsgrund", "deal - lost reason", "why lost"),
    ),
    "amount": (
        *("amount", "deal amount", "expected revenue", "value", "deal value", "deal - value"),
        *("deal size",),
        *("betrag", "wert", "umsatz"),
    ),
    "currency": ("currency", "deal currency code", "währung", "deal - currency"),
}
FIRST_NAMES: Final = ("first name", "firstname", "vorname", "given name", "person - first name")
LAST_NAMES: Final = (
    *("last name", "lastname", "surname", "nachname", "family name", "person - last name"),
)
CLOSE_DATES: Final = ("close date", "closing date", "closed date", "closed", "abschlussdatum")
STAGE_DATES: Final[Mapping[str, tuple[str, ...]]] = {
    "mql": ("became a marketing qualified lead date", "mql date", "became mql"),
    "sql": ("became a sales qualified lead date", "sql date", "became sql"),
    "opportunity": ("became an opportunity date",),
    "won": ("became a customer date", "won time", "won date", "gewonnen am", *CLOSE_DATES),
    "lost": ("lost time", "lost date", "verloren am", *CLOSE_DATES),
}
STAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "new": ("new", "neu", "subscriber", "not contacted"),
    "engaged": ("lead", "open", "offen", "attempted to contact", "in progress", "working"),
    "mql": ("marketing qualified lead", "mql", "pre qualified", "contacted", "kontaktiert"),
    "sal": ("sales accepted lead", "sal"),
    "sql": ("sales qualified lead", "sql", "qualified", "qualifiziert", "qualification"),
    "opportunity": (
        *("opportunity", "proposal", "negotiation", "proposition", "open deal", "verkaufschance"),
        *("needs analysis", "negotiation/review", "proposal/price quote", "angebot"),
    ),
    "won": (
        "customer",
        "won",
        "closed won",
        "converted",
        "closed - converted",
        "yes",
        "true",
        "1",
        "1.0",
        "kunde",
        "gewonnen",
    ),
    "lost": ("lost", "closed lost", "lost lead", "verloren"),
    "nurture": ("nurture", "nurturing", "contact in future", "recycled"),
    "disqualified": (
        *("disqualified", "unqualified", "junk lead", "closed - not converted", "junk"),
        *("nicht qualifiziert",),
    ),
}
STAGE_OF: Final = {text: stage for stage, texts in STAGES.items() for text in texts}
DATE_FORMATS: Final = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M"),
    *("%d.%m.%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%m/%d/%Y", "%d/%m/%Y %H:%M"),
    *("%d/%m/%Y", "%d %b, %Y %H:%M:%S", "%d %b %Y", "%b %d, %Y", "%d-%m-%Y", "%m-%d-%Y"),
    "%d-%b-%Y",
    *("unix", "excel"),
)
KNOWN_FORMATS: Final = (None, *DATE_FORMATS)
EMPTY_WORDS: Final = ("Select", "N/A", "n/a", "-", "--", "NULL", "None", "unknown")
UTC_ZONE: Final = ZoneInfo("UTC")
# Other dates show that the format is a wrong one.
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class FileSample:
    """The header of a file, and the values of its first lines by column."""

    header: list[str]
    lines: list[list[str]]

    def values(self, column: str) -> list[str]:
        place = self.header.index(column)
        return [text for line in self.lines if (text := line[place].strip())]


def write_example_map(path: Path, target: Path) -> None:
    """Write a map for the file; raise BadMap instead of overwriting one."""
    text = example_map(path.stem, read_sample(path))
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadMap(f"{target} exists. Name a new file with --example-map.") from None
    except OSError as error:
        raise BadMap(f"Cannot write {target}: {error.strerror}.") from None


def read_sample(path: Path) -> FileSample:
    every_name = [
        *(name for names in {**COLUMNS, **HISTORY, **STAGE_DATES}.values() for name in names),
        *FIRST_NAMES,
        *LAST_NAMES,
    ]
    with open_csv(path) as file:
        reader = CsvReader(file, every_name)
        lines = [line.cells for line in islice(reader, SAMPLE_LINES) if isinstance(line, CsvLine)]
    return FileSample(reader.header, lines)


def example_map(name: str, sample: FileSample) -> str:
    return "\n".join(map_lines(name, sample)) + "\n"


def map_lines(name: str, sample: FileSample) -> Iterator[str]:
    known = fields_of(sample.header, {**COLUMNS, **NAMED_AS_HERE})
    names = [column_of(sample.header, FIRST_NAMES), column_of(sample.header, LAST_NAMES)]
    if joined := [column for column in names if column]:
        known["name"] = joined
    history = fields_of(sample.header, HISTORY)
    stage_dates = stage_date_columns(sample, history.get("stage"))
    tells_history = bool(("stage" in history or stage_dates) and "occurred_at" in known)
    fields = {**known, **(history if tells_history else {})}
    yield "# A first map. Check it with --dry-run, and see docs/admin/imports.md for all keys."
    if tells_history:
        yield "# It has a stage for each line, so the file is history: import it with --historical."
    yield f"name = {quoted_text(name)}"
    key = known.get("external_id") or known.get("email")
    if key:
        yield f"key = {toml_of(key)}"
    yield from flags(known, sample)
    yield "\n[fields]"
    for field, column in fields.items():
        yield f"{field} = {toml_of(column)}"
    if not tells_history:
        for field, column in history.items():
            yield f"# {field} = {toml_of(column)}   # only with --historical"
    if stage_dates:
        mark, note = ("", "") if tells_history else ("# ", "   # only with --historical")
        yield f"\n{mark}[stage_dates]"
        for stage, column in stage_dates.items():
            yield f"{mark}{stage} = {toml_of(column)}{note}"
    yield from constants(fields, known, has_stage="stage" in history)
    yield from dates(sample, date_columns(known, stage_dates))
    if "stage" in history:
        mark = "" if tells_history else "# "
        yield "\n" + f"{mark}[values.stage]"
        for line in stage_values(sample.values(str(history["stage"]))):
            yield line if line.startswith("#") else mark + line
    yield from other_columns(sample.header, [*fields.values(), *stage_dates.values()])


def stage_date_columns(
    sample: FileSample, stage: str | list[str] | None
) -> dict[str, str | list[str]]:
    """Return the columns of dates; a close date, which may be a plan, needs a stage per line."""
    columns = fields_of(sample.header, STAGE_DATES)
    if stage and len(sample.values(str(stage))) == len(sample.lines):
        return columns
    return {
        name: column
        for name, column in columns.items()
        if folded_name(str(column)) not in CLOSE_DATES
    }


def flags(known: Mapping[str, object], sample: FileSample) -> Iterator[str]:
    if "source" in known:
        yield "create_sources = true"
    if "campaign" in known:
        yield "create_campaigns = true"
    texts = {cell.strip() for line in sample.lines for cell in line}
    if words := [word for word in EMPTY_WORDS if word in texts]:
        yield f"empty = {json.dumps(words)}"


def constants(
    fields: Mapping[str, object], known: Mapping[str, object], *, has_stage: bool
) -> Iterator[str]:
    yield "\n[constants]"
    if has_stage and "occurred_at" not in known:
        yield "# occurred_at = 2026-01-31   # stages need a date, if only one for all lines"
    yield '# kind = "form"            # or the kind of touch, such as event_attended'
    if "phone" in known and "country" not in known:
        yield '# country = "US"           # the country of phone numbers without a country code'
    if "amount" in fields and "currency" not in fields:
        yield '# currency = "USD"         # the currency of amounts that name none'


def date_columns(
    known: Mapping[str, str | list[str]], stage_dates: Mapping[str, str | list[str]]
) -> list[str]:
    return [str(column) for column in (known.get("occurred_at"), *stage_dates.values()) if column]


def dates(sample: FileSample, columns: Sequence[str]) -> Iterator[str]:
    texts = [text for column in columns for text in sample.values(column)]
    formats = formats_of(texts)
    if formats is None:
        yield "\n[dates]"
        yield "# Say how dates are written, such as ['%d.%m.%Y'] for 31.12.2026."
        yield f"# formats = []   # for dates such as {first_unread(texts)}"
    elif formats:
        yield "\n[dates]"
        yield f"formats = {json.dumps(formats)}"
        if any(form.startswith(("%m/%d", "%d/%m", "%m-%d", "%d-%m")) for form in formats):
            yield "# Check which comes first, the day or the month."


def formats_of(texts: Sequence[str]) -> list[str] | None:
    """Return the formats that read every text, none if ISO 8601 does, or None without any."""
    unread = [text for text in texts if not reads(None, text)]
    formats: list[str] = []
    while unread:
        best = max(DATE_FORMATS, key=lambda form: sum(reads(form, text) for text in unread))
        rest = [text for text in unread if not reads(best, text)]
        if len(rest) == len(unread):
            return None
        formats.append(best)
        unread = rest
    return formats


def first_unread(texts: Sequence[str]) -> str:
    return next(text for text in texts if not any(reads(form, text) for form in KNOWN_FORMATS))


def reads(form: str | None, text: str) -> bool:
    value = moment(text, formats=(form,) if form else (), zone=UTC_ZONE)
    return isinstance(value, datetime) and EARLIEST <= value.astimezone(UTC) <= LATEST


def stage_values(texts: Sequence[str]) -> Iterator[str]:
    for text in sorted(set(texts))[:MAX_STAGES]:
        stage = STAGE_OF.get(folded_name(text))
        line = f"{quoted_text(text)} = {quoted_text(stage or '')}"
        yield line if stage else f"# {line}   # choose a stage"


def other_columns(header: Sequence[str], used: Sequence[str | list[str]]) -> Iterator[str]:
    taken = {name for column in used for name in ([column] if isinstance(column, str) else column)}
    if rest := [column for column in header if column and column not in taken]:
        yield "\n# Columns that are not read. Keep some with the touch as answers:"
        yield "# [answers]"
        for column in rest:
            key = "_".join(re.findall(r"\w+", column.lower())) or "column"
            key = key if BARE_KEY.fullmatch(key) else quoted_text(key)
            yield f"# {key} = {quoted_text(column)}"


def fields_of(
    header: Sequence[str], usual: Mapping[str, Sequence[str]]
) -> dict[str, str | list[str]]:
    columns = {field: column_of(header, names) for field, names in usual.items()}
    return {field: column for field, column in columns.items() if column}


def column_of(header: Sequence[str], names: Sequence[str]) -> str:
    """Return the column with the first of these names that occurs once in the header."""
    folded = [folded_name(column) for column in header]
    for name in names:
        if folded.count(name) == 1:
            return header[folded.index(name)]
    return ""


def toml_of(column: str | list[str]) -> str:
    return (
        quoted_text(column) if isinstance(column, str) else json.dumps(column, ensure_ascii=False)
    )


def quoted_text(text: str) -> str:
    """Return a TOML string; JSON has the same escapes."""
    return json.dumps(text, ensure_ascii=False)
