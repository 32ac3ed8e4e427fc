"""Which matches a version takes back: those on texts it ended, where nothing it prints now matches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from compliance.counterparties.models import DueState, ScreeningDue
from compliance.jobs import services as jobs
from compliance.runs import services as runs
from compliance.runs.models import Match, WithdrawnBecause
from compliance.watchlists import services as lists
from tests.factories import make_counterparty
from tests.watchlists.samples import csl, entity, load, part744, row, rule

pytestmark = pytest.mark.django_db

LISTED, OTHERS = "Poplar Avionics Research Institute", ("Birch Dairy", "Cedar Labs")


@pytest.fixture
def party() -> Any:
    """A counterparty that matches the listed party in the Consolidated Screening List."""
    made = make_counterparty("Poplar Avionics Research")
    load("csl", csl(LISTED, *OTHERS))
    jobs.run_due()
    assert standing() == ["csl"]
    return made


def standing() -> list[str]:
    """The sources of the texts that the standing matches rest on."""
    rows = Match.objects.standing().order_by("pk")
    return list(rows.values_list("revision__version__source__key", flat=True))


def now() -> str:
    return timezone.now().isoformat()


def withdrawn() -> list[str]:
    return list(Match.objects.exclude(withdrawn_at=None).values_list("withdrawn_because", flat=True))


def test_a_removed_entry_takes_its_matches_with_it(party):
    load("csl", csl(*OTHERS))
    jobs.run_due()

    assert (standing(), withdrawn()) == ([], [WithdrawnBecause.REMOVED])


def test_a_changed_entry_that_no_longer_matches_takes_its_matches_back(party):
    rule(effective=now(), revise=[{"name": LISTED, "set": {"name": "Quince Bakery"}}])
    jobs.run_due()

    assert (standing(), withdrawn()) == ([], [WithdrawnBecause.CHANGED])


def test_a_changed_entry_that_still_matches_renews_the_match(party):
    rule(effective=now(), revise=[{"name": LISTED, "set": {"license_policy": "Case-by-case review"}}])
    jobs.run_due()

    assert (standing(), withdrawn()) == (["csl", "csl"], [])


def test_a_renewed_match_is_withdrawn_with_all_before_it_when_the_entry_leaves(party):
    rule(effective=now(), title="A", revise=[{"name": LISTED, "set": {"license_policy": "Case-by-case review"}}])
    jobs.run_due()

    rule(effective=now(), title="B", remove=[{"name": LISTED}])
    jobs.run_due()

    assert (standing(), withdrawn()) == ([], [WithdrawnBecause.REMOVED] * 2)


def test_a_cosmetic_change_takes_nothing_back(party):
    load("csl", csl(row(LISTED.upper()), *OTHERS))
    jobs.run_due()

    assert (standing(), withdrawn()) == (["csl"], [])


def test_where_another_source_still_lists_the_party_only_the_match_on_the_text_that_went_is_withdrawn(party):
    load("ecfr744", part744(f"{LISTED}, 12 Lake Road, Harbin, China."))
    jobs.run_due()
    assert standing() == ["csl", "ecfr744"]

    load("csl", csl(*OTHERS))
    jobs.run_due()

    assert (standing(), withdrawn()) == (["ecfr744"], [WithdrawnBecause.CHANGED])


def test_a_coming_removal_takes_nothing_back_until_it_binds(party):
    rule(effective=(timezone.now() + timedelta(days=1)).isoformat(), remove=[{"name": LISTED}])
    jobs.run_due()
    assert (standing(), withdrawn()) == (["csl"], [])

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        jobs.sweep()
        jobs.run_due()

    assert (standing(), withdrawn()) == ([], [WithdrawnBecause.REMOVED])


def due(party: Any) -> None:
    ScreeningDue.objects.create(
        counterparty=party, revision=party.revision, state=DueState.FAILED, attempts=5, since=timezone.now()
    )


def test_a_record_that_was_not_screened_against_the_new_text_keeps_its_matches(party):
    due(party)

    rule(effective=now(), revise=[{"name": LISTED, "set": {"name": "Quince Bakery"}}])
    jobs.run_due()

    assert (standing(), withdrawn()) == (["csl"], [])


def test_a_removed_entry_takes_its_matches_with_it_though_the_record_waits_for_screening(party):
    due(party)

    load("csl", csl(*OTHERS))
    jobs.run_due()

    assert (standing(), withdrawn()) == ([], [WithdrawnBecause.REMOVED])


def test_an_entry_that_came_back_before_the_removal_was_screened_matches_by_its_new_text(party):
    rule(effective=now(), title="Removal", remove=[{"name": LISTED}])
    rule(effective=now(), title="Back", names=[entity(LISTED)])
    jobs.run_due()

    assert Match.objects.standing().get().revision.version.title == "Back"


def test_two_versions_that_wait_for_their_runs_take_back_the_same_whatever_the_order(party):
    rule(effective=now(), title="A", revise=[{"name": LISTED, "set": {"name": "Quince Bakery"}}])
    rule(effective=now(), title="B", revise=[{"name": "Quince Bakery", "set": {"name": LISTED}}])
    waiting = list(runs.unscreened_versions())
    assert len(waiting) == 2

    for version in reversed(waiting):
        job = jobs.enqueue(lists.RESCREEN, key=str(version.pk), payload={"version": version.pk})
        jobs.run(job.pk)

    last = Match.objects.standing().latest("pk")
    assert last.revision.version.title == "B"
    assert Match.objects.standing().filter(revision__name="Quince Bakery").count() == 0


def test_what_is_withdrawn_stays_stored_with_the_run_that_took_it_back(party):
    load("csl", csl(*OTHERS))
    jobs.run_due()

    match = Match.objects.get()
    assert match.withdrawn_by is not None
    assert match.withdrawn_by.withdrawn == 1
