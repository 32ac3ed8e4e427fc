"""Rules of deciding cases, and of opening them: who may, when, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.audit.services import about
from compliance.cases import services as cases
from compliance.cases.models import Case, CaseMatch, CaseState, Decision, Disposition, Hold
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.counterparties import services as counterparties
from compliance.jobs import services as jobs
from compliance.runs.models import Match
from compliance.watchlists.times import WASHINGTON
from tests.factories import fitting_reason, load_rule, make_case, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

TRUE, FALSE, UNSURE = Disposition.TRUE_MATCH, Disposition.FALSE_POSITIVE, Disposition.INCONCLUSIVE
HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."


@pytest.fixture
def case() -> Case:
    """One counterparty with one match in the strong band."""
    return make_case()


@pytest.fixture
def weak(case: Case) -> Case:
    """The same with its match in the review band."""
    Match.objects.update(band="review", score="0.700")
    return case


def pair_of(case: Case) -> CaseMatch:
    return CaseMatch.objects.get(case=case.pk)


def verdict(
    pair: CaseMatch, outcome: str, note: str = "Same name and street.", seen: str | None = None
) -> cases.Verdict:
    return cases.Verdict(outcome, fitting_reason(outcome), note, cases.seen_token(pair) if seen is None else seen)


def decide(case: Case, outcome: str, actor: User, **more: Any) -> Decision:
    pair = pair_of(case)
    return cases.decide(case_match=pair, verdict=verdict(pair, outcome, **more), actor=actor)


def review(case: Case, outcome: str, actor: User, **more: Any) -> Decision:
    pair = pair_of(case)
    return cases.second_review(case_match=pair, verdict=verdict(pair, outcome, **more), actor=actor)


def confirm(case: Case, first: User, second: User) -> Hold:
    decide(case, TRUE, first)
    review(case, TRUE, second)
    return Hold.objects.get(case_match__case=case)


def state(case: Case) -> str:
    case.refresh_from_db()
    return case.state


def change_record(case: Case, **values: Any) -> None:
    """A new revision of the counterparty, screened."""
    party = case.counterparty
    facts = {name: getattr(party, name) for name in counterparties.EDITABLE} | values
    counterparties.save(external_id=party.external_id, values=facts, actor=User.objects.system())
    screen_everything()


def delist(name: str = HIKVISION, effective: str = "2019-11-01") -> None:
    load_rule([], title=f"Removal of {name} {effective}", effective=effective,
              remove=[{"name": name, "country": "CN"}])  # fmt: skip
    screen_everything()


# --- who may decide --------------------------------------------------------------------------------------------------


def test_an_auditor_decides_nothing(case, auditor):
    with pytest.raises(NotAllowed, match="decide matches"):
        decide(case, FALSE, auditor)


def test_an_administrator_decides_nothing(case, administrator):
    with pytest.raises(NotAllowed):
        decide(case, FALSE, administrator)


def test_an_officer_does_not_decide_an_escalated_case(case, officer):
    cases.escalate(case=case, reason="Two names in one file", actor=officer)

    with pytest.raises(NotAllowed, match="a manager decides"):
        decide(case, FALSE, officer)


def test_an_officer_does_not_take_an_escalated_case(case, officer):
    cases.escalate(case=case, reason="Two names in one file", actor=officer)

    with pytest.raises(NotAllowed, match="a manager takes it"):
        cases.assign(case=case, to=officer, actor=officer)


def test_a_manager_takes_an_escalated_case_and_it_stays_escalated(case, officer, manager):
    cases.escalate(case=case, reason="Two names in one file", actor=officer)

    cases.assign(case=case, to=manager, actor=manager)

    assert state(case) == CaseState.ESCALATED


def test_an_officer_gives_no_case_to_another(case, officer, second_officer):
    with pytest.raises(NotAllowed, match="assign cases"):
        cases.assign(case=case, to=second_officer, actor=officer)


def test_no_case_is_given_to_somebody_who_does_not_decide(case, manager, auditor):
    with pytest.raises(NotAllowed, match="does not decide"):
        cases.assign(case=case, to=auditor, actor=manager)


def test_who_decides_a_case_nobody_took_has_taken_it(case, officer):
    decide(case, UNSURE, officer)

    case.refresh_from_db()
    assert case.assigned_to == officer


# --- what a decision needs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [TRUE, UNSURE])
def test_a_note_is_required_whatever_the_band(weak, officer, outcome):
    with pytest.raises(Invalid, match="Write a note") as refused:
        decide(weak, outcome, officer, note=" ")

    assert refused.value.code == "note_required"


def test_a_note_is_required_to_clear_in_the_high_band(case, officer):
    with pytest.raises(Invalid, match="High band"):
        decide(case, FALSE, officer, note="")


def test_no_note_is_required_to_clear_in_the_review_band(weak, officer):
    assert decide(weak, FALSE, officer, note="").outcome == FALSE


def test_a_refused_decision_leaves_no_event(case, officer):
    before = AuditEvent.objects.count()

    with pytest.raises(Invalid):
        decide(case, TRUE, officer, note="")

    assert AuditEvent.objects.count() == before


def test_a_decision_keeps_what_was_seen(case, officer):
    seen = decide(case, UNSURE, officer).seen

    assert (seen["entry_text"]["name"], seen["counterparty_facts"]["name"]) == (HIKVISION, case.counterparty.name)


def test_the_trail_carries_no_document_numbers(officer):
    case = make_case(identifiers=[{"kind": "uscc", "value": "91330000733796106P"}])

    decide(case, TRUE, officer)

    assert "91330000733796106P" not in str(list(about(case).values_list("data", flat=True)))


# --- two people ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("band", "outcome", "two"),
    [
        ("strong", TRUE, True),
        ("review", TRUE, True),
        ("strong", FALSE, True),
        ("review", FALSE, False),
        ("strong", UNSURE, False),
        ("review", UNSURE, False),
    ],
)
def test_true_matches_and_clears_in_the_high_band_take_two(case, officer, band, outcome, two):
    Match.objects.update(band=band)

    decide(case, outcome, officer)

    assert (pair_of(case).awaiting_id is not None, state(case) == CaseState.AWAITING_SECOND_REVIEW) == (two, two)


def test_nothing_takes_effect_before_the_second_review(case, officer):
    decide(case, TRUE, officer)

    assert (pair_of(case).disposition, Hold.objects.count()) == (Disposition.PENDING, 0)


def test_nobody_reviews_their_own_decision(case, officer):
    decide(case, TRUE, officer)

    with pytest.raises(NotAllowed, match="another officer or a manager"):
        review(case, TRUE, officer)


def test_a_manager_does_not_review_their_own_decision_either(case, manager):
    decide(case, TRUE, manager)

    with pytest.raises(NotAllowed):
        review(case, TRUE, manager)


def test_agreement_makes_the_decision_final(case, officer, second_officer):
    confirm(case, officer, second_officer)

    assert (pair_of(case).disposition, state(case)) == (TRUE, CaseState.DECIDED)


def test_two_people_clear_a_match_in_the_high_band(case, officer, second_officer):
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)

    assert (pair_of(case).disposition, state(case)) == (FALSE, CaseState.CLOSED)


def test_disagreement_goes_to_the_managers(case, officer, second_officer):
    decide(case, TRUE, officer)
    review(case, FALSE, second_officer)

    assert (pair_of(case).disposition, pair_of(case).awaiting_id) == (Disposition.PENDING, None)
    assert state(case) == CaseState.ESCALATED


@pytest.mark.parametrize("outcome", [TRUE, FALSE])
def test_after_disagreement_a_manager_whom_one_of_them_shares_decides_alone(
    case, officer, second_officer, manager, outcome
):
    decide(case, TRUE, officer)
    review(case, FALSE, second_officer)

    decide(case, outcome, manager)

    assert pair_of(case).disposition == outcome


def test_a_manager_who_was_one_of_the_two_does_not_count_twice(case, officer, manager):
    decide(case, TRUE, officer)
    review(case, FALSE, manager)

    assert decide(case, FALSE, manager).needs_second


def test_a_case_escalated_without_disagreement_still_takes_two(case, officer, manager):
    decide(case, UNSURE, officer)
    cases.escalate(case=case, reason="Large customer", actor=officer)

    assert decide(case, TRUE, manager).needs_second


def test_one_voice_on_older_evidence_is_no_second_voice(case, officer, manager):
    decide(case, TRUE, officer)
    change_record(case, addresses=[{"text": "1 Road, Hangzhou", "country": "CN"}], country="DE")
    cases.escalate(case=case, reason="The record changed", actor=officer)

    assert decide(case, TRUE, manager).needs_second


def test_a_managers_decision_on_one_match_leaves_the_rest_escalated(officer, manager):
    case = two_matches()
    cases.escalate(case=case, reason="Both look right", actor=officer)
    first = case.matches.order_by("pk")[0]

    cases.decide(case_match=first, verdict=verdict(first, UNSURE), actor=manager)

    assert state(case) == CaseState.ESCALATED


def test_a_second_review_of_one_match_does_not_end_a_question_on_another(officer, second_officer):
    case = two_matches()
    first = case.matches.order_by("pk")[0]
    cases.decide(case_match=first, verdict=verdict(first, TRUE), actor=officer)
    cases.ask_information(case=case, of="Sales", question="Who owns it?", actor=officer)
    first.refresh_from_db()

    cases.second_review(case_match=first, verdict=verdict(first, TRUE), actor=second_officer)

    assert state(case) == CaseState.INFORMATION_REQUESTED


def two_matches() -> Case:
    """A counterparty with two names that are both listed."""
    names = [{"text": "Dahua Technology", "kind": "trading"}]
    party = make_counterparty("Hikvision Digital Technology", other_names=names)
    load_rule([HIKVISION, "Dahua Technology"])
    screen_everything()
    case = Case.objects.get(counterparty=party)
    assert case.matches.count() == 2
    return case


# --- the page moved on -----------------------------------------------------------------------------------------------


def test_of_two_people_deciding_at_once_one_wins_and_the_other_is_told(case, officer, second_officer):
    drawn = cases.seen_token(pair_of(case))
    decide(case, UNSURE, officer)

    with pytest.raises(WrongState, match="Rosa Kowalski recorded “inconclusive”"):
        decide(case, FALSE, second_officer, seen=drawn)


def test_a_form_drawn_from_an_older_record_is_refused(case, officer):
    drawn = cases.seen_token(pair_of(case))
    party = case.counterparty
    facts = {name: getattr(party, name) for name in counterparties.EDITABLE} | {"country": "DE"}
    counterparties.save(external_id=party.external_id, values=facts, actor=User.objects.system())

    with pytest.raises(WrongState, match="record changed"):
        decide(case, FALSE, officer, seen=drawn)


def test_a_decided_match_is_not_decided_again(weak, officer):
    decide(weak, FALSE, officer)

    with pytest.raises(WrongState):
        decide(weak, TRUE, officer)


def test_a_match_whose_entry_left_is_not_decided(case, officer):
    Match.objects.update(withdrawn_at=timezone.now())

    with pytest.raises(WrongState, match="left the list"):
        decide(case, TRUE, officer)


# --- information, notes ----------------------------------------------------------------------------------------------


def test_a_question_waits_until_its_answer_is_recorded(case, officer):
    cases.ask_information(case=case, of="Sales", question="Who owns it?", actor=officer)
    waiting = state(case)
    cases.answer_information(case=case, answer="The founder.", actor=officer)

    assert (waiting, state(case)) == (CaseState.INFORMATION_REQUESTED, CaseState.IN_REVIEW)


@pytest.mark.parametrize(
    "act",
    [
        lambda case, who: cases.note(case=case, text=" ", actor=who),
        lambda case, who: cases.ask_information(case=case, of="Sales", question=" ", actor=who),
        lambda case, who: cases.escalate(case=case, reason="", actor=who),
    ],
)
def test_an_empty_text_is_refused_and_nothing_moves(case, officer, act: Callable[[Case, User], object]):
    with pytest.raises(Invalid, match="kept in the trail"):
        act(case, officer)

    assert state(case) == CaseState.OPEN


def test_only_a_manager_returns_an_escalated_case(case, officer):
    cases.escalate(case=case, reason="Large customer", actor=officer)

    with pytest.raises(NotAllowed):
        cases.return_case(case=case, reason="Ask sales first", actor=officer)


# --- holds -----------------------------------------------------------------------------------------------------------


def test_a_confirmed_match_places_a_hold_from_the_instant_the_law_binds(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)

    assert (hold.effect, hold.binds_from) == ("license_required", datetime(2019, 10, 9, tzinfo=WASHINGTON))


def test_a_hold_of_a_coming_entry_binds_by_the_clock(officer, second_officer):
    tomorrow = timezone.now() + timedelta(days=1)
    party = make_counterparty("Hikvision Digital Tech")
    load_rule([HIKVISION], effective=tomorrow.isoformat())
    screen_everything()

    hold = confirm(Case.objects.get(counterparty=party), officer, second_officer)

    assert (hold.binds_now, hold.binds_at(tomorrow)) == (False, True)


def test_a_hold_is_released_only_when_its_release_was_asked_for(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)

    with pytest.raises(WrongState, match="No release"):
        cases.decide_release(hold=hold, release=True, reason="License", actor=second_officer)


def test_who_asked_for_a_release_does_not_decide_it(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)
    cases.ask_release(hold=hold, reason="License issued", actor=officer)

    with pytest.raises(NotAllowed, match="another person"):
        cases.decide_release(hold=hold, release=True, reason="Agreed", actor=officer)


def test_a_second_person_releases_and_both_are_named(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)
    cases.ask_release(hold=hold, reason="License issued", actor=officer)

    hold = cases.decide_release(hold=hold, release=True, reason="Agreed", actor=second_officer)

    assert (hold.release_asked_by, hold.released_by, hold.binds_now) == (officer, second_officer, False)


def test_a_refused_release_leaves_the_hold_standing(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)
    cases.ask_release(hold=hold, reason="License issued", actor=officer)

    hold = cases.decide_release(hold=hold, release=False, reason="Not for these items", actor=second_officer)

    assert (hold.binds_now, hold.release_asked_by) == (True, None)


def test_a_hold_released_while_the_entry_is_listed_does_not_close_the_case(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)
    cases.ask_release(hold=hold, reason="License issued", actor=officer)
    cases.decide_release(hold=hold, release=True, reason="Agreed", actor=second_officer)

    assert state(case) == CaseState.DECIDED


# --- opening: one case a counterparty, quiet while nothing changed ---------------------------------------------------


def test_a_counterparty_has_one_open_case_for_all_its_matches():
    case = two_matches()

    assert list(Case.objects.filter(counterparty=case.counterparty)) == [case]


def test_the_trail_of_a_case_begins_with_the_run_that_opened_it(case):
    assert about(case).first().action == "cases.opened"


def test_opening_twice_changes_nothing(case):
    before = (AuditEvent.objects.count(), CaseMatch.objects.count())

    jobs.sweep()
    jobs.run_due()

    assert (AuditEvent.objects.count(), CaseMatch.objects.count()) == before


def test_a_cleared_pair_stays_quiet_while_its_evidence_is_the_same(case, officer, second_officer):
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)

    change_record(case, identifiers=[{"kind": "vat", "value": "DE123456789"}])

    assert (state(case), pair_of(case).disposition) == (CaseState.CLOSED, FALSE)


def test_a_cleared_pair_comes_back_when_the_record_changed_in_what_mattered(case, officer, second_officer):
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)

    change_record(case, name="Hangzhou Hikvision Digital Technology")

    assert (state(case), pair_of(case).disposition) == (CaseState.OPEN, Disposition.PENDING)
    assert "changed since the decision" in case.reopened_because


def test_other_weights_without_another_band_bring_nothing_back(case, officer, second_officer):
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)
    match = pair_of(case).match
    for part in match.evidence:
        part["weight"] = "0.9000"
    Match.objects.filter(pk=match.pk).update(score="0.900", evidence=match.evidence)

    change_record(case, identifiers=[{"kind": "vat", "value": "DE123456789"}])

    assert state(case) == CaseState.CLOSED


def test_another_band_brings_a_clearance_back(weak, officer):
    decide(weak, FALSE, officer)

    change_record(weak, identifiers=[{"kind": "vat", "value": "DE123456789"}])

    assert (state(weak), weak.band) == (CaseState.OPEN, "strong")


def test_changed_evidence_takes_a_waiting_decision_back(case, officer):
    decide(case, TRUE, officer)

    change_record(case, name="Hangzhou Hikvision Digital Technology")

    assert (state(case), pair_of(case).awaiting_id) == (CaseState.IN_REVIEW, None)


def test_a_new_match_joins_the_open_case_and_its_trail(case):
    load_rule([{"name": "Hik Vision Digital", "kind": "organization", "aliases": [],
                "addresses": [{"text": "9 Street", "country": "CN"}]}], effective="2019-10-10")  # fmt: skip
    screen_everything()

    assert case.matches.count() == 2
    assert about(case).filter(action="cases.opened").count() == 2


def test_clearances_of_two_old_cases_come_back_in_one(officer, second_officer):
    case = make_case()
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)
    load_rule([{"name": "Hik Vision Digital", "kind": "organization", "aliases": [],
                "addresses": [{"text": "9 Street", "country": "CN"}]}], effective="2019-10-10")  # fmt: skip
    screen_everything()
    later = Case.objects.not_closed().get(counterparty=case.counterparty)
    decide(later, FALSE, officer)
    review(later, FALSE, second_officer)

    change_record(case, name="Hikvision Digital Technology")

    assert list(Case.objects.not_closed().filter(counterparty=case.counterparty)) == [later]
    assert {row.disposition for row in later.matches.all()} == {Disposition.PENDING}


# --- entries that leave ----------------------------------------------------------------------------------------------


def test_an_open_question_ends_when_its_entry_leaves(case):
    delist()

    assert (pair_of(case).disposition, state(case)) == (Disposition.WITHDRAWN, CaseState.CLOSED)


def test_a_decision_that_waits_ends_when_its_entry_leaves(case, officer):
    decide(case, TRUE, officer)

    delist()

    assert (pair_of(case).awaiting_id, state(case)) == (None, CaseState.CLOSED)


def test_a_removed_entry_never_lifts_a_hold(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)

    delist()

    hold.refresh_from_db()
    assert hold.binds_now
    assert list(Case.objects.with_release_to_decide()) == [case]


def test_the_case_closes_when_the_hold_of_a_removed_entry_is_released(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)
    delist()
    cases.ask_release(hold=hold, reason="Removed from the list", actor=officer)
    cases.decide_release(hold=hold, release=True, reason="Agreed", actor=second_officer)

    assert state(case) == CaseState.CLOSED


def test_a_confirmed_party_that_is_listed_again_comes_back_as_a_question(case, officer, second_officer):
    hold = confirm(case, officer, second_officer)
    delist()
    cases.ask_release(hold=hold, reason="Removed from the list", actor=officer)
    cases.decide_release(hold=hold, release=True, reason="Agreed", actor=second_officer)

    load_rule([HIKVISION], effective="2019-12-01", title="Listed again")
    screen_everything()

    again = Case.objects.not_closed().get(counterparty=case.counterparty)
    assert again.matches.filter(disposition=Disposition.PENDING).exists()


def test_the_event_of_a_withdrawal_counts_only_what_was_open(case, officer, second_officer):
    decide(case, FALSE, officer)
    review(case, FALSE, second_officer)

    delist()

    assert not AuditEvent.objects.filter(action="cases.matches_withdrawn").exists()


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [("false_positive", "name_and_identifier"), ("true_match", "other_address"), ("inconclusive", "known_name")],
)
def test_a_reason_that_speaks_for_another_answer_is_refused(officer, outcome, reason):
    case = make_case()
    word = cases.Verdict(outcome, reason, "A note.")

    with pytest.raises(Invalid, match="does not speak for"):
        cases.decide(case_match=case.matches.get(), verdict=word, actor=officer)

    assert not Decision.objects.exists()
