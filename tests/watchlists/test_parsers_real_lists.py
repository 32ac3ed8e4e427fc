"""The official Consolidated Screening Lists of several years, with every defect they really have."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from compliance.watchlists.parsers import ParsedList, RefusedFile, parse

SHARED_CSL = Path(__file__).resolve().parents[3] / "shared" / "data" / "csl"

pytestmark = pytest.mark.skipif(not SHARED_CSL.is_dir(), reason="the real lists (../shared/data/csl) are not here")


@pytest.fixture(scope="module")
def full() -> ParsedList:
    path = SHARED_CSL / "csl_2022-04-21_full.csv.gz"
    return parse("csl", path.read_bytes(), path.name)


def test_the_list_of_april_2022_loads_whole(full):
    assert full.list_counts == {
        "SDN": 10_026, "EL": 2_001, "DTC": 727, "DPL": 462, "SSI": 290, "UVL": 201, "ISN": 163, "PLC": 78, "MEU": 71,
        "CMIC": 68, "CAP": 53, "MBS": 17, "FSE": 3,
    }  # fmt: skip
    assert len(full.entries) == 14_160
    assert full.unreadable == ()


def test_every_defect_of_the_list_of_april_2022_is_counted(full):
    by_line = dict(zip(full.lines, full.entries, strict=True))
    found = Counter((by_line[problem.line].list_code, problem.code) for problem in full.problems)

    assert found == {
        ("EL", "stray_and"): 247,
        ("ISN", "stray_and"): 1,
        ("EL", "lone_and"): 2,
        ("EL", "stray_and_in_address"): 41,
        ("EL", "lost_letters"): 172,
        ("CAP", "lost_letters"): 1,
        ("EL", "missing_date"): 174,
        ("EL", "impossible_date"): 3,
        ("EL", "missing_citation"): 28,
        ("EL", "missing_policy"): 1,
        ("EL", "missing_requirement"): 1,
        ("SDN", "duplicated_id"): 57,
        ("SSI", "duplicated_id"): 54,
        ("CAP", "duplicated_id"): 1,
        ("MEU", "line_break"): 3,
        ("ISN", "line_break"): 1,
        ("MEU", "control_character"): 3,
    }


def test_marks_and_problems_of_the_real_list_agree(full):
    from_marks = Counter(mark for entry in full.entries for mark in entry.marks)

    assert from_marks == full.problem_counts


def test_no_alias_of_the_real_list_keeps_the_stray_and(full):
    assert not [alias for entry in full.entries for alias in entry.aliases[1:] if alias.lower().startswith("and ")]


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("derived_entity_list_2019-10-08.csv.gz", 1_209),
        ("derived_entity_list_2019-10-09.csv.gz", 1_237),
        ("csl_2019-12_sample_old_layout.csv", 115),
        ("csl_2025-06_sample.csv", 13),
    ],
)
def test_the_other_real_files_load_without_unreadable_rows(name, entries):
    found = parse("csl", (SHARED_CSL / name).read_bytes(), name)

    assert (len(found.entries), found.unreadable) == (entries, ())


@pytest.mark.parametrize("name", ["csl_2023-11_truncated.csv.gz", "csl_malformed_sample.csv"])
def test_the_broken_real_files_are_refused_as_cut_off(name):
    with pytest.raises(RefusedFile) as caught:
        parse("csl", (SHARED_CSL / name).read_bytes(), name)

    assert caught.value.code == "cut_off"
    assert caught.value.line
