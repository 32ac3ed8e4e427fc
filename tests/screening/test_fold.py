"""Folding: what is the same text in another form gives the same words."""

from __future__ import annotations

import pytest

from screening.fold import fold, words
from screening.tables import _rows, legal_phrases


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("S.I.S. d.o.o.", "sis doo"),
        ("SIS DOO", "sis doo"),
        ("S I S D O O", "sis doo"),
        ("Ｈｉｋｖｉｓｉｏｎ", "hikvision"),  # full-width
        ("Hik\u200bvision", "hikvision"),  # zero-width space
        ("\u202eHikvision\u202c", "hikvision"),  # direction marks
        ("Hikvision\u00a0Digital", "hikvision digital"),  # no-break space
        ("Нikvision", "hikvision"),  # Cyrillic Н
        ("People?s", "peoples"),
        ("People’s", "peoples"),
        ("People&#39;s", "peoples"),
        ("Johnson &amp; Sons", "johnson and sons"),
        ("ÜRÜMQİ", "urumqi"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Газпром", "gazprom"),
        ("SUN PROPERTIESllc", "sun properties llc"),
        ("SiemensAG", "siemens ag"),
        ("", ""),
        ("?!…", ""),
        ("\ud800", ""),
    ],
)
def test_text_folds_to_plain_words(raw: str, folded: str) -> None:
    result = fold(raw)

    assert result == folded


def test_every_word_remembers_where_it_stood() -> None:
    raw = "  Hángzhou, «海康威视» Co."

    found = [(word.text, raw[word.start : word.end]) for word in words(raw)]

    assert found == [("hangzhou", "Hángzhou"), ("海康威视", "海康威视"), ("co", "Co")]


def test_legal_forms_of_at_least_forty_countries_are_known() -> None:
    countries = {country for row in _rows("legal_forms") for country in row["country"].split()}

    assert len(countries) >= 40
    assert {"doo", "gmbh", "ooo", "limited liability company", "ltd sti", "sherkat", "sa de cv"} <= legal_phrases()
