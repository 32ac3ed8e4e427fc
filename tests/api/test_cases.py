"""Cases and their decisions, under the same rules as the pages."""

from __future__ import annotations

import pytest

from compliance.cases.models import CaseState, Disposition
from tests.factories import make_case

pytestmark = pytest.mark.django_db
CASES = "/api/v1/cases/"


def pair_of(client, case) -> dict:
    return client.get(f"{CASES}{case.pk}/").json()["matches"][0]


def verdict(pair, outcome="true_match", **changes) -> dict:
    return {"outcome": outcome, "reason": "known_name", "note": "Same.", "seen": pair["seen"], **changes}


def decide(client, pair, act="decide", **changes):
    return client.post(f"/api/v1/case-matches/{pair['id']}/{act}/", verdict(pair, **changes), format="json")


def test_a_case_comes_with_matches_evidence_and_effect(api, officer, case):
    pair = pair_of(api(officer), case)

    assert pair["effect"]["label"] == "License required"
    assert pair["evidence"][0]["feature"]
    assert (pair["disposition"], pair["awaits_second_review"], pair["decisions"]) == ("pending", False, [])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 1),
        ({"state": "open"}, 1),
        ({"state": "closed"}, 0),
        ({"assigned": "nobody"}, 1),
        ({"assigned": "officer"}, 0),
    ],
)
def test_cases_are_filtered(api, officer, case, query, found):
    assert len(api(officer).get(CASES, query).json()["results"]) == found


def test_a_case_is_assigned(api, officer, case):
    answer = api(officer).post(f"{CASES}{case.pk}/assign/", {"to": "officer"}, format="json").json()

    assert (answer["assigned_to"], answer["state"]) == ("officer", "in_review")


@pytest.mark.parametrize(("to", "status"), [("nobody", 400), ("auditor", 403), ("second", 403)])
def test_a_case_goes_only_to_who_may_have_it(api, officer, second_officer, auditor, case, to, status):
    assert api(officer).post(f"{CASES}{case.pk}/assign/", {"to": to}, format="json").status_code == status


def test_a_true_match_takes_two_people(api, officer, second_officer, case):
    first = decide(api(officer), pair_of(api(officer), case))
    assert (first.status_code, first.json()["needs_second"]) == (201, True)

    own = decide(api(officer), pair_of(api(officer), case), "second-review")
    assert (own.status_code, own.json()["code"]) == (403, "not_allowed")

    second = decide(api(second_officer), pair_of(api(second_officer), case), "second-review")
    assert second.status_code == 201
    case.refresh_from_db()
    assert case.state == CaseState.DECIDED
    assert case.matches.get().disposition == Disposition.TRUE_MATCH


def test_a_decision_on_what_was_not_seen_is_refused(api, officer, second_officer, case):
    old = pair_of(api(officer), case)
    decide(api(second_officer), old)

    answer = decide(api(officer), old)

    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"outcome": "maybe"}, 400), ({"reason": "because"}, 400), ({"note": ""}, 422), ({"seen": ""}, 400)],
)
def test_an_incomplete_decision_is_refused(api, officer, case, changes, status):
    client = api(officer)

    assert decide(client, pair_of(client, case), **changes).status_code == status


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_does_not_decide_is_refused(api, request, case, officer, role):
    pair = pair_of(api(officer), case)

    assert decide(api(request.getfixturevalue(role)), pair).status_code == 403


def test_an_unknown_case_is_404(api, officer):
    assert api(officer).get(f"{CASES}999/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_many(api, officer, django_assert_max_num_queries, count):
    for number in range(count):
        make_case(f"Dahua Tech {number}", f"Dahua Technology {number}")
    client = api(officer)

    with django_assert_max_num_queries(4):
        assert len(client.get(CASES).json()["results"]) == count
