"""Word differences: what is marked, and that nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from compliance.watchlists.differences import Piece, as_line, field_changes, word_changes


def test_only_the_words_that_changed_are_marked():
    assert word_changes("Office 1204, Falcon Tower", "Office 1406, Falcon Tower") == (
        Piece("same", "Office "),
        Piece("del", "1204"),
        Piece("ins", "1406"),
        Piece("same", ", Falcon Tower"),
    )


def test_words_put_at_the_end_are_marked_as_added():
    assert word_changes("Presumption of denial", "Presumption of denial, except EAR99")[-1].kind == "ins"


def test_a_list_of_addresses_reads_as_one_line_with_countries():
    assert as_line([{"text": "1 Road", "country": "CN"}, {"text": "2 Road", "country": ""}]) == "1 Road (CN); 2 Road"


def test_a_field_is_named_in_words():
    change = field_changes({"license_policy": ["Presumption of denial", "Case-by-case review"]})[0]

    assert change.field == "review policy"


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_come_back_whole(old, new):
    pieces = word_changes(old, new)

    assert "".join(piece.text for piece in pieces if piece.kind != "ins") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "del") == new
