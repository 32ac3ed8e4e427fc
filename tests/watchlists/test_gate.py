"""When a version waits for a person."""

from __future__ import annotations

import pytest

from compliance.watchlists import gate
from compliance.watchlists.parsers import ListedEntry, ParsedList, Problem


def check(parsed, before=None, after=None, added=None, removed=None, **options):
    """The reasons to hold a version with these counts."""
    counts = gate.Counts(before or {}, after or {}, added or {}, removed or {})
    return gate.check(parsed, counts, **options).reasons


WHOLE = ParsedList(form="whole", entries=())


def unreadable(*lines: int) -> ParsedList:
    problems = tuple(Problem(line, "no_name", f"Line {line} has no name.", "unreadable") for line in lines)
    return ParsedList(form="whole", entries=(), problems=problems)


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        ({}, {"EL": 10}, []),
        ({"EL": 100}, {"EL": 100}, []),
        ({"EL": 100}, {"EL": 61}, []),
        ({"EL": 100}, {"EL": 60}, ["The list EL is 40 % smaller: 100 entries before, 60 now."]),
        ({"EL": 100}, {}, ["The list EL had 100 entries and is now empty."]),
        ({"EL": 1}, {"EL": 0}, ["The list EL had 1 entry and is now empty."]),
        (
            {"EL": 2_001, "DPL": 5},
            {"EL": 919, "DPL": 5},
            ["The list EL is 54 % smaller: 2,001 entries before, 919 now."],
        ),
        ({"FSE": 0}, {}, []),
    ],
)
def test_a_list_that_is_empty_or_two_fifths_smaller_holds_the_version(before, after, reasons):
    assert list(check(WHOLE, before, after)) == reasons


def test_a_change_may_shrink_a_list():
    assert check(ParsedList(form="change", entries=()), {"EL": 10}, {"EL": 1}) == ()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((7,), "1 row cannot be read: line 7."),
        ((7, 9), "2 rows cannot be read: lines 7, 9."),
        (tuple(range(2, 9)), "7 rows cannot be read: lines 2, 3, 4, 5, 6, and more."),
    ],
)
def test_an_unreadable_row_holds_the_version_and_names_its_line(lines, reason):
    assert check(unreadable(*lines)) == (reason,)


def test_a_few_damaged_rows_do_not_hold():
    damaged = ParsedList(form="whole", entries=(), problems=(Problem(2, "lost_letters", "Line 2 ...", "damaged"),))

    assert check(damaged) == ()


# --- shares, sizes and names -----------------------------------------------------------------------------------------


def entries(count, *, marked=0, mark="lost_letters", list_code="EL"):
    """A whole list of that many entries, the first of them damaged."""
    return ParsedList(
        form="whole",
        entries=tuple(
            ListedEntry(list_code=list_code, name=f"Party {n}", marks=(mark,) if n < marked else ())
            for n in range(count)
        ),
    )


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"added": {"EL": 1_001}}, "adds 1,001 entries"),
        ({"removed": {"EL": 401}}, "removes 401 entries"),
        ({"added": {"EL": 1_000}, "removed": {"EL": 400}}, None),
    ],
)
def test_a_list_that_keeps_its_size_but_not_its_entries_is_held(counts, words):
    reasons = check(entries(1_200), {"EL": 1_000}, {"EL": 1_200}, **counts)

    assert [words in reason for reason in reasons] == ([True] if words else [])


@pytest.mark.parametrize(
    ("marked", "mark", "held"),
    [
        (86, "lost_letters", False),  # the CSL of April 2022: 8.6 %
        (131, "lost_letters", True),
        (3, "impossible_date", False),
        (11, "impossible_date", True),
        (11, "wrong_letters", True),
        (500, "stray_and", False),
    ],
)
def test_damage_beyond_what_is_usual_for_the_list_holds_it(marked, mark, held):
    reasons = check(entries(1_000, marked=marked, mark=mark), {}, {"EL": 1_000})

    assert bool(reasons) is held


def test_a_fetched_file_of_odd_size_or_without_known_names_is_held():
    few = check(entries(134), {}, {"EL": 134}, is_fetched=True)
    full = check(entries(1_500), {}, {"EL": 1_500}, is_fetched=True)

    assert "has 134 entries; the official one has 1,000 to 12,000" in few[0]
    assert [("lacks names" in reason) for reason in full] == [True]


def test_what_a_person_loads_by_hand_is_noted_for_its_size_and_not_held():
    verdict = gate.check(entries(134), gate.Counts({}, {"EL": 134}, {}, {}))

    assert verdict.reasons == ()
    assert "has 134 entries" in verdict.warnings[0]
