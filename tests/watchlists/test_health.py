"""How old each source is, what is stale, and that every page and answer says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.watchlists import services as lists
from compliance.watchlists.health import SourceHealth, health, span, stale_sources
from compliance.watchlists.models import FetchAttempt, ListSource
from compliance.watchlists.sources import REGISTER, SOURCES
from tests.desk.queries import queries
from tests.factories import load_rule, make_counterparty, screen_everything
from tests.watchlists.test_services import csl

pytestmark = pytest.mark.django_db

OLD = "Consolidated Screening List was last checked 3 d ago (limit 2 d). What is listed may have changed."


def load_csl() -> ListSource:
    lists.load(key="csl", data=csl(), filename="x.csv", actor=User.objects.system(), activate_now=True)
    return ListSource.objects.get(key="csl")


def aged(key: str, age: timedelta) -> None:
    ListSource.objects.filter(key=key).update(checked_at=timezone.now() - age)


def tried(source: ListSource) -> None:
    now = timezone.now()
    FetchAttempt.objects.create(source=source, started_at=now, finished_at=now, outcome="failed")


def of(key: str) -> SourceHealth:
    return next(row for row in health() if row.key == key)


# --- the state of a source -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("age", "state"), [(timedelta(days=1), "current"), (timedelta(days=2, seconds=5), "stale")])
def test_a_source_is_stale_when_its_last_good_check_is_longer_ago_than_its_period(age, state):
    load_csl()
    aged("csl", age)

    found = of("csl")

    assert (found.state, found.period, found.entries) == (state, timedelta(days=2), 5)
    assert found.age >= age
    assert found.version is not None
    assert [each.key for each in stale_sources()] == (["csl"] if state == "stale" else [])


def test_a_source_with_nothing_in_force_is_not_stale():
    ListSource.objects.create(key="un", title="UN")

    assert (of("un").state, stale_sources()) == ("never loaded", [])


def test_a_rule_on_a_list_that_was_never_loaded_is_not_called_current():
    load_rule(["Alder Optics"])

    assert of("csl").state == "stale"
    assert "was never checked" in stale_sources()[0].sentence


def test_a_private_list_never_grows_old():
    load_rule(["Alder Optics"])
    ListSource.objects.update(key="watchlist", checked_at=timezone.now() - timedelta(days=4000))

    assert (of("watchlist").state, stale_sources()) == ("by hand", [])


def test_the_watch_of_the_register_is_stale_like_a_list():
    ListSource.objects.create(key=REGISTER.key, title=REGISTER.title)
    aged(REGISTER.key, timedelta(days=3))

    assert of(REGISTER.key).state == "stale"
    assert stale_sources()[0].sentence.startswith("Federal Register, BIS documents was last checked 3 d ago")


def test_every_source_that_is_fetched_here_is_shown(settings):
    settings.LIST_ADDRESSES = {"un": ""}

    found = {row.key for row in health()}

    assert found == {key for key, each in SOURCES.items() if each.is_fetched} - {"un"} | {REGISTER.key}


def test_the_next_check_is_named_only_while_the_program_fetches(settings):
    source = load_csl()
    started = timezone.now()
    FetchAttempt.objects.create(source=source, started_at=started, finished_at=started, outcome="unchanged")
    assert of("csl").next_due is None

    settings.LIST_FETCHING = True

    assert started < of("csl").next_due <= started + timedelta(days=1, hours=1)
    assert of("csl").last_attempt.outcome == "unchanged"


def test_health_takes_the_same_queries_at_any_size():
    tried(load_csl())
    small = queries(health)
    for key in ("un", "uk", "dpl", "os-us_trade_csl"):
        tried(ListSource.objects.create(key=key, title=key))

    assert queries(health) == small == 5
    assert queries(stale_sources) == 1


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=24), "24 h"),
        (timedelta(hours=47, minutes=59), "47 h"),
        (timedelta(days=3, hours=23), "3 d"),
    ],
)
def test_a_length_of_time_is_short(length, shown):
    assert span(length) == shown


# --- where it shows --------------------------------------------------------------------------------------------------


@pytest.fixture
def stale(db: None) -> None:
    make_counterparty("Birch Bank of Delft", external_id="X-1")
    load_csl()
    screen_everything()
    aged("csl", timedelta(days=3))


@pytest.mark.parametrize(
    "page", ["today", "cases:list", "counterparties:list", "lists:home", "licenses:list", "screen"]
)
def test_every_screen_says_what_is_stale(stale, client_for: Callable[[Any], Client], officer, page):
    shown = client_for(officer).get(reverse(page)).content.decode()

    assert OLD in shown
    assert "1 source stale" in shown


def test_no_screen_says_so_while_all_is_current(client_for, officer):
    load_csl()

    assert "was last checked" not in client_for(officer).get(reverse("today")).content.decode()


def test_the_answers_of_the_api_name_what_is_stale(stale, client_for, officer):
    client = client_for(officer)

    named = client.post("/api/v1/screen/", {"name": "Alder Optics"}, content_type="application/json").json()
    party = client.get("/api/v1/counterparties/X-1/").json()["screening"]

    assert [row["sentence"] for row in named["stale_sources"]] == [OLD]
    assert [row["key"] for row in party["stale_sources"]] == ["csl"]
    assert party["status"] == "no_match"
