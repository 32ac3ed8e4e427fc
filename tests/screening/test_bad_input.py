"""Whatever is typed or imported: an answer, soon, and never an exception."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening import Index, explain, screen_party
from screening.features.names import compare_names
from screening.fold import fold
from screening.score import score
from screening.tokens import analyze
from tests.screening.conftest import ADDRESSES, CONFIG, LISTED, entry, party, seed_entries

INDEX = Index.build(seed_entries())
NAMES = [name for names in LISTED.values() for name in names]
ANY_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates and controls too
NAME_LIKE = st.one_of(
    ANY_TEXT,
    st.sampled_from(NAMES),
    st.lists(
        st.sampled_from([*" ".join(NAMES).split(), "海康威视", "公安局", "ООО", "شركة", "GmbH", "7th"]), max_size=8
    ).map(" ".join),
)
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)

AWKWARD = [
    "",
    "a",
    "x" * 10_000,
    "a " * 5_000,
    "S." * 3_000,
    "中" * 10_000,
    "?" * 10_000,
    "\ud800" * 1_000,
    "\u202e\u200f\u200b",
    "=HYPERLINK(1)",
    "&#99999999;&amp;&bogus;",
    "Ltd",
    "\x00\x01",
    "Hikvision Хиквижн ハイク 海康 هيك",
]


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_awkward_text_is_answered_within_a_second(text: str) -> None:
    started = time.perf_counter()

    result = screen_party(party(text, address=text), INDEX)

    assert result.party_id == "p1"
    assert time.perf_counter() - started < 1.0


@QUICK
@given(NAME_LIKE, NAME_LIKE)
def test_likeness_is_between_zero_and_one(ours: str, listed: str) -> None:
    likeness = compare_names(analyze(ours, CONFIG), analyze(listed, CONFIG), CONFIG).likeness

    assert 0.0 <= likeness <= 1.0


@QUICK
@given(NAME_LIKE)
def test_equal_names_get_the_highest_score_there_is(name: str) -> None:
    form = analyze(name, CONFIG)

    result = compare_names(form, analyze(name, CONFIG), CONFIG)

    if form.tokens and "equal, but nothing distinctive" not in result.rules:
        assert result.likeness == 1.0


@QUICK
@given(st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_a_rare_foreign_word_never_raises_a_score_that_could_matter(ours: str, listed: str) -> None:
    plain = compare_names(analyze(ours, CONFIG), analyze(listed, CONFIG), CONFIG).likeness

    more = compare_names(analyze(f"{ours} Zqwyrfkvix", CONFIG), analyze(listed, CONFIG), CONFIG).likeness

    assert more <= plain or more < 0.30  # far below any band a few letters in common may count


@QUICK
@given(ANY_TEXT)
def test_folding_twice_changes_nothing_and_case_does_not_matter(text: str) -> None:
    folded = fold(text)

    assert folded.isascii() or any("\u3400" <= c <= "\u9fff" for c in folded)
    assert folded == folded.lower()


@QUICK
@given(NAME_LIKE, NAME_LIKE)
def test_alignment_gives_the_raw_texts_back(ours: str, listed: str) -> None:
    alignment = explain.align(ours, listed)

    assert "".join(span.text for span in alignment.query) == ours
    assert "".join(span.text for span in alignment.listed) == listed
    assert {span.mark for span in (*alignment.query, *alignment.listed)} <= {"", "near", "miss"}


@QUICK
@given(NAME_LIKE, st.one_of(ANY_TEXT, st.sampled_from(sorted(ADDRESSES.values()))), st.sampled_from(["", "CN", "US"]))
def test_whatever_is_shown_adds_up(name: str, address: str, country: str) -> None:
    ours = party(name, address=address, country=country)

    for listed in (entry("e", "Hikvision", address=ADDRESSES["hikvision"], country="CN"), entry("f", name)):
        match = score(ours, listed)
        if match is not None:
            assert 0.0 < match.score <= 1.0
            assert sum(round(part.contribution * 1000) for part in match.evidence) == round(match.score * 1000)
            assert explain.sentences(match)
