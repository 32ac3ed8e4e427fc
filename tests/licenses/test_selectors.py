"""What the page of a request says, and what it costs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compliance.licenses import selectors
from compliance.licenses import services as licenses
from compliance.licenses.models import LicenseItem, PartyRole
from compliance.licenses.services import Item, Party
from compliance.watchlists.policy import policy_for
from tests.factories import REVIEW_POLICY, make_case, make_counterparty
from tests.licenses.conftest import CHIPS, DETECTORS, content


def marked(eccn: str, policy: str = REVIEW_POLICY) -> list[str]:
    clause = policy_for(eccn, policy)
    assert clause
    return [words.text for words in selectors.quoted(policy, clause, eccn) if words.decides]


@pytest.mark.parametrize(
    ("eccn", "deciding"),
    [
        ("5A992.c", ["presumption of denial for all other items subject to the EAR"]),
        ("2A983", ["Case-by-case review", "2A983"]),
        ("1A004.c", ["Case-by-case review", "1A004.c"]),
        ("EAR99", ["presumption of denial for all other items subject to the EAR"]),
    ],
)
def test_the_words_that_decide_an_item_are_marked(eccn, deciding):
    assert marked(eccn) == deciding


@pytest.mark.parametrize("policy", ["Presumption of denial", "Presumption of denial.", "Case-by-case basis"])
def test_a_policy_of_one_clause_is_quoted(policy):
    assert len(marked("5A992.c", policy)) == 1


def test_a_quote_is_the_rule_s_own_words():
    clause = policy_for("2A983", REVIEW_POLICY)
    text = "".join(words.text for words in selectors.quoted(REVIEW_POLICY, clause, "2A983"))

    assert text.strip("… ") in REVIEW_POLICY


def test_an_item_that_the_text_does_not_settle_is_to_be_read():
    row = selectors.item_row(LicenseItem(eccn="1A004"), REVIEW_POLICY)

    assert (row.policy.text, row.quote) == ("Read the entry", [])


def test_a_restricted_party_shows_its_case(submitted, manager):
    row = selectors.request_page(submitted, manager).parties[0]

    assert (row.status, row.case) == ("restricted", submitted.case)


def test_a_party_with_an_open_match_is_an_open_point(case, officer, manager):
    other = make_case("Dahua Tech", "Dahua Technology")
    party = Party(PartyRole.PURCHASER, "Dahua Tech", counterparty_id=other.counterparty_id)
    request = licenses.draft(case=case, content=content(case, parties=[party]), actor=officer)

    page = selectors.request_page(request, manager)

    assert page.parties[0].status == "under_review"
    assert page.open_points == [f"Dahua Tech is still under review, {other.number}."]


def test_a_name_without_a_record_was_not_screened(case, officer, manager):
    parties = [Party(PartyRole.PURCHASER, "Unknown Trading"), Party(PartyRole.APPLICANT, "Us")]
    request = licenses.draft(case=case, content=content(case, parties=parties), actor=officer)

    page = selectors.request_page(request, manager)

    assert [row.status for row in page.parties] == ["not_screened", ""]
    assert page.open_points == ["Unknown Trading has no counterparty record and was not screened."]


def test_a_party_without_hold_or_question_gets_no_word_of_clearance(case, officer, manager):
    clean = make_counterparty("Fjord Optics AS")
    party = Party(PartyRole.PURCHASER, clean.name, counterparty_id=clean.pk)
    request = licenses.draft(case=case, content=content(case, parties=[party]), actor=officer)

    row = selectors.request_page(request, manager).parties[0]

    assert (row.status, row.basis) == ("", "No hold and no open question")


def test_the_page_says_why_somebody_may_not_decide(submitted, officer):
    page = selectors.request_page(submitted, officer)

    assert "approve" not in page.moves
    assert "may not approve license requests to file" in page.why_not["approve"]


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("draft", [("Draft", "now"), ("Submitted", ""), ("Approved to file", ""), ("Filed with BIS", "")]),
        ("submitted", [("Draft", "done"), ("Submitted", "now"), ("Approved to file", ""), ("Filed with BIS", "")]),
    ],
)
def test_the_line_of_states(request, state, steps):
    found = selectors.steps_of(request.getfixturevalue(state))

    assert [(step.text, step.mark) for step in found] == steps


def test_a_rejected_request_ends_the_line(decided):
    assert [step.text for step in selectors.steps_of(decided("reject"))] == ["Draft", "Submitted", "Rejected"]


@pytest.mark.parametrize("lines", [1, 20])
def test_the_page_costs_the_same_for_many_lines(case, officer, manager, django_assert_max_num_queries, lines):
    parties = [Party(PartyRole.PURCHASER, "X", counterparty_id=case.counterparty_id) for _ in range(lines)]
    request = licenses.draft(
        case=case, content=content(case, items=[CHIPS, DETECTORS] * lines, parties=parties), actor=officer
    )

    with django_assert_max_num_queries(16):
        page = selectors.request_page(request, manager)
        assert [row.party.counterparty.name for row in page.parties]


@pytest.mark.parametrize("count", [1, 8])
def test_the_list_costs_the_same_for_many_requests(case, officer, django_assert_max_num_queries, count):
    for number in range(count):
        licenses.draft(case=case, content=content(case, title=f"No. {number}"), actor=officer)

    with django_assert_max_num_queries(3):
        page = selectors.request_list(user=officer, state="", before=None)
        assert {row.request.case.counterparty.name for row in page.rows} == {case.counterparty.name}
        assert {(row.items, row.value) for row in page.rows} == {(2, Decimal("202600.50"))}


def test_older_requests_are_on_the_next_page(case, officer, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE", 1)
    first, second = (licenses.draft(case=case, content=content(case), actor=officer) for _ in range(2))

    page = selectors.request_list(user=officer, state="", before=None)
    older = selectors.request_list(user=officer, state="", before=page.older)

    assert ([row.request for row in page.rows], [row.request for row in older.rows]) == ([second], [first])


def test_a_new_request_begins_with_the_party_in_its_roles(case):
    start = selectors.start_of(case)

    assert [party.role for party in start.parties] == ["applicant", "purchaser", "end_user"]
    assert start.parties[1].counterparty_id == case.counterparty_id


def test_an_item_line_is_a_value():
    assert Item("EAR99", "Cable", 1, Decimal("1")).unit == "pieces"
