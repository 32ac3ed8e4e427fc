"""What a person reads: sentences for the score, marks for the differences."""

from __future__ import annotations

import pytest

from screening import explain
from screening.score import score
from tests.screening.conftest import entry, party


def marked(spans: tuple[explain.Span, ...]) -> list[tuple[str, str]]:
    return [(span.text, span.mark) for span in spans if span.mark]


@pytest.mark.parametrize(
    ("ours", "listed", "marks", "listed_marks"),
    [
        (
            "Hangzhou Hik Vision Digital Tech Co Ltd",
            "Hangzhou Hikvision Digital Technology Co., Ltd.",
            [("Hik Vision", "near"), ("Tech", "near")],
            [("Hikvision", "near"), ("Technology", "near")],
        ),
        ("SIS DOO", "S.I.S. d.o.o.", [], []),
        ("DAHUA TECHNOLOGY", "Dahua Technology", [], []),
        ("Aksu Bureau", "Altay Bureau", [("Aksu", "miss")], [("Altay", "miss")]),
        ("海康威视", "Hikvision", [("海康威视", "near")], [("Hikvision", "near")]),
        (
            "555 Qian Mo Rd, Binjiang, Hangzhou 310051",
            "No. 555 Qianmo Road, Binjiang District, Hangzhou 310052",
            [("Qian Mo", "near"), ("310051", "miss")],
            [("Qianmo", "near"), ("310052", "miss")],
        ),
        ("", "Dahua", [], [("Dahua", "miss")]),
    ],
)
def test_only_what_differs_is_marked(
    ours: str, listed: str, marks: list[tuple[str, str]], listed_marks: list[tuple[str, str]]
) -> None:
    alignment = explain.align(ours, listed)

    assert marked(alignment.query) == marks
    assert marked(alignment.listed) == listed_marks


def test_sentences_say_which_words_agree_what_is_left_and_what_it_adds_up_to() -> None:
    match = score(party("Zhejiang Da Hua Tech Ltd", country="US"), entry("e", "Dahua Technology", country="CN"))

    assert match is not None
    text = "\n".join(explain.sentences(match))
    assert "“Tech” and “Technology” stand for the same word." in text
    assert "Only in the record: Zhejiang." in text
    assert "The countries differ: US in the record, CN on the list (-4.0)." in text
    assert f"Score {match.score * 100:.1f} of 100: {match.band}." in text


def test_sentences_name_the_supplementary_table_when_it_made_the_match() -> None:
    match = score(party("海康威视"), entry("e", "Hikvision"))

    assert match is not None
    assert any("table of known trade names" in sentence for sentence in explain.sentences(match))
