"""What the case page shows, and that it costs the same for one case as for many."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from compliance.accounts.models import User
from compliance.cases import comparison
from compliance.cases import services as cases
from compliance.cases.models import Case, CaseMatch, Disposition
from compliance.cases.queue import PAGE, capped, due_words, next_stop, queue, shown
from compliance.cases.selectors import review
from compliance.runs.models import Match
from tests.factories import fitting_reason, load_rule, make_case, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

LISTED = "Hangzhou Hikvision Digital Technology Co., Ltd."


def many(count: int) -> list[Case]:
    """So many counterparties that match one entry, each with its case."""
    parties = [make_counterparty(f"Hikvision Digital Tech {word}") for word in WORDS[:count]]
    load_rule([LISTED], title=f"Rule for {count}")
    screen_everything()
    return list(Case.objects.filter(counterparty__in=parties))


WORDS = ["Berlin", "Paris", "London", "Madrid", "Rome", "Vienna", "Oslo", "Prague"]


def decide(case: Case, outcome: str, actor: User) -> None:
    pair = CaseMatch.objects.filter(case=case.pk).first()
    assert pair is not None
    verdict = cases.Verdict(outcome, fitting_reason(outcome), "Same name.", cases.seen_token(pair))
    cases.decide(case_match=pair, verdict=verdict, actor=actor)


def fake_match(*parts: tuple[str, str, str, str, str], score: str = "0.900") -> Match:
    """A match with this evidence: feature, ours, listed, likeness, weight. Nothing is stored."""
    case = make_case()
    match = case.matches.select_related("match__revision", "match__run").get().match
    match.score = Decimal(score)
    match.evidence = [
        dict(zip(("feature", "query", "listed", "score", "weight"), part, strict=True)) for part in parts
    ]  # fmt: skip
    return match


# --- cost ------------------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_for_one_case_as_for_many(officer, django_assert_max_num_queries):
    first = many(1)[0]
    with django_assert_max_num_queries(27) as small:
        review(officer, first.pk)
    make_more = [make_counterparty(f"Hikvision Digital Tech {word}") for word in WORDS[1:]]
    screen_everything()
    for row in Case.objects.filter(counterparty__in=make_more)[:3]:
        cases.note(case=row, text="Seen", actor=officer)

    with django_assert_max_num_queries(27) as large:
        review(officer, first.pk)

    assert len(large.captured_queries) == len(small.captured_queries)


def test_queues_are_counted_no_further_than_99(officer, django_assert_num_queries):
    make_case()

    with django_assert_num_queries(1) as captured:
        assert capped(shown("queue", officer)) == "1"

    assert "LIMIT 100" in captured.captured_queries[0]["sql"]


def test_a_page_of_the_queue_reads_one_row_more_than_it_shows(officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as captured:
        queue(officer, show="closed")

    assert f"LIMIT {PAGE + 1}" in captured.captured_queries[0]["sql"]


# --- the queue -------------------------------------------------------------------------------------------------------


def test_the_strongest_case_comes_first(officer):
    weak, strong = many(2)
    Case.objects.filter(pk=weak.pk).update(top_score="0.650")
    Case.objects.filter(pk=strong.pk).update(top_score="0.990")

    assert [row.case for row in queue(officer).rows] == [strong, weak]


def test_of_two_equal_cases_the_older_comes_first(officer):
    young, old = many(2)
    Case.objects.update(top_score="0.900")
    Case.objects.filter(pk=old.pk).update(opened_at=timezone.now() - timedelta(days=2))

    assert [row.case for row in queue(officer).rows] == [old, young]


def test_a_case_somebody_else_took_leaves_my_queue(officer, second_officer):
    case = make_case()
    cases.assign(case=case, to=second_officer, actor=second_officer)

    assert queue(officer).rows == []


def test_a_decision_that_waits_is_in_the_reviewers_queue_and_waits_on_others_for_the_first(officer, second_officer):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer)

    assert [row.case for row in queue(second_officer).rows] == [case]
    assert (queue(officer).rows, [row.case for row in queue(officer).waiting]) == ([], [case])


@pytest.mark.parametrize(("role", "sees"), [("officer", 0), ("manager", 1)])
def test_an_escalated_case_is_in_a_managers_queue(request, officer, role, sees):
    case = make_case()
    cases.escalate(case=case, reason="Large customer", actor=officer)

    assert len(queue(request.getfixturevalue(role)).rows) == sees


def test_a_release_that_was_asked_for_is_shown(officer, second_officer):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer)
    pair = CaseMatch.objects.get(case=case.pk)
    verdict = cases.Verdict(Disposition.TRUE_MATCH, "known_name", "Same name.")
    cases.second_review(case_match=pair, verdict=verdict, actor=second_officer)
    cases.ask_release(hold=pair.holds.get(), reason="License issued", actor=officer)

    assert [row.case for row in queue(second_officer, show="releases").rows] == [case]


def test_who_only_reads_sees_all_cases(auditor):
    case = make_case()

    assert [row.case for row in queue(auditor).rows] == [case]


def test_an_administrator_sees_no_case(administrator):
    make_case()

    assert queue(administrator, show="all").rows == []


@pytest.mark.parametrize(
    ("left", "text", "hot"),
    [
        (timedelta(hours=-5), "5 h late", True),
        (timedelta(days=-4), "4 d late", True),
        (timedelta(days=9), None, False),
    ],
)
def test_a_due_time_says_how_late_it_is(left, text, hot):
    case = make_case()
    now = case.due_at - left

    words, is_hot = due_words(case, now)

    assert (words if text else None, is_hot) == (text, hot)


def test_after_a_decision_comes_the_next_question_of_the_same_case(officer):
    party = make_counterparty(
        "Hikvision Digital Technology", other_names=[{"text": "Dahua Technology", "kind": "trading"}]
    )
    load_rule([LISTED, "Dahua Technology"])
    screen_everything()
    case = Case.objects.get(counterparty=party)
    decide(case, Disposition.TRUE_MATCH, officer)

    waiting = case.matches.get(awaiting=None)
    assert next_stop(officer, case, "queue") == f"/cases/{case.pk}/?match={waiting.pk}"


def test_after_the_last_question_comes_the_next_case_of_the_queue(officer):
    first, second = many(2)
    decide(first, Disposition.TRUE_MATCH, officer)

    assert next_stop(officer, first, "queue") == f"/cases/{second.pk}/"


# --- the score as a sum ----------------------------------------------------------------------------------------------


def test_the_parts_as_printed_add_up_to_the_score():
    for pair in CaseMatch.objects.filter(case=make_case().pk).select_related("match__run"):
        total = comparison.score_sum(pair.match)
        assert sum(part.points for part in total.parts) == pair.match.score * 100


def test_what_the_parts_miss_is_shown_as_a_part_of_its_own():
    match = fake_match(("name", "A", "B", "0.9000", "1.0000"), score="0.901")

    assert [(part.label, part.points) for part in comparison.score_sum(match).parts][-1] == ("Rounding", Decimal("0.1"))


def test_the_line_below_says_where_bands_begin_and_what_a_part_adds():
    match = fake_match(("name", "A", "B", "0.8000", "1.0000"), ("address", "a", "b", "1.0000", "0.1000"), score="0.900")

    assert comparison.score_sum(match).note == (
        "Review begins at 60.0, High at 85.0. Without the address 80.0, Medium."
    )


# --- side by side ----------------------------------------------------------------------------------------------------


def row(match: Match, label: str, **facts: Any) -> comparison.Row:
    party = match.counterparty
    for name, value in facts.items():
        setattr(party, name, value)
    return next(row for row in comparison.comparison(match, party) if row.label == label)


def test_a_document_number_of_ours_shows_only_its_end():
    found = row(make_match(), "Register numbers", identifiers=[{"kind": "uscc", "value": "91330000733796106P"}])

    assert [line.text for line in found.ours] == ["uscc •••• 106P"]


def test_a_number_in_the_evidence_is_masked_in_words_too():
    match = fake_match(("identifier", "91330000733796106P", "91330000733796106P", "1.0000", "0.9000"))

    assert "91330000733796106P" not in comparison.in_words(match)[0].split("listed")[0]


def test_words_are_marked_in_the_pair_that_made_the_score():
    match = fake_match(("name", "Hik Vision Digital", "Hikvision Digital", "0.9700", "1.0000"))

    found = row(match, "Name")

    assert [(span.text, span.mark) for span in found.ours[0].spans] == [("Hik Vision", "near"), (" Digital", "")]


def test_words_that_an_address_comparison_ignores_are_not_marked():
    match = fake_match(("address", "555 Qianmo Rd, Hangzhou", "No. 555 Qianmo Road, Hangzhou", "1.0000", "0.1000"))
    match.revision.text["addresses"] = [{"text": "No. 555 Qianmo Road, Hangzhou", "country": "CN"}]

    found = row(match, "Address", addresses=[{"text": "555 Qianmo Rd, Hangzhou", "country": "CN"}])

    assert {span.mark for span in (*found.ours[0].spans, *found.listed[0].spans)} == {""}


@pytest.mark.parametrize(
    ("ours", "listed", "result"),
    [
        ([], ["1 Qianmo Road"], "Not comparable"),
        (["Hangzhou"], ["1 Qianmo Road"], "Not comparable"),
        (["7 Church Street, Burlington"], ["1 Qianmo Road, Hangzhou"], "Differs"),
        (["12 Qianmo Road, Hangzhou"], ["1 Qianmo Road, Hangzhou"], "Similar 0.40"),
        (["12 Qianmo Road, Hangzhou"], ["CN"], "Not comparable"),
    ],
)
def test_an_address_that_adds_nothing_still_says_how_it_compares(ours, listed, result):
    match = make_match()
    match.revision.text["addresses"] = [{"text": text, "country": "CN"} for text in listed]

    found = row(match, "Address", addresses=[{"text": text, "country": "CN"} for text in ours])

    assert found.result is not None
    assert found.result.text == result


@pytest.mark.parametrize(("country", "result"), [("CN", "Agrees"), ("DE", "Differs"), ("", "Not comparable")])
def test_countries_agree_differ_or_can_not_be_compared(country, result):
    found = row(make_match(), "Country", country=country, addresses=[])

    assert found.result is not None
    assert found.result.text == result


def test_a_name_in_another_script_has_its_reading_beneath():
    assert comparison.reading("杭州海康威视") == "Hangzhou Haikangweishi"


def test_a_name_in_latin_letters_has_no_reading():
    assert comparison.reading("Société Générale") == ""


def test_a_rule_is_quoted_verbatim_with_its_deciding_words():
    text = "Case-by-case review for EAR99; presumption of denial for all others"

    parts = comparison.quoted(text)

    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.decides] == ["Case-by-case", "presumption of denial"]


def make_match() -> Match:
    case = make_case()
    match = case.matches.select_related("match__revision", "match__run").get().match
    match.evidence = [part for part in match.evidence if part["feature"] != "address"]
    return match


# --- the panel -------------------------------------------------------------------------------------------------------


def test_the_first_answer_is_hidden_from_the_trail_of_who_may_review_it(officer, second_officer):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer)

    shown_to_reviewer = " ".join(event.text for event in review(second_officer, case.pk).trail)

    assert "true match" not in shown_to_reviewer
    assert "waits for a second person" in shown_to_reviewer


def test_the_first_person_reads_why_another_must_review(officer):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer)

    assert "another officer or a manager reviews it" in review(officer, case.pk).panel.refusal


def test_the_button_names_the_act(officer):
    case = make_case()

    assert review(officer, case.pk).panel.signs[Disposition.TRUE_MATCH] == "Send to second review"


def test_a_clear_in_the_review_band_is_recorded_at_once(officer):
    case = make_case()
    Match.objects.update(band="review")

    assert review(officer, case.pk).panel.signs[Disposition.FALSE_POSITIVE] == "Record false match"


def test_a_record_that_changed_after_its_screening_is_said(officer):
    case = make_case()
    case.counterparty.revision += 1
    case.counterparty.save()

    assert review(officer, case.pk).record_changed


def test_the_trail_prints_times_in_words_not_in_utc(officer, second_officer):
    case = make_case()
    decide(case, Disposition.TRUE_MATCH, officer)
    pair = CaseMatch.objects.get(case=case.pk)
    verdict = cases.Verdict(Disposition.TRUE_MATCH, "known_name", "Same name.")
    cases.second_review(case_match=pair, verdict=verdict, actor=second_officer)

    assert any("binds from Wed 9 Oct 2019, 00:00 EDT" in event.text for event in review(officer, case.pk).trail)
