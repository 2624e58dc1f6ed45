import pytest
from django.template import Context, Template, engines

from leads.templatetags.companies import company_name
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import card, htmx, page_at


@pytest.mark.parametrize(
    "name", ["Acme", "Booking.com", "Acme Co. of example.com", "acme", "a.s.r.", "acme inc."]
)
def test_a_name_is_shown_as_it_is(name: str) -> None:
    assert company_name(name) == name


@pytest.mark.parametrize("name", ["acme.example", "shop.acme.co.uk", "müller.example"])
def test_bare_domain_is_muted(name: str) -> None:
    assert company_name(name) == f'<span class="faint" title="Name unknown">{name}</span>'


@pytest.mark.parametrize("name", [None, ""])
def test_no_company_is_a_dash(name: str | None) -> None:
    assert company_name(name) == "–"


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("<b> & Sons", "&lt;b&gt; &amp; Sons"),
        ("<b>.example", '<span class="faint" title="Name unknown">&lt;b&gt;.example</span>'),
    ],
)
def test_page_escapes_a_company_name(name: str, html: str) -> None:
    source = "{{ name|company_name }}"

    assert Template(f"{{% load companies %}}{source}").render(Context({"name": name})) == html
    assert engines["jinja2"].from_string(source).render({"name": name}) == html


@pytest.mark.django_db
def test_every_page_mutes_bare_company_domains() -> None:
    manager = make_person(Role.SALES_MANAGER)
    rep = make_rep()
    make_pool(rep, manager=manager)
    handoff = make_handoff(company="", domain="acme.example", email="ann@acme.example")

    lead_path = f"/leads/{handoff.lead_id}/"
    faint = 'main .faint[title="Name unknown"]'
    assert page_at("/leads/", rep).texts(faint) == ["acme.example"]
    assert page_at("/inbox/", rep).texts(faint) == ["acme.example"]
    assert page_at("/team/", manager).texts(faint) == ["acme.example"]
    assert page_at(lead_path, manager).texts(faint) == ["acme.example"] * 2
    pane = page_at(lead_path, rep, **htmx("work"))
    assert pane.facts(card("Contact and company"))["Company"] == "acme.example"
