"""The case page over HTTP: what is taken, what is refused, and that nothing written is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from compliance.accounts.models import User
from compliance.cases import services as cases
from compliance.cases.models import Case, CaseMatch, CaseState, Disposition, Hold, Note
from compliance.runs.models import Match
from tests.factories import make_case

pytestmark = pytest.mark.django_db

ClientFor = Callable[[User], Client]
NOTE = "Hik Vision is Hikvision written as two words."


@pytest.fixture
def case() -> Case:
    return make_case()


@pytest.fixture
def pair(case: Case) -> CaseMatch:
    return CaseMatch.objects.get(case=case)


def form(pair: CaseMatch, outcome: str = "true_match", **more: Any) -> dict[str, Any]:
    return {
        "outcome": outcome, "reason": "known_name", "note": NOTE,
        "seen": cases.seen_token(CaseMatch.objects.get(pk=pair.pk)), **more,
    }  # fmt: skip


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())


def confirm(pair: CaseMatch, first: User, second: User) -> Hold:
    verdict = cases.Verdict("true_match", "known_name", NOTE)
    cases.decide(case_match=pair, verdict=verdict, actor=first)
    cases.second_review(case_match=pair, verdict=verdict, actor=second)
    return pair.holds.get()


# --- the queue -------------------------------------------------------------------------------------------------------


def test_the_queue_opens_its_first_case(case, officer, client_for: ClientFor):
    assert client_for(officer).get(reverse("cases:list")).headers["Location"] == f"/cases/{case.pk}/"


def test_an_empty_queue_says_so(officer, client_for: ClientFor):
    response = client_for(officer).get(reverse("cases:list"))

    assert response.status_code == 200
    assert "Nothing waits for you." in text(response)


def test_a_filter_stays_on_from_case_to_case(case, officer, client_for: ClientFor):
    response = client_for(officer).get(reverse("cases:list"), {"show": "unassigned"})

    assert response.headers["Location"] == f"/cases/{case.pk}/?show=unassigned"


def test_who_may_not_read_cases_is_told_so(case, administrator, client_for: ClientFor):
    assert client_for(administrator).get(case.get_absolute_url()).status_code == 403


def test_a_page_without_a_sign_in_asks_for_one(case, client: Client):
    assert client.get(case.get_absolute_url()).status_code == 302


@pytest.mark.parametrize("query", ["match=x", "match=999999", "page=-1", "page=²", "show=nothing", "trail=all"])
def test_an_odd_address_shows_the_case_all_the_same(case, officer, client_for: ClientFor, query):
    assert client_for(officer).get(f"{case.get_absolute_url()}?{query}").status_code == 200


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_quotes_the_rule_with_its_citation(case, officer, client_for: ClientFor):
    page = text(client_for(officer).get(case.get_absolute_url()))

    assert "For all items subject to the EAR (See § 744.11 of the EAR)" in page
    assert "84 FR 54002" in page


def test_an_auditor_sees_the_page_and_a_locked_button(case, auditor, client_for: ClientFor):
    page = text(client_for(auditor).get(case.get_absolute_url()))

    assert "Your role may not decide matches." in page
    assert 'name="outcome"' not in page


def test_a_name_can_not_bring_markup_into_the_page(officer, client_for: ClientFor):
    case = make_case(other_names=[{"text": "<script>alert(1)</script>", "kind": "trading"}])

    assert "<script>alert" not in client_for(officer).get(case.get_absolute_url()).content.decode()


# --- decide ----------------------------------------------------------------------------------------------------------


def test_a_decision_is_recorded_and_the_next_page_says_so(pair, officer, client_for: ClientFor):
    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), form(pair), follow=True)

    assert "true match, sent to second review" in text(response)


def test_an_answer_is_required(pair, officer, client_for: ClientFor):
    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), form(pair, outcome=""))

    assert response.status_code == 422
    assert "Choose true match, false match or inconclusive." in text(response)


def test_a_missing_note_is_said_at_the_note(pair, officer, client_for: ClientFor):
    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), form(pair, note=""))

    assert response.status_code == 422
    assert 'id="decision_note_error"' in text(response)


def test_a_refused_form_keeps_what_was_written(pair, officer, client_for: ClientFor):
    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), form(pair, reason=""))

    assert NOTE in text(response)


def test_a_match_that_moved_on_gives_409_says_what_changed_and_keeps_the_note(
    pair, officer, second_officer, client_for: ClientFor
):
    drawn = form(pair)
    cases.decide(case_match=pair, verdict=cases.Verdict("inconclusive", "not_enough", "Asked."), actor=second_officer)

    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), drawn)

    assert response.status_code == 409
    assert "Joe Mensah recorded “inconclusive”" in text(response)
    assert NOTE in text(response)


def test_a_page_drawn_after_409_can_be_signed(pair, officer, second_officer, client_for: ClientFor):
    drawn = form(pair)
    cases.decide(case_match=pair, verdict=cases.Verdict("inconclusive", "not_enough", "Asked."), actor=second_officer)
    client = client_for(officer)
    page = text(client.post(reverse("cases:decide", args=[pair.pk]), drawn))

    token = cases.seen_token(CaseMatch.objects.get(pk=pair.pk))

    assert f'name="seen" value="{token}"' in page


def test_a_note_is_kept_even_where_nothing_is_left_to_decide(pair, officer, second_officer, client_for: ClientFor):
    drawn = form(pair)
    confirm(pair, second_officer, make_manager())

    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), drawn)

    assert response.status_code == 409
    assert NOTE in text(response)


def make_manager() -> User:
    return User.objects.create(username="late", first_name="Late", last_name="Manager", role="manager")


def test_who_comes_too_late_for_a_first_decision_reads_that_one_waits_but_not_its_answer(
    pair, officer, second_officer, client_for: ClientFor
):
    drawn = form(pair, outcome="false_positive")
    cases.decide(case_match=pair, verdict=cases.Verdict("true_match", "known_name", "Same firm."), actor=second_officer)

    response = client_for(officer).post(reverse("cases:decide", args=[pair.pk]), drawn)

    assert response.status_code == 409
    assert "Joe Mensah recorded a first decision, which waits for a second person" in text(response)


def test_after_409_the_answer_is_chosen_anew(pair, officer, second_officer, client_for: ClientFor):
    drawn = form(pair)
    cases.decide(case_match=pair, verdict=cases.Verdict("inconclusive", "not_enough", "Asked."), actor=second_officer)

    page = text(client_for(officer).post(reverse("cases:decide", args=[pair.pk]), drawn))

    assert " checked>" not in page


def test_an_auditor_posts_no_decision(pair, auditor, client_for: ClientFor):
    assert client_for(auditor).post(reverse("cases:decide", args=[pair.pk]), form(pair)).status_code == 403


def test_a_decision_is_not_taken_by_a_link(pair, officer, client_for: ClientFor):
    assert client_for(officer).get(reverse("cases:decide", args=[pair.pk])).status_code == 405


def test_the_first_person_is_refused_the_second_review_with_the_reason(pair, officer, client_for: ClientFor):
    cases.decide(case_match=pair, verdict=cases.Verdict("true_match", "known_name", NOTE), actor=officer)

    response = client_for(officer).post(reverse("cases:second_review", args=[pair.pk]), form(pair))

    assert response.status_code == 403
    assert "another officer or a manager reviews it" in text(response)


def test_a_second_person_confirms(pair, officer, second_officer, client_for: ClientFor):
    cases.decide(case_match=pair, verdict=cases.Verdict("true_match", "known_name", NOTE), actor=officer)

    response = client_for(second_officer).post(reverse("cases:second_review", args=[pair.pk]), form(pair), follow=True)

    assert "true match, both agree" in text(response)


# --- work ------------------------------------------------------------------------------------------------------------


def test_taking_a_case_needs_no_name(case, officer, client_for: ClientFor):
    client_for(officer).post(reverse("cases:assign", args=[case.pk]))

    case.refresh_from_db()
    assert (case.assigned_to, case.state) == (officer, CaseState.IN_REVIEW)


def test_a_manager_gives_a_case(case, manager, second_officer, client_for: ClientFor):
    client_for(manager).post(reverse("cases:assign", args=[case.pk]), {"to": second_officer.pk})

    case.refresh_from_db()
    assert case.assigned_to == second_officer


@pytest.mark.parametrize(
    ("address", "data", "state"),
    [
        ("cases:ask", {"of": "Sales", "question": "Who owns it?"}, CaseState.INFORMATION_REQUESTED),
        ("cases:escalate", {"reason": "Large customer"}, CaseState.ESCALATED),
    ],
)
def test_a_small_form_moves_the_case(case, officer, client_for: ClientFor, address, data, state):
    assert client_for(officer).post(reverse(address, args=[case.pk]), data).status_code == 302

    case.refresh_from_db()
    assert case.state == state


def test_an_answer_moves_the_case_back_to_review(case, officer, client_for: ClientFor):
    cases.ask_information(case=case, of="Sales", question="Who owns it?", actor=officer)

    client_for(officer).post(reverse("cases:answer", args=[case.pk]), {"answer": "The founder."})

    case.refresh_from_db()
    assert case.state == CaseState.IN_REVIEW


def test_a_manager_returns_an_escalated_case(case, officer, manager, client_for: ClientFor):
    cases.escalate(case=case, reason="Large customer", actor=officer)

    client_for(manager).post(reverse("cases:return", args=[case.pk]), {"reason": "Ask sales first"})

    case.refresh_from_db()
    assert case.state == CaseState.IN_REVIEW


def test_a_note_is_kept(case, officer, client_for: ClientFor):
    client_for(officer).post(reverse("cases:note", args=[case.pk]), {"text": "Called the customer."})

    assert Note.objects.get().text == "Called the customer."


def test_a_small_form_without_its_text_comes_back_open_with_the_fault(case, officer, client_for: ClientFor):
    response = client_for(officer).post(reverse("cases:ask", args=[case.pk]), {"of": "Sales", "question": ""})

    assert response.status_code == 422
    assert 'id="ask_question_error"' in text(response)


def test_a_move_the_state_no_longer_allows_gives_409(case, officer, client_for: ClientFor):
    cases.escalate(case=case, reason="Large customer", actor=officer)

    response = client_for(officer).post(reverse("cases:escalate", args=[case.pk]), {"reason": "Again"})

    assert response.status_code == 409


# --- holds -----------------------------------------------------------------------------------------------------------


def test_a_release_is_asked_for_and_decided_by_another(pair, officer, second_officer, client_for: ClientFor):
    hold = confirm(pair, officer, second_officer)
    client_for(officer).post(reverse("cases:ask_release", args=[hold.pk]), {"reason": "License issued"})

    data = {"release": "yes", "reason": "License read"}
    client_for(second_officer).post(reverse("cases:decide_release", args=[hold.pk]), data)

    hold.refresh_from_db()
    assert hold.released_by == second_officer


def test_who_asked_for_a_release_is_refused_with_the_reason(pair, officer, second_officer, client_for: ClientFor):
    hold = confirm(pair, officer, second_officer)
    cases.ask_release(hold=hold, reason="License issued", actor=officer)

    data = {"release": "yes", "reason": "I am sure"}
    response = client_for(officer).post(reverse("cases:decide_release", args=[hold.pk]), data)

    assert response.status_code == 403
    assert "You asked for this release" in text(response)


def test_a_confirmed_match_of_a_coming_entry_shows_when_its_hold_binds(
    pair, officer, second_officer, client_for: ClientFor
):
    hold = confirm(pair, officer, second_officer)
    Hold.objects.filter(pk=hold.pk).update(binds_from="2099-10-09T04:00:00+00:00")

    page = text(client_for(officer).get(pair.case.get_absolute_url()))

    assert "Hold, binds <time" in page
    assert "Fri 9 Oct 2099, 00:00 EDT" in page


def test_a_withdrawn_match_asks_for_no_decision(pair, officer, client_for: ClientFor):
    CaseMatch.objects.filter(pk=pair.pk).update(disposition=Disposition.WITHDRAWN)
    Match.objects.update(withdrawn_at="2019-11-01T00:00:00+00:00")

    assert "it needs no decision any more" in text(client_for(officer).get(pair.case.get_absolute_url()))
