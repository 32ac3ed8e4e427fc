"""The chain itself, without a database: whatever is changed in it shows, at the right place."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import chain

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FACTS = st.dictionaries(TEXTS, PLAIN, max_size=4)
TIME = "2019-10-09T04:00:00.000000Z"


def linked(facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A chain of events that carry these facts."""
    events: list[dict[str, Any]] = []
    for number, data in enumerate(facts, start=1):
        event = {
            "format": 1, "seq": number, "prev_hash": events[-1]["hash"] if events else chain.GENESIS,
            "action": "case.noted", "actor_id": "7", "actor_name": "Rosa", "subject_type": "case", "subject_id": "3",
            "subject_label": "case C-1003", "mentions": [["case", "3"]], "data": data, "occurred_at": TIME,
            "effective_at": None, "recorded_at": TIME,
        }  # fmt: skip
        events.append({**event, "hash": chain.event_hash(event)})
    return events


CHAINS = st.lists(FACTS, min_size=2, max_size=6).map(linked)


@given(CHAINS)
def test_a_chain_as_it_was_written_holds(events):
    verdict = chain.verify(events, head_seq=len(events), head_hash=events[-1]["hash"])

    assert (verdict.holds, verdict.count) == (True, len(events))


@given(CHAINS)
def test_a_chain_survives_json(events):
    again = [json.loads(json.dumps(event)) for event in events]

    assert chain.verify(again, head_seq=len(events), head_hash=events[-1]["hash"]).holds


@given(CHAINS, st.data())
def test_a_changed_field_is_found_at_its_event(events, data):
    at = data.draw(st.integers(0, len(events) - 1))
    field = data.draw(
        st.sampled_from(["action", "actor_id", "actor_name", "subject_id", "subject_label", "recorded_at"])
    )
    events[at] = {**events[at], field: events[at][field] + "x"}

    assert chain.verify(events).broken.seq == at + 1


@given(CHAINS, st.data())
def test_a_changed_field_with_a_recomputed_hash_is_found_at_the_next_event(events, data):
    at = data.draw(st.integers(0, len(events) - 2))
    events[at] = {**events[at], "actor_name": "Somebody else"}
    events[at]["hash"] = chain.event_hash(events[at])

    assert chain.verify(events).broken.seq == at + 2


@given(CHAINS, st.data())
def test_a_removed_event_is_found(events, data):
    at = data.draw(st.integers(0, len(events) - 1))
    head = events[-1]
    del events[at]

    assert not chain.verify(events, head_seq=head["seq"], head_hash=head["hash"]).holds


@given(CHAINS, st.data())
def test_two_events_that_changed_places_are_found(events, data):
    at = data.draw(st.integers(0, len(events) - 2))
    events[at], events[at + 1] = events[at + 1], events[at]

    assert not chain.verify(events).holds


@given(CHAINS)
def test_a_cut_tail_is_found_by_the_head(events):
    verdict = chain.verify(events[:-1], head_seq=len(events), head_hash=events[-1]["hash"])

    assert verdict.broken.seq == len(events)


@given(CHAINS)
def test_a_selection_may_have_gaps_but_neighbors_must_link(events):
    assert chain.verify(events[::2], gaps_allowed=True).holds


def test_neighbors_of_a_selection_that_do_not_link_are_found():
    first, second, _third = linked([{}, {}, {}])
    other = linked([{"other": 1}, {}, {}])[0]

    assert chain.verify([first, second], gaps_allowed=True).holds
    assert chain.verify([other, second], gaps_allowed=True).broken.seq == 2


def test_an_unknown_format_is_no_event():
    event = {**linked([{}])[0], "format": 2}

    assert "unknown format 2" in chain.verify([event]).broken.sentence


def test_the_bytes_do_not_depend_on_the_order_of_keys():
    event = linked([{"b": 1, "a": {"d": 1, "c": 2}}])[0]
    turned = dict(reversed(event.items())) | {"data": {"a": {"c": 2, "d": 1}, "b": 1}}

    assert chain.event_hash(turned) == event["hash"]


def test_format_1_gives_the_bytes_that_its_description_promises():
    event = {**linked([{"note": "Ürümqi 乌鲁木齐"}])[0]}

    assert (
        chain.canonical_bytes(event)
        == (
            '{"action":"case.noted","actor_id":"7","actor_name":"Rosa","data":{"note":"Ürümqi 乌鲁木齐"},'
            '"effective_at":null,"format":1,"mentions":[["case","3"]],"occurred_at":"2019-10-09T04:00:00.000000Z",'
            f'"prev_hash":"{"0" * 64}","recorded_at":"2019-10-09T04:00:00.000000Z","seq":1,"subject_id":"3",'
            '"subject_label":"case C-1003","subject_type":"case"}'
        ).encode()
    )


@pytest.mark.parametrize("value", [0.5, datetime(2019, 10, 9, tzinfo=UTC), {1: "a"}, {"a": [0.1]}, b"x", {"a"}])
def test_values_that_have_no_single_form_are_refused(value):
    with pytest.raises(TypeError):
        chain.check_plain({"field": value})


def test_a_moment_is_written_in_utc_with_microseconds():
    moment = datetime(2019, 10, 9, 0, 0, tzinfo=timezone(timedelta(hours=-4)))

    assert chain.utc_text(moment) == "2019-10-09T04:00:00.000000Z"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        chain.utc_text(datetime(2019, 10, 9))
