"""Derive the seniority of a contact from the job title."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# The first match wins, so “vice president” comes before “president”, “assistant to” before “CEO”.
LINES: Final = """\
student: student, studentin, undergraduate
intern: apprentice, intern, internship, praktikant, praktikantin, trainee, werkstudent
staff: account manager, assistant to, community manager, product owner
vp: avp, evp, svp, vice president, vice-president, vp
c_level: ceo, cfo, chief, chro, cio, ciso, cmo, coo, cpo, cro, cto
c_level: co-founder, cofounder, founder, inhaber, inhaberin, owner, proprietor
c_level: general manager, geschäftsführer, geschäftsführerin, managing director, managing partner
c_level: pdg, president, vorstand
director: directeur, director, direktor, direktorin, diretor, head, leiter, leiterin
manager: gerente, lead, manager, managerin, supervisor, teamleiter, teamleiterin
staff: administrator, advisor, analyst, architect, assistant, associate, buyer, clerk, consultant
staff: coordinator, designer, developer, engineer, executive, officer, planner, representative
staff: researcher, scientist, specialist, technician
"""


def compile_line(line: str) -> tuple[str, re.Pattern[str]]:
    seniority, _, phrases = line.partition(": ")
    any_of = "|".join(re.escape(phrase) for phrase in phrases.split(", "))
    return seniority, re.compile(rf"(?<![\w-])(?:{any_of})(?![\w-])")


TABLE: Final = tuple(compile_line(line) for line in LINES.splitlines())


@lru_cache(maxsize=10_000)
def seniority_of(title: str) -> str:
    """Return the code of the seniority, or empty if the title does not indicate one."""
    folded = title.casefold()
    return next((seniority for seniority, phrases in TABLE if phrases.search(folded)), "")
