import pytest

from leads.default_titles import TITLES
from leads.normalization.titles import Reading, TitleTable

TABLE = TitleTable(TITLES)


@pytest.mark.parametrize(
    ("title", "seniority"),
    [
        ("CEO", "c_level"),
        ("C.E.O.", "c_level"),
        ("Co-Founder & CTO", "c_level"),
        ("Engineer and Founder", "c_level"),
        ("Chief Operating Officer", "c_level"),
        ("Chief Technology and Product Officer", "c_level"),
        ("Chief Student Officer", "c_level"),
        ("Owner, Student Housing", "c_level"),
        ("Business Owner", "c_level"),
        ("Owner/Operator", "c_level"),
        ("General Manager", "c_level"),
        ("Geschäftsführerin", "c_level"),
        ("Vice President Sales", "vp"),
        ("Executive Vice President", "vp"),
        ("V.P. Sales", "vp"),
        ("Head of Marketing", "director"),
        ("Executive Director", "director"),
        ("Directeur des études", "director"),
        ("Sales Manager", "manager"),
        ("Product Owner", "staff"),
        ("Software engineer", "staff"),
        ("Assistant to the CEO", "staff"),
        ("Executive Assistant, Office of the President", "staff"),
        ("Assistant, CEO", "staff"),
        ("Werkstudent Marketing", "intern"),
        ("Software Engineering Intern", "intern"),
        ("Intern, Office of the CEO", "intern"),
        ("Manager Trainee", "intern"),
        ("Student at the Director School", "student"),
        ("Rock star", ""),
        ("Directory services", ""),
    ],
)
def test_seniority_is_derived_from_the_title(title: str, seniority: str) -> None:
    assert TABLE.seniority_of(title) == seniority


@pytest.mark.parametrize(
    ("title", "seniority"),
    [
        ("VP of Student Affairs", "vp"),
        ("VP Student Affairs", "vp"),
        ("Director, Student Services", "director"),
        ("Director Student Services", "director"),
        ("Director Student Accounts", "director"),
        ("Internship Program Director", "director"),
        ("Student Success Manager", "manager"),
        ("Student and Alumni Relations Manager", "manager"),
        ("Head of Talent, Graduate and Trainee Programs", "director"),
        ("Student Advisor", "staff"),
        ("Internship Coordinator", "staff"),
        ("CEO's assistant", "staff"),
        ("CEO’s Assistant", "staff"),
        ("Process Owner", "staff"),
        ("Home owner", ""),
        ("Lead Generation Specialist", "staff"),
        ("Lead Developer", "staff"),
        ("Student Services", ""),
        ("Intern", "intern"),
        ("PhD student", "student"),
    ],
)
def test_word_about_the_people_served_is_not_about_the_person(title: str, seniority: str) -> None:
    assert TABLE.seniority_of(title) == seniority


def test_longest_phrase_wins_and_is_named() -> None:
    table = TitleTable([("vp", "vice president"), ("c_level", "president"), ("staff", "* owner")])

    assert table.read("Vice  President") == Reading("vp", "vice president")
    assert table.read("President") == Reading("c_level", "president")
    assert table.read("Feature Owner") == Reading("staff", "feature owner")
    assert table.read("Owner") == Reading()


def test_empty_table_reads_nothing() -> None:
    assert TitleTable([]).read("CEO") == Reading()
