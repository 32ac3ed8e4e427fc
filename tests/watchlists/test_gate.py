"""When a version waits for a person."""

from __future__ import annotations

import pytest

from compliance.watchlists import gate
from compliance.watchlists.parsers import ParsedList, Problem

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
    assert list(gate.check(WHOLE, before, after)) == reasons


def test_a_change_may_shrink_a_list():
    assert gate.check(ParsedList(form="change", entries=()), {"EL": 10}, {"EL": 1}) == ()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((7,), "1 row cannot be read: line 7."),
        ((7, 9), "2 rows cannot be read: lines 7, 9."),
        (tuple(range(2, 9)), "7 rows cannot be read: lines 2, 3, 4, 5, 6, and more."),
    ],
)
def test_an_unreadable_row_holds_the_version_and_names_its_line(lines, reason):
    assert gate.check(unreadable(*lines), {}, {}) == (reason,)


def test_damaged_rows_never_hold():
    damaged = ParsedList(form="whole", entries=(), problems=(Problem(2, "lost_letters", "Line 2 ...", "damaged"),))

    assert gate.check(damaged, {}, {}) == ()
