"""The items of supplement no. 2 to part 744, and from which day the table is good."""

from __future__ import annotations

import gzip
import re
from datetime import date
from pathlib import Path

import pytest

from compliance.watchlists import supplement_2
from compliance.watchlists.eccn import item_code

PART_744 = Path(__file__).resolve().parents[3] / "shared" / "data" / "ecfr" / "title-15_part-744_2026-07-18.xml.gz"


@pytest.mark.parametrize(
    ("item", "named"),
    [("3A991", "yes"), ("3A991.a", "yes"), ("2A991", "in part"), ("5A002", "no"), ("EAR99", "no"), ("", None)],
)
def test_an_item_is_named_whole_or_with_a_limit(item, named):
    assert supplement_2.names(item, date(2021, 10, 5)) == named


def test_before_the_day_of_the_table_nothing_is_said():
    assert supplement_2.names("EAR99", date(2021, 10, 4)) is None


def test_supplement_2_names_no_eccn_twice_and_all_in_the_form_of_the_list():
    assert not supplement_2.WHOLE & supplement_2.LIMITED
    assert all(item_code(code) == code for code in supplement_2.WHOLE | supplement_2.LIMITED)


@pytest.mark.skipif(not PART_744.exists(), reason="the real regulation is not here")
def test_supplement_2_names_the_eccns_of_the_regulation():
    text = gzip.decompress(PART_744.read_bytes()).decode("utf-8")
    supplement = text[text.index('N="Supplement No. 2 to Part 744"') : text.index('N="Supplement No. 3 to Part 744"')]

    printed = set(re.findall(r">\s*\([ivx]+\)\s+(?:<[^>]+>)?([0-9][A-E][0-9]{3})", supplement))

    assert printed == supplement_2.WHOLE | supplement_2.LIMITED
