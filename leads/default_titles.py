"""List the phrases of job titles of a new installation, by the seniority they mean."""

from typing import Final

# Without a seniority, the phrase is about customers or projects and not about the person.
TITLES: Final[tuple[tuple[str, str], ...]] = (
    (
        "c_level",
        "ceo, cfo, chief, chief executive, chief * officer, chief * * officer, "
        "chief * * * officer, chro, cio, ciso, cmo, coo, cpo, cro, cto, president, "
        "general manager, managing director, managing partner, "
        "geschäftsführer, geschäftsführerin, pdg, vorstand",
    ),
    (
        "c_level",
        "co-founder, cofounder, founder, co-owner, owner, business owner, company owner, "
        "franchise owner, restaurant owner, shop owner, store owner, proprietor, "
        "inhaber, inhaberin",
    ),
    ("vp", "avp, evp, svp, vice president, vice-president, vp"),
    ("director", "dir, directeur, director, direktor, direktorin, diretor, head, leiter, leiterin"),
    (
        "manager",
        "gerente, lead, manager, managerin, supervisor, teamleiter, teamleiterin",
    ),
    (
        "staff",
        "account manager, administrator, advisor, analyst, architect, assistant, associate, "
        "buyer, clerk, community manager, consultant, coordinator, designer, developer, "
        "engineer, executive, officer, * owner, planner, representative, researcher, "
        "scientist, specialist, technician",
    ),
    ("intern", "apprentice, intern, praktikant, praktikantin, trainee, werkstudent"),
    ("student", "student, studentin, undergraduate"),
    (
        "",
        "internship, student affairs, student engagement, student experience, student housing, "
        "student life, student recruitment, student services, student success, "
        "student support, trainee program, trainee programs, home owner, pet owner, "
        "lead generation",
    ),
)
