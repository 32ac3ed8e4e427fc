"""Rules that are on for a time, read by day, and what a named person recorded of later rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from compliance.audit import services as audit
from compliance.core.errors import Invalid, NotAllowed
from compliance.watchlists import later_rules
from compliance.watchlists.models import LaterRule
from compliance.watchlists.switches import SWITCHES, Later, State, phases_of, read

RULE, TGL = SWITCHES["affiliates_rule"], SWITCHES["tgl_huawei_2019"]


def day(text: str) -> date:
    return date.fromisoformat(text)


def later(begins: str, state: State, ends: str = "") -> Later:
    return Later(day(begins), day(ends) if ends else None, state, "91 FR 60000", "", "Tobias Wells")


def says(switch: Any, on: str, *recorded: Later) -> tuple[str, bool]:
    reading = read(switch, day(on), recorded)
    return reading.state, reading.confirmed


# --- the table -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-09-28", ("not_yet", True)),
        ("2025-09-29", ("in_force", True)),
        ("2025-11-09", ("in_force", True)),
        ("2025-11-10", ("stayed", True)),
        ("2026-11-09", ("stayed", True)),
        ("2026-11-10", ("in_force", False)),
        ("2031-01-01", ("in_force", False)),
    ],
)
def test_the_affiliates_rule_by_day(on, expected):
    assert says(RULE, on) == expected


@pytest.mark.parametrize(
    ("ordered", "state", "binds"),
    [("2025-10-20", "in_force", True), ("2026-03-01", "stayed", False), ("2026-11-15", "in_force", True)],
)
def test_the_same_facts_have_three_answers_by_the_date_of_the_order(ordered, state, binds):
    reading = read(RULE, day(ordered))

    assert (reading.state, reading.binds) == (state, binds)


def test_what_is_not_confirmed_says_so_in_its_sentence():
    assert "until a named person records one" in read(RULE, day("2026-11-10")).sentence


@pytest.mark.parametrize(
    ("key", "on", "state"),
    [
        ("tgl_huawei_2019", "2019-05-19", "not_yet"),
        ("tgl_huawei_2019", "2019-05-20", "in_force"),
        ("tgl_huawei_2019", "2020-08-13", "in_force"),
        ("tgl_huawei_2019", "2020-08-14", "ended"),
        ("savings_2019_10_09", "2019-10-08", "not_yet"),
        ("savings_2019_10_09", "2019-10-09", "in_force"),
        ("savings_2023_10_17", "2023-10-17", "in_force"),
        ("savings_2023_10_17", "2023-11-15", "in_force"),
        ("savings_2023_10_17", "2023-11-16", "ended"),
    ],
)
def test_general_licenses_and_savings_clauses_by_day(key, on, state):
    assert says(SWITCHES[key], on) == (state, True)


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=list(SWITCHES))
def test_the_phases_of_the_table_stand_in_order_each_with_its_citation(switch):
    days = [phase.begins for phase in switch.phases]

    assert days == sorted(set(days))
    assert all(phase.citation and phase.sentence for phase in switch.phases)


# --- recorded later rules --------------------------------------------------------------------------------------------


def test_a_recorded_rule_replaces_what_the_table_only_supposes():
    extended = later("2026-11-10", "stayed")

    assert says(RULE, "2026-11-09", extended) == ("stayed", True)
    assert says(RULE, "2026-11-10", extended) == ("stayed", True)
    assert says(RULE, "2031-01-01", extended) == ("stayed", True)


def test_a_recorded_rule_with_an_end_is_followed_by_what_is_not_confirmed():
    extended = later("2026-11-10", "stayed", "2027-11-09")

    assert says(RULE, "2027-11-09", extended) == ("stayed", True)
    assert says(RULE, "2027-11-10", extended) == ("in_force", False)
    assert "ends on 2027-11-09" in read(RULE, day("2027-11-10"), [extended]).sentence


def test_what_was_confirmed_before_a_recorded_rule_stays():
    assert says(RULE, "2025-10-01", later("2026-11-10", "ended")) == ("in_force", True)


def test_a_rule_recorded_for_later_leaves_the_time_until_then_not_confirmed():
    assert says(RULE, "2026-11-20", later("2026-12-01", "ended")) == ("in_force", False)
    assert says(RULE, "2026-12-01", later("2026-12-01", "ended")) == ("ended", True)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_second_extension_goes_on_where_it_overlaps_the_end_of_the_first(order):
    both = [later("2026-11-10", "stayed", "2027-11-09"), later("2027-10-01", "stayed", "2028-11-09")][order]

    assert says(RULE, "2027-11-10", *both) == ("stayed", True)
    assert says(RULE, "2028-11-09", *both) == ("stayed", True)
    assert says(RULE, "2028-11-10", *both) == ("in_force", False)


def test_an_extension_that_follows_the_first_at_once_leaves_no_day_between():
    both = [later("2026-11-10", "stayed", "2027-11-09"), later("2027-11-10", "stayed", "2028-11-09")]

    assert says(RULE, "2027-11-10", *both) == ("stayed", True)


def test_a_rule_that_ended_for_good_does_not_come_back_at_the_end_of_an_earlier_stay():
    both = [later("2026-11-10", "stayed", "2027-11-09"), later("2027-03-01", "ended")]

    assert says(RULE, "2027-11-10", *both) == ("ended", True)


def test_of_two_rules_recorded_for_one_day_the_last_counts_to_its_end():
    both = [later("2026-11-10", "stayed", "2027-11-09"), later("2026-11-10", "stayed", "2028-11-09")]

    assert says(RULE, "2027-11-10", *both) == ("stayed", True)
    assert says(RULE, "2028-11-10", *both) == ("in_force", False)


def test_a_permission_whose_recorded_time_is_over_is_treated_as_ended():
    extended = later("2020-08-14", "in_force", "2020-12-31")

    assert says(TGL, "2020-12-31", extended) == ("in_force", True)
    assert says(TGL, "2021-01-01", extended) == ("ended", False)


def test_what_the_table_has_confirmed_is_not_undone_by_the_end_of_an_earlier_recorded_rule():
    extended = later("2020-05-16", "in_force", "2020-08-13")

    assert says(TGL, "2020-08-14", extended) == ("ended", True)
    assert len({phase.begins for phase in phases_of(TGL, [extended])}) == 3


# --- recording -------------------------------------------------------------------------------------------------------


def record(actor: Any, **changes: Any) -> LaterRule:
    facts = {
        "switch": "affiliates_rule", "state": "stayed", "begins": day("2026-11-10"), "ends": day("2027-11-09"),
        "citation": "91 FR 60000", "note": "", **changes,
    }  # fmt: skip
    return later_rules.record(actor=actor, **facts)


@pytest.mark.django_db
def test_a_later_rule_is_recorded_by_name_with_its_citation(manager):
    rule = record(manager, note=" Extended by a year. ")

    (reading,) = [found for found in later_rules.readings(day("2027-01-01")) if found.switch == RULE]
    assert (reading.state, reading.confirmed, reading.citation) == ("stayed", True, "91 FR 60000")
    assert reading.sentence == "Extended by a year."
    assert (rule.recorded_by, audit.about(rule).get().action) == (manager, "lists.later_rule_recorded")


@pytest.mark.django_db
def test_without_a_note_the_reading_names_who_recorded_it(manager):
    record(manager)

    (found,) = later_rules.recorded()["affiliates_rule"]
    assert "Wells" in read(RULE, day("2026-11-10"), [found]).sentence


@pytest.mark.django_db
def test_a_rule_recorded_for_one_switch_moves_no_other(manager):
    record(manager)

    assert [r.state for r in later_rules.readings(day("2026-12-01")) if r.switch == TGL] == ["ended"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"switch": "nothing"}, "no dated rule"),
        ({"state": "not_yet"}, "in force, stayed or ended"),
        ({"citation": "a press release"}, "citation"),
        ({"citation": ""}, "citation"),
        ({"ends": day("2026-11-09")}, "before the first"),
    ],
)
def test_a_later_rule_of_no_switch_state_citation_or_order_of_days_is_refused(manager, changes, words):
    with pytest.raises(Invalid, match=words):
        record(manager, **changes)

    assert not LaterRule.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["officer", "auditor"])
def test_only_who_may_load_lists_records_a_later_rule(person, request):
    with pytest.raises(NotAllowed):
        record(request.getfixturevalue(person))


@pytest.mark.django_db
def test_a_later_rule_may_be_recorded_without_an_end(manager):
    record(manager, ends=None)

    assert says(RULE, "2040-01-01", *later_rules.recorded()["affiliates_rule"]) == ("stayed", True)
