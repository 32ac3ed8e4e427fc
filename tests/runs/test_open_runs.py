"""No run stays open that nobody carries on, and nobody is "no match" who was not screened against an attached name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from compliance.desk.status import NO_MATCH, STALE, UNDER_REVIEW, status_of
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.runs import services as runs
from compliance.runs.models import Match, RunState, ScreeningRun, Trigger
from compliance.watchlists import names
from compliance.watchlists import services as lists
from compliance.watchlists.models import Entry
from compliance.watchlists.times import WASHINGTON
from tests.factories import make_counterparty
from tests.watchlists.samples import csl, load, row, rule

pytestmark = pytest.mark.django_db

NOON = datetime(2019, 10, 7, 12, tzinfo=WASHINGTON)
LISTED = "Alder Optics"


class Killed(BaseException):
    """A worker that dies without a word."""


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def die_while_screening(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin the waiting run of a version and lose its worker before a batch is kept."""

    def die(*args: Any, **values: Any) -> int:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(runs, "keep_batch", die)
        with pytest.raises(Killed):
            jobs.run(Job.objects.get(kind=lists.RESCREEN, state=JobState.QUEUED).pk)


def do_all(clock: Any, at: datetime) -> None:
    """What sweep and workers do from this moment on, past the lease of a lost worker."""
    for minutes in (0, 20):
        clock.move_to(at + timedelta(minutes=minutes))
        lists.record_begun()
        jobs.run_due()


def test_a_run_killed_before_a_change_binds_is_carried_on_as_the_run_of_the_change(clock, monkeypatch):
    for number in range(3):
        make_counterparty(f"{LISTED} {number}")
    load("csl", csl("Birch Dairy"))
    jobs.run_due()
    ruled = rule(effective="2019-10-08", names=[LISTED])
    die_while_screening(monkeypatch)

    do_all(clock, datetime(2019, 10, 8, 0, 1, tzinfo=WASHINGTON))

    done = ScreeningRun.objects.get(version=ruled)
    assert (done.state, done.trigger) == (RunState.FINISHED, Trigger.LIST_CHANGE)
    assert Match.objects.standing().count() == 3


def test_a_run_killed_on_a_plan_that_was_redone_is_closed_and_the_new_plan_screened(clock, monkeypatch):
    make_counterparty(LISTED)
    load("csl", csl("Birch Dairy"))
    jobs.run_due()
    ruled = rule(effective="2019-10-20", names=[LISTED])
    die_while_screening(monkeypatch)
    clock.move_to(NOON + timedelta(days=1))
    load("csl", csl(row("Birch Dairy", license_policy="Policy of denial")))

    do_all(clock, NOON + timedelta(days=1, minutes=1))

    states = ScreeningRun.objects.filter(version=ruled).order_by("pk").values_list("state", flat=True)
    assert list(states) == [RunState.FAILED, RunState.FINISHED]
    assert Match.objects.standing().count() == 1


def test_a_party_not_yet_screened_against_an_attached_name_is_not_without_a_match(clock, manager):
    party = make_counterparty("海康威视")
    load("csl", csl(LISTED))
    jobs.run_due()
    before = status_of(party).value

    names.add(
        entry=Entry.objects.get(), text="海康威视", kind="trading", source="Its website", source_date=date(2019, 1, 1),
        actor=manager,
    )  # fmt: skip
    waiting = status_of(party).value
    runs.find_unscreened()
    jobs.run_due()

    assert (before, waiting, status_of(party).value) == (NO_MATCH, STALE, UNDER_REVIEW)
