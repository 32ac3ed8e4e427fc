"""One status per counterparty: eight values that are never mixed, and everything unknown fails closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases import services as cases
from compliance.cases.models import Case, Disposition
from compliance.counterparties.models import Counterparty, ScreeningDue
from compliance.desk import status
from compliance.desk.status import status_of, statuses
from compliance.jobs import services as jobs
from tests.factories import fitting_reason, load_rule, make_case, make_counterparty

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."


def decide(case: Case, outcome: str, first: User, second: User) -> None:
    pair = case.matches.get()
    word = cases.Verdict(outcome=outcome, reason=fitting_reason(outcome), note="Seen and compared.")
    decision = cases.decide(case_match=pair, verdict=word, actor=first)
    if decision.needs_second:
        cases.second_review(case_match=pair, verdict=word, actor=second)


def test_a_record_is_not_screened_while_no_list_is_in_force():
    party = make_counterparty("Orchard Software Ltd")

    assert status_of(party).value == status.NOT_SCREENED


def test_a_new_record_is_not_screened_until_its_screening_is_stored():
    load_rule([HIKVISION])
    jobs.run_due()

    party = make_counterparty("Orchard Software Ltd")

    assert status_of(party).value == status.NOT_SCREENED
    jobs.run_due()
    assert status_of(party).value == status.NO_MATCH


def test_a_changed_record_is_stale_until_it_is_screened_again():
    party = make_counterparty("Orchard Software Ltd", external_id="X-1")
    load_rule([HIKVISION])
    jobs.run_due()

    make_counterparty("Orchard Software Limited", external_id="X-1")

    assert status_of(party).value == status.STALE


def test_every_record_is_stale_while_a_change_in_force_is_not_screened():
    party = make_counterparty("Orchard Software Ltd")
    load_rule([HIKVISION], title="first")
    jobs.run_due()

    load_rule(["Zhejiang Dahua Technology Co., Ltd."], title="second")

    assert status_of(party).value == status.STALE


def test_a_match_without_a_case_is_a_question_already(monkeypatch):
    party = make_counterparty("Hik Vision Digital Tech")
    load_rule([HIKVISION])
    monkeypatch.setitem(jobs.HANDLERS, "cases.open_from_matches", lambda context: None)

    jobs.run_due()

    assert not Case.objects.exists()
    assert status_of(party).value == status.UNDER_REVIEW


def test_an_open_match_is_under_review():
    case = make_case()

    assert status_of(case.counterparty).value == status.UNDER_REVIEW


def test_an_inconclusive_match_stays_under_review(officer, second_officer):
    case = make_case()

    decide(case, Disposition.INCONCLUSIVE, officer, second_officer)

    assert status_of(case.counterparty).value == status.UNDER_REVIEW


def test_a_first_decision_that_waits_for_a_second_changes_nothing(officer):
    case = make_case()
    word = cases.Verdict(outcome=Disposition.FALSE_POSITIVE, reason="other_name", note="Other words.")

    decision = cases.decide(case_match=case.matches.get(), verdict=word, actor=officer)

    assert decision.needs_second
    assert status_of(case.counterparty).value == status.UNDER_REVIEW


def test_a_false_positive_is_cleared(officer, second_officer):
    case = make_case()

    decide(case, Disposition.FALSE_POSITIVE, officer, second_officer)

    assert status_of(case.counterparty).value == status.CLEARED


def test_a_true_match_restricts(officer, second_officer):
    case = make_case()

    decide(case, Disposition.TRUE_MATCH, officer, second_officer)

    assert status_of(case.counterparty).value == status.RESTRICTED


def test_a_true_match_restricts_from_the_instant_the_law_binds(officer, second_officer):
    party = make_counterparty("Hik Vision Digital Tech")
    tomorrow = timezone.now() + timedelta(days=1)
    load_rule([HIKVISION], effective=tomorrow.isoformat())
    jobs.run_due()

    decide(Case.objects.get(), Disposition.TRUE_MATCH, officer, second_officer)

    now = status_of(party)
    assert (now.value, now.binds_from, now.is_stopped) == (status.UNDER_REVIEW, tomorrow, True)
    with time_machine.travel(tomorrow):
        assert status_of(party).value == status.RESTRICTED


def test_a_released_hold_does_not_take_a_party_off_the_list(officer, second_officer, manager):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer, second_officer)
    hold = case.counterparty.holds.get()

    cases.ask_release(hold=hold, reason="License in hand.", actor=officer)
    cases.decide_release(hold=hold, release=True, reason="Seen.", actor=manager)

    assert status_of(case.counterparty).value == status.RESTRICTED


def test_a_failed_screening_is_failed_and_not_no_match():
    party = make_counterparty("Orchard Software Ltd")
    load_rule([HIKVISION])
    jobs.run_due()

    ScreeningDue.objects.create(counterparty=party, state="failed", revision=1, since=timezone.now())

    assert status_of(party).value == status.FAILED


def test_a_record_without_a_name_to_match_is_not_screenable():
    party = make_counterparty("???")
    load_rule([HIKVISION])
    jobs.run_due()

    assert status_of(party).value == status.NOT_SCREENABLE


def test_the_worst_value_is_shown_and_the_others_follow():
    case = make_case()

    load_rule(["Zhejiang Dahua Technology Co., Ltd."], title="a later change")

    assert (status_of(case.counterparty).value, status_of(case.counterparty).others) == ("under_review", ("stale",))


def test_the_number_of_queries_does_not_grow_with_the_counterparties(django_assert_num_queries):
    for number in range(30):
        make_counterparty(f"Hikvision Digital Technology {number}")
    load_rule([HIKVISION])
    jobs.run_due()
    parties = list(Counterparty.objects.all())

    with django_assert_num_queries(10):
        statuses(parties[:1])
    with django_assert_num_queries(10):
        statuses(parties)


def test_a_coming_new_text_of_an_entry_in_force_does_not_move_the_instant_it_binds(officer, second_officer):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer, second_officer)
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    change = {"name": HIKVISION, "country": "CN", "set": {"aliases": ["Hikvision", "Hik Vision Digital Tech"]}}

    load_rule(title="a coming alias", effective=tomorrow, revise=[change])
    jobs.run_due()

    now = status_of(case.counterparty)
    assert (now.value, now.binds_from) == (status.RESTRICTED, None)
