"""Persons: given names alone raise nobody, another family name is another person."""

from __future__ import annotations

import pytest

from screening import Index
from tests.screening.conftest import best, entry

REVIEW = 0.60


@pytest.mark.parametrize(
    ("ours", "listed"),
    [
        ("Ahmed Trading LLC", "AHMED, Mohammed"),
        ("Ivan Sergeevich Petrenko", "KUZNETSOV, Ivan Sergeevich"),
        ("John Robert Fletcher", "HALVORSEN, John Robert"),
        ("Vladimir Logistics GmbH", "SOLOVYOV, Vladimir"),
        ("Hassan Ali Engineering Company", "ALI, Hassan"),
    ],
)
def test_given_names_alone_do_not_raise(ours: str, listed: str) -> None:
    match = best(Index.build([entry("e", listed, kind="person")]), ours)

    assert match is None or match.score < REVIEW


@pytest.mark.parametrize(
    ("ours", "listed"),
    [
        ("Sergei Ivanovich Kuznetsov", "KUZNETSOV, Sergey Ivanovich"),
        ("Mohamed Al Haddadi", "AL-HADDADI, Muhammad"),
        ("KUZNETSOV Sergey", "Sergey Kuznetsov"),
    ],
)
def test_person_is_found_in_any_order_and_usual_spelling(ours: str, listed: str) -> None:
    match = best(Index.build([entry("e", listed, kind="person")]), ours)

    assert match is not None
    assert match.score >= REVIEW
