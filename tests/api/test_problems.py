"""The problems of the API: each answer links to a page that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.test import Client
from rest_framework.exceptions import APIException

from api.problem_details import problem_details
from api.problems import ENTRIES, PROBLEMS, Problem
from api.schema import PROBLEMS as DOCUMENTED
from core.errors import Refused
from intake.normalize import InvalidTouch
from tests.pages import Page, addresses_of, inline_code_of

PREFIX = "http://localhost:8000"


def subclasses(base: type[Exception]) -> Iterator[type[Exception]]:
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


def errors() -> Iterator[Exception]:
    """Return one of every error that a view of the API may raise."""
    yield from (OperationalError(), ValueError(), Http404(), PermissionDenied(), Refused("No."))
    yield SuspiciousOperation()
    for kind in {*subclasses(APIException), *subclasses(Refused)}:
        if kind is InvalidTouch:
            yield InvalidTouch([])
        elif kind.__init__ in (APIException.__init__, Exception.__init__, Refused.__init__):
            yield kind("No.")


def test_every_error_links_to_the_page_of_its_problem(client: Client) -> None:
    raised = list(errors())
    answers = [problem_details(error, {}) for error in raised]

    assert len(raised) > 20
    assert {PROBLEMS[code].status for code in PROBLEMS} >= {a.status_code for a in answers}
    for answer in answers:
        page = client.get(answer.data["type"].removeprefix(PREFIX))
        assert answer.data["type"].startswith(f"{PREFIX}/api/v1/problems/")
        assert page.status_code == 200
        assert f"Status {answer.status_code} {answer.data['title']}" in Page(page).text("main")


def test_every_framework_error_has_an_entry_with_its_status() -> None:
    framework = {
        kind.default_code: kind.status_code
        for kind in subclasses(APIException)
        if issubclass(kind, APIException) and kind.default_code != "error"
    }

    assert framework
    assert {code: PROBLEMS[code].status for code in framework} == framework


def test_codes_are_unique_and_every_documented_status_has_one() -> None:
    assert len(PROBLEMS) == len(ENTRIES)
    assert {problem.status for problem in ENTRIES} >= set(DOCUMENTED)


@pytest.mark.parametrize("problem", ENTRIES, ids=lambda problem: problem.code)
def test_page_explains_the_problem_without_sign_in(client: Client, problem: Problem) -> None:
    answer = client.get(problem.path)

    page = Page(answer)
    assert page.text("h1") == problem.code
    assert problem.meaning in page.text("main")
    assert problem.remedy in page.text("main")
    assert inline_code_of(page) == []
    assert all(re.match("#|/(?!/)", address) for address in addresses_of(page))
    assert not answer.cookies


def test_list_names_every_problem(client: Client) -> None:
    page = Page(client.get("/api/v1/problems/"))

    assert page.texts("tbody th") == [problem.code for problem in ENTRIES]
    assert page.links("tbody a") == [problem.path for problem in ENTRIES]


def test_page_of_an_unknown_problem_is_not_found(client: Client) -> None:
    assert client.get("/api/v1/problems/nonsense/").status_code == 404


def test_suspicious_request_cannot_be_read() -> None:
    answer = problem_details(SuspiciousOperation("Inside."), {})

    assert (answer.status_code, answer.data["code"]) == (400, "parse_error")
    assert answer.data["detail"] == "The request cannot be read."
