"""What the desk's pages cost, at two sizes; and the frame of every page."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from compliance.counterparties.models import ScreeningDue
from compliance.counterparties.selectors import Filters
from compliance.desk import search, selectors
from compliance.desk.context import chrome, list_state
from compliance.desk.counterparty_selectors import counterparty_page, listing, masked
from compliance.desk.entry_selectors import entry_page
from compliance.desk.list_selectors import version_page
from compliance.runs.models import ScreeningRun
from compliance.runs.selectors import run_page
from compliance.watchlists.models import ListSource, ListVersion
from compliance.watchlists.selectors import lists_home
from tests.desk.queries import queries
from tests.factories import load_rule, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."


def grow(count: int, tag: str) -> None:
    """Counterparties that match, screened against a rule of their own."""
    for number in range(count):
        make_counterparty(f"Hikvision Digital Tech {tag}{number}")
    load_rule([HIKVISION, "Alder Optics"], title=f"Rule {tag}")
    screen_everything()


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("today", 34),
        ("lists", 6),
        ("version", 8),
        ("entry", 16),
        ("listing", 14),
        ("party", 24),
        ("run", 6),
        ("search", 16),
    ],
)
def test_a_page_takes_the_same_queries_at_any_size(officer, what, most):
    grow(2, "a")
    version, run = ListVersion.objects.get(), ScreeningRun.objects.exclude(version=None).latest("pk")
    party = make_counterparty("Hikvision Digital Tech Z")
    screen_everything()
    act = {
        "today": lambda: selectors.today(officer),
        "lists": lambda: lists_home(officer),
        "version": lambda: version_page(version, officer),
        "entry": lambda: entry_page(version.deltas.first().entry, officer),
        "listing": lambda: listing(officer, Filters()),
        "party": lambda: counterparty_page(party, officer),
        "run": lambda: run_page(ScreeningRun.objects.select_related("job").get(pk=run.pk), officer),
        "search": lambda: search.search(officer, "hikvision"),
    }[what]
    small = queries(act)
    for number in range(12):
        make_counterparty(f"Hikvision Digital Tech b{number}")
    screen_everything()

    assert queries(act) == small
    assert small <= most


def frame(person, path="/"):
    request = RequestFactory().get(path)
    request.user = person
    return chrome(request)


def test_the_frame_costs_three_queries_at_most_and_none_until_it_is_printed(manager):
    load_rule(["Alder Optics"])

    assert queries(lambda: frame(manager)) == 0
    assert (
        queries(
            lambda: (lambda values: (bool(values["nav"]), str(values["list_state"]), list(values["stale_lists"])))(
                frame(manager)
            )
        )
        <= 3
    )


def test_the_frame_holds_nothing_for_who_is_not_signed_in():
    assert frame(AnonymousUser()) == {}


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("officer", ["Today", "Cases", "Counterparties", "Lists", "Licenses"]),
        ("manager", ["Today", "Cases", "Counterparties", "Lists", "Licenses", "Audit"]),
        ("auditor", ["Today", "Cases", "Counterparties", "Lists", "Licenses", "Audit"]),
        ("administrator", ["People"]),
    ],
)
def test_each_role_is_shown_where_it_may_go(request, role, places):
    person = request.getfixturevalue(role)

    assert [link["label"] for link in frame(person)["nav"]] == places


def test_the_place_one_is_at_is_marked(officer):
    current = [link["label"] for link in frame(officer, "/lists/versions/1/")["nav"] if link["current"]]

    assert current == ["Lists"]


def test_open_cases_are_counted_in_the_frame(officer):
    grow(2, "a")

    assert next(link for link in frame(officer)["nav"] if link["label"] == "Cases")["count"] == 2


def test_the_frame_tells_whether_all_is_screened():
    assert list_state()["text"] == "No list in force"

    load_rule(["Alder Optics"])
    assert list_state()["text"] == "Not all counterparties screened"

    screen_everything()
    assert list_state() == {"text": "1 source stale", "tone": "warn", "url": "/lists/"}

    ListSource.objects.update(checked_at=timezone.now())
    assert list_state() == {"text": "1 source current", "tone": "ok", "url": "/lists/"}

    make_counterparty("Birch Avionics")
    assert (ScreeningDue.objects.count(), list_state()["tone"]) == (1, "warn")

    load_rule(["Cedar Labs"], effective="2999-01-01", title="Coming")
    screen_everything()
    assert list_state()["text"] == "1 change coming"


@pytest.mark.parametrize(("value", "shown"), [("91330000123456789X", "9133 … 9X"), ("1234", "1 …"), ("", " …")])
def test_a_number_is_shown_by_its_ends_alone(value, shown):
    assert masked(value) == shown
