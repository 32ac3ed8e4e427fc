"""A list change reopens what rested on it: which holds and clearances are asked about, once, and how that ends."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.audit.services import about
from compliance.cases import review_selectors, reviews
from compliance.cases import services as cases
from compliance.cases.models import (
    Case,
    CaseMatch,
    Disposition,
    Hold,
    ListReview,
    ReviewedRun,
    ReviewKind,
    ReviewOutcome,
)
from compliance.cases.queue import queue
from compliance.cases.selectors import review as case_page
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.desk.selectors import reviews_waiting
from compliance.jobs import services as jobs
from compliance.runs.models import ScreeningRun
from tests.cases.test_services import HIKVISION, confirm, decide, delist, pair_of, review
from tests.factories import load_rule, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

TRUE, FALSE = Disposition.TRUE_MATCH, Disposition.FALSE_POSITIVE
STANDS, ASKED, ENDED = ReviewOutcome.STANDS, ReviewOutcome.RELEASE_ASKED, ReviewOutcome.ENDED
WHOLE = {
    "name": HIKVISION, "kind": "organization", "aliases": ["Hikvision Digital Tech", "HDT Alder"],
    "addresses": [{"text": "555 Qianmo Road, Hangzhou", "country": "CN"}],
}  # fmt: skip


@pytest.fixture
def case() -> Case:
    return listed_case(WHOLE)


@pytest.fixture
def hold(case: Case, officer: User, second_officer: User) -> Hold:
    return confirm(case, officer, second_officer)


@pytest.fixture
def clearance(case: Case, officer: User, second_officer: User) -> CaseMatch:
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)
    return pair_of(case)


def listed_case(entry: dict[str, Any], **rule: Any) -> Case:
    party = make_counterparty("Hikvision Digital Tech")
    load_rule([entry], **rule)
    screen_everything()
    return Case.objects.get(counterparty=party)


def revise(effective: str = "2019-11-01", source: str = "csl", title: str = "A revision", **changes: Any) -> None:
    line = {"name": HIKVISION, "country": "CN", "set": changes}
    load_rule([], effective=effective, title=title, source=source, revise=[line])
    screen_everything()


def second_source(**more: Any) -> None:
    """The regulation prints the same entry."""
    load_rule([WHOLE | more], source="ecfr744", title="The regulation", effective="2019-10-10")
    screen_everything()
    assert CaseMatch.objects.values("entry").distinct().count() == 1


def close(outcome: str, actor: User, note: str = "Read the rule.") -> ListReview:
    return reviews.close(review=ListReview.objects.get(), outcome=outcome, note=note, actor=actor)


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_a_removal_asks_about_the_hold_that_rested_on_it(hold):
    delist()

    asked = ListReview.objects.get()
    assert (asked.kind, asked.case_match) == (ReviewKind.HOLD, hold.case_match)
    assert asked.because.startswith(f"{HIKVISION} (EL-")
    assert "left the list by “Removal of" in asked.because


def test_a_removal_asks_about_the_clearance_that_rested_on_it(clearance):
    delist()

    assert ListReview.objects.get().kind == ReviewKind.CLEARANCE


def test_a_removal_asks_nothing_about_an_open_question(case):
    delist()

    assert not ListReview.objects.exists()
    assert ReviewedRun.objects.filter(run__version__title__startswith="Removal").get().reviews == 0


def test_the_hold_stands_while_its_review_is_open(hold):
    delist()

    hold.refresh_from_db()
    assert hold.binds_now


def test_any_changed_field_asks_about_a_hold_in_words(hold):
    revise(license_requirement="For all items listed on the Commerce Control List")

    assert "The license requirement of" in ListReview.objects.get().because
    assert "was changed by “A revision”" in ListReview.objects.get().because


def test_several_changed_fields_are_named(hold):
    revise(license_policy="Presumption of denial", aliases=["Hikvision Digital Tech"])

    assert "and the" in ListReview.objects.get().because
    assert "were changed by" in ListReview.objects.get().because


def test_a_change_of_the_rule_alone_asks_nothing_about_a_clearance(clearance):
    revise(license_policy="Presumption of denial")

    assert not ListReview.objects.exists()


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"aliases": ["Hikvision Digital Tech"]}, True),
        ({"aliases": ["Hikvision Digital Tech", "HDT Alder", "Birch Optics"]}, False),
        ({"aliases": ["hikvision digital tech", "Alder HDT", "Birch Optics"]}, False),
        ({"kind": "person"}, True),
    ],
)
def test_a_clearance_is_asked_about_when_something_identifying_is_gone(clearance, changes, asked):
    revise(**changes)

    clearance.refresh_from_db()
    assert clearance.disposition == FALSE
    assert ListReview.objects.exists() == asked


def test_a_pair_that_is_asked_again_anyway_needs_no_review(clearance):
    revise(aliases=["HDT Alder"])

    assert pair_of(clearance.case).disposition == Disposition.PENDING
    assert not ListReview.objects.exists()


def test_a_decision_made_on_the_new_text_is_not_asked_about(case, officer, second_officer, monkeypatch):
    monkeypatch.setattr(reviews, "ask_due", lambda context: 0)
    revise(license_policy="Presumption of denial")
    confirm(case, officer, second_officer)
    monkeypatch.undo()

    jobs.sweep()
    jobs.run_due()

    assert ReviewedRun.objects.filter(run__version__title="A revision").exists()
    assert not ListReview.objects.exists()


def test_a_released_hold_is_not_asked_about(hold, officer, second_officer):
    cases.ask_release(hold=hold, reason="License issued", actor=officer)
    cases.decide_release(hold=hold, release=True, reason="Agreed", actor=second_officer)

    delist()

    assert not ListReview.objects.exists()


def test_a_clearance_that_ended_with_an_earlier_change_is_not_asked_about_again(clearance):
    delist()
    run = ScreeningRun.objects.order_by("-pk")[0]
    ListReview.objects.all().delete()
    again = ScreeningRun.objects.get(version__title="Test rule")
    type(clearance.match).objects.update(withdrawn_by=again)
    ReviewedRun.objects.filter(run=run).delete()

    jobs.sweep()
    jobs.run_due()

    assert not ListReview.objects.exists()


# --- two sources -----------------------------------------------------------------------------------------------------


def test_an_entry_that_another_source_still_prints_has_not_left(hold):
    second_source()

    delist()

    assert not ListReview.objects.exists()
    assert pair_of(hold.case_match.case).departure == ""


def test_when_the_last_source_drops_it_one_review_is_asked(hold):
    second_source()
    delist()

    load_rule([], title="Out of the regulation", effective="2019-11-05", source="ecfr744",
              remove=[{"name": HIKVISION, "country": "CN"}])  # fmt: skip
    screen_everything()

    assert "Out of the regulation" in ListReview.objects.get().because


def test_a_change_that_a_second_source_copies_is_asked_about_once(hold):
    second_source()
    revise(license_policy="Presumption of denial", source="ecfr744", title="In the regulation")

    revise(license_policy="Presumption of  denial", effective="2019-11-02", title="In the copy")

    assert "In the regulation" in ListReview.objects.get().because


# --- once, whatever happens ------------------------------------------------------------------------------------------


def test_asking_again_adds_nothing(hold):
    delist()
    ReviewedRun.objects.all().delete()
    events = AuditEvent.objects.count()

    jobs.sweep()
    jobs.run_due()

    assert (ListReview.objects.count(), AuditEvent.objects.count()) == (1, events)
    assert not reviews.due_runs().exists()


def test_a_kill_between_batches_loses_and_doubles_nothing(officer, second_officer, monkeypatch):
    monkeypatch.setattr(reviews, "BATCH", 1)
    make_counterparty("Hikvision Digital Tech")
    make_counterparty("Hikvision Digital Technology")
    load_rule([WHOLE])
    screen_everything()
    for one in Case.objects.all():
        confirm_one(one, officer, second_officer)
    real, calls = reviews.ask_batch, []

    def killed(*args: Any, **more: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise DatabaseError("killed")
        return real(*args, **more)

    monkeypatch.setattr(reviews, "ask_batch", killed)
    delist()
    after_kill = (ListReview.objects.count(), reviews.due_runs().count())
    jobs.Job.objects.update(run_after=timezone.now())
    jobs.run_due()

    assert after_kill == (1, 1)
    assert (ListReview.objects.count(), AuditEvent.objects.filter(action="cases.reviews_asked").count()) == (2, 2)


def confirm_one(case: Case, first: User, second: User) -> None:
    pair = CaseMatch.objects.get(case=case)
    verdict = cases.Verdict(TRUE, "known_name", "Same name.")
    cases.decide(case_match=pair, verdict=verdict, actor=first)
    cases.second_review(case_match=CaseMatch.objects.get(case=case), verdict=verdict, actor=second)


def test_a_batch_leaves_one_event_in_the_trail_of_its_cases(hold):
    delist()

    event = about(hold.case_match.case).get(action="cases.reviews_asked")
    assert event.data == {"count": 1, "cases": [hold.case_match.case.number]}


def test_changes_from_before_reviews_existed_ask_for_none(hold, monkeypatch):
    monkeypatch.setattr(reviews, "ask_due", lambda context: 0)
    delist()
    migration = importlib.import_module("compliance.cases.migrations.0003_runs_before_reviews")

    migration.mark_reviewed(apps, None)
    monkeypatch.undo()
    jobs.sweep()
    jobs.run_due()

    assert not reviews.due_runs().exists()
    assert not ListReview.objects.exists()


def test_a_batch_costs_the_same_for_one_hold_as_for_many(officer, second_officer):
    def cost() -> int:
        run = ScreeningRun.objects.get(version__title__startswith="Removal")
        ListReview.objects.all().delete()
        pairs = list(reviews.touched_by(run).values_list("pk", "case"))
        with CaptureQueriesContext(connection) as captured:
            reviews.ask_batch(run, pairs, NoJob(), is_last=False)  # type: ignore[arg-type]
        return len([q for q in captured if "audit_" not in q["sql"]])

    for name in ("", "nology", "nologies"):
        make_counterparty(f"Hikvision Digital Tech{name}")
    load_rule([WHOLE])
    screen_everything()
    for one in Case.objects.all():
        confirm_one(one, officer, second_officer)
    delist()
    many = cost()
    Hold.objects.exclude(pk=Hold.objects.first().pk).update(  # type: ignore[union-attr]
        released_at=timezone.now(), released_by=officer, release_asked_by=second_officer
    )

    assert cost() == many


class NoJob:
    """A job context that keeps nothing."""

    def progress(self, **said: Any) -> None:
        return


# --- how it ends -----------------------------------------------------------------------------------------------------


def test_a_hold_that_stands_stays(hold, officer):
    delist()

    closed = close(STANDS, officer)

    hold.refresh_from_db()
    assert (closed.outcome, closed.closed_by, hold.release_asked_by) == (STANDS, officer, None)


def test_asking_for_release_leaves_the_decision_to_a_second_person(hold, officer):
    delist()

    close(ASKED, officer, "Removed by the rule.")

    hold.refresh_from_db()
    assert (hold.binds_now, hold.release_asked_by, hold.release_asked_because) == (
        True, officer, "Removed by the rule.",
    )  # fmt: skip


def test_a_release_that_somebody_asked_for_is_not_asked_for_twice(hold, officer, second_officer):
    delist()
    cases.ask_release(hold=hold, reason="Delisted", actor=second_officer)

    close(ASKED, officer)

    hold.refresh_from_db()
    assert hold.release_asked_by == second_officer


def test_no_hold_ends_by_a_review(hold, officer):
    delist()

    with pytest.raises(Invalid, match="a second person decides"):
        close(ENDED, officer)

    hold.refresh_from_db()
    assert hold.released_at is None
    assert ListReview.objects.get().closed_at is None


@pytest.mark.parametrize("outcome", [STANDS, ASKED])
def test_a_released_hold_can_only_be_no_longer_needed(hold, officer, second_officer, outcome):
    delist()
    cases.ask_release(hold=hold, reason="Delisted", actor=officer)
    cases.decide_release(hold=hold, release=True, reason="Agreed", actor=second_officer)

    with pytest.raises(Invalid, match="released already"):
        close(outcome, officer)

    assert close(ENDED, officer).outcome == ENDED


def test_a_clearance_that_is_no_longer_needed_does_not_cover_a_later_listing(clearance, officer):
    delist()
    close(ENDED, officer)

    load_rule([WHOLE], effective="2019-12-01", title="Listed again")
    screen_everything()

    assert pair_of(clearance.case).disposition == Disposition.PENDING


def test_a_clearance_is_needed_while_the_pair_matches(clearance, officer):
    revise(aliases=["Hikvision Digital Tech"])

    with pytest.raises(Invalid, match="still matches"):
        close(ENDED, officer)

    assert close(STANDS, officer).outcome == STANDS


def test_a_clearance_has_no_hold_to_release(clearance, officer):
    delist()

    with pytest.raises(Invalid, match="Choose what you found"):
        close(ASKED, officer)


def test_a_note_is_required(hold, officer):
    delist()

    with pytest.raises(Invalid, match="Write a note"):
        close(STANDS, officer, " ")


def test_who_does_not_decide_closes_no_review(hold, auditor):
    delist()

    with pytest.raises(NotAllowed):
        close(STANDS, auditor)


def test_of_two_people_who_close_one_review_the_second_is_told(hold, officer, second_officer):
    delist()
    close(STANDS, officer)

    with pytest.raises(WrongState, match="Rosa Kowalski closed this review already: it stands"):
        close(ASKED, second_officer)


def test_what_was_found_stands_in_the_trails_of_case_party_and_entry(hold, officer):
    delist()
    close(STANDS, officer)

    for thing in (hold.case_match.case, hold.counterparty, hold.case_match.entry):
        event = about(thing).get(action="case.review_closed")
        assert (event.data["kind"], event.data["note"]) == ("Hold", "Read the rule.")


# --- on the page -----------------------------------------------------------------------------------------------------

ClientFor = Callable[[User], Client]


def page_of(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_the_case_shows_the_open_review_with_its_reason_and_form(hold, officer, client_for: ClientFor):
    delist()
    asked = ListReview.objects.get()

    page = page_of(client_for(officer), asked.case_match.case.get_absolute_url())

    assert asked.because.replace("&", "&amp;") in page
    assert reverse("cases:close_review", args=[asked.pk]) in page
    assert asked.version.get_absolute_url() in page


def test_an_auditor_sees_the_review_without_its_form(hold, auditor, client_for: ClientFor):
    delist()
    asked = ListReview.objects.get()

    page = page_of(client_for(auditor), asked.case_match.case.get_absolute_url())

    assert "Does the hold stand?" in page
    assert reverse("cases:close_review", args=[asked.pk]) not in page


def test_a_review_is_closed_on_the_page(hold, officer, client_for: ClientFor):
    delist()
    asked = ListReview.objects.get()
    data = {"outcome": "release_asked", "note": "Removed by the rule."}

    answer = client_for(officer).post(reverse("cases:close_review", args=[asked.pk]), data, follow=True)

    assert "Review closed, release asked for" in answer.content.decode()
    assert "Does the hold stand?" not in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"note": "Read."}, "outcome"),
        ({"outcome": "stands", "note": ""}, "note"),
        ({"outcome": "ended", "note": "Read."}, "outcome"),
    ],
)
def test_a_form_that_is_not_taken_says_why_beside_the_field(hold, officer, client_for: ClientFor, data, field):
    delist()
    asked = ListReview.objects.get()

    answer = client_for(officer).post(reverse("cases:close_review", args=[asked.pk]), data)

    assert answer.status_code == 422
    assert f"review_{asked.pk}_{field}_error" in answer.content.decode()


def test_the_queue_lists_reviews_the_oldest_first(officer, second_officer, client_for: ClientFor):
    make_counterparty("Hikvision Digital Tech")
    make_counterparty("Hikvision Digital Technology")
    load_rule([WHOLE])
    screen_everything()
    for one in Case.objects.all():
        confirm_one(one, officer, second_officer)
    delist()
    young, old = ListReview.objects.all()
    ListReview.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=3))

    rows = review_selectors.open_reviews(officer).rows

    assert [(row.review, row.age) for row in rows] == [(old, "3 d"), (young, "0 min")]
    assert [row.case for row in queue(officer, show="reviews").rows] == [old.case_match.case, young.case_match.case]
    assert "72 h" not in page_of(client_for(officer), reverse("cases:list") + "?show=reviews")


def test_the_queue_counts_reviews_and_goes_on_to_the_next(hold, officer, client_for: ClientFor):
    delist()
    asked = ListReview.objects.get()
    counted = {choice.value: choice.count for choice in queue(officer).choices}
    data = {"outcome": "stands", "note": "Read.", "show": "reviews"}

    answer = client_for(officer).post(reverse("cases:close_review", args=[asked.pk]), data)

    assert counted["reviews"] == "1"
    assert answer.headers["Location"] == reverse("cases:list") + "?show=reviews"
    assert "Nothing to look at again." in page_of(client_for(officer), answer.headers["Location"])


def test_a_list_of_reviews_takes_one_query(hold, officer, django_assert_num_queries):
    delist()

    with django_assert_num_queries(1):
        rows = review_selectors.open_reviews(officer).rows
        assert [(str(row.review.version), row.name, str(row.review.case_match.case.counterparty)) for row in rows]


def test_the_morning_page_counts_reviews_for_who_may_close_them(hold, officer, auditor):
    delist()

    assert (reviews_waiting(officer), reviews_waiting(auditor)) == (1, 0)


def test_an_administrator_sees_no_review(hold, administrator):
    delist()

    assert review_selectors.open_reviews(administrator).rows == []


def test_a_case_with_reviews_costs_the_same_however_many(hold, officer, django_assert_num_queries):
    delist()
    case = hold.case_match.case
    with CaptureQueriesContext(connection) as one:
        case_page(officer, case.pk)
    asked = ListReview.objects.get()
    others = ScreeningRun.objects.exclude(version=asked.version).exclude(version=None)
    for version in {run.version_id for run in others}:
        values = {"case_match": hold.case_match, "kind": "hold", "because": "Also.", "asked_at": timezone.now()}
        ListReview.objects.create(version_id=version, **values)

    with django_assert_num_queries(len(one)):
        case_page(officer, case.pk)


# --- through the API -------------------------------------------------------------------------------------------------


def test_the_api_gives_open_reviews_with_the_case_and_closes_one(hold, officer, client_for: ClientFor):
    delist()
    asked, client = ListReview.objects.get(), client_for(officer)
    url = f"/api/v1/cases/{hold.case_match.case_id}/"
    before = client.get(url).json()["reviews"]

    answer = client.post(
        reverse("api:close_review", args=[asked.pk]), {"outcome": "stands", "note": "Read."}, "application/json"
    )

    assert [(row["id"], row["kind"], row["because"]) for row in before] == [(asked.pk, "hold", asked.because)]
    assert (answer.status_code, answer.json()["closed_by"]) == (200, "officer")
    assert client.get(url).json()["reviews"] == []


def test_the_api_refuses_an_outcome_that_does_not_fit_with_its_reason(hold, officer, client_for: ClientFor):
    delist()
    url = reverse("api:close_review", args=[ListReview.objects.get().pk])

    answer = client_for(officer).post(url, {"outcome": "ended", "note": "Read."}, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (422, "does_not_fit")
