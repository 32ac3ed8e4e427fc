"""The gate is asked again when what is in force has changed since a version was loaded, scheduled or released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from compliance.audit import services as audit
from compliance.watchlists import gate, gating
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision, ListSource, ListVersion, VersionState
from compliance.watchlists.times import WASHINGTON
from tests.watchlists.samples import csl, load, row, rule

pytestmark = pytest.mark.django_db

NOON = datetime(2019, 10, 7, 12, tzinfo=WASHINGTON)
NAMES = ("Alder Optics", "Birch Avionics", "Cedar Labs", "Dogwood Marine", "Elm Lasers")
LATER = datetime(2019, 10, 21, tzinfo=WASHINGTON)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def schedule(*names: str, effective: str) -> ListVersion:
    """A whole list that is coming."""
    version = load("csl", csl(*names), effective=effective, activate=False)
    return lists.activate(version=version, actor=version.loaded_by)


def in_force(at: datetime | None = None) -> list[str]:
    return sorted(EntryRevision.objects.in_force(at).values_list("name", flat=True))


def load_small(actor: Any) -> ListVersion:
    """The list cut down to two of its five entries, which the gate holds."""
    loaded = lists.load(key="csl", data=csl(*NAMES[:2]), filename="list.csv", actor=actor)
    assert loaded.version is not None
    assert loaded.state == VersionState.HELD
    return loaded.version


def release(version: ListVersion, first: Any, second: Any) -> ListVersion:
    asked = lists.ask_release(version=version, reason="Confirmed by telephone", actor=first)
    return lists.release(version=asked, reason="Read against the notice", actor=second)


# --- a version that is coming ----------------------------------------------------------------------------------------


def test_a_coming_whole_list_that_lacks_what_a_rule_adds_meanwhile_is_held(clock):
    load("csl", csl(*NAMES))
    coming = schedule(*NAMES, "Fir Photonics", effective="2019-10-20")

    rule(effective=NOON.isoformat(), names=["Zebra Lasers"])

    coming.refresh_from_db()
    assert (coming.state, len(coming.reasons)) == (VersionState.HELD, 1)
    assert "lacks 1 entry that a rule added" in coming.reasons[0]
    assert in_force(LATER) == sorted([*NAMES, "Zebra Lasers"])
    assert audit.about(coming).values_list("action", flat=True).last() == "list_version.held"


def test_a_coming_list_that_was_held_and_is_released_binds_at_its_instant_again(clock, manager, second_manager):
    load("csl", csl(*NAMES))
    coming = schedule(*NAMES[1:], "Fir Photonics", effective="2019-10-20")
    rule(effective=NOON.isoformat(), names=["Zebra Lasers"])

    lists.activate(version=release(coming, manager, second_manager), actor=manager)

    assert in_force() == sorted([*NAMES, "Zebra Lasers"])
    assert in_force(LATER) == sorted([*NAMES[1:], "Fir Photonics"])


def test_a_coming_list_that_carries_what_a_rule_adds_stays_coming(clock):
    load("csl", csl(*NAMES))
    coming = schedule(*NAMES, "Zebra Lasers", effective="2019-10-20")

    rule(effective=NOON.isoformat(), names=["Zebra Lasers"])

    coming.refresh_from_db()
    assert coming.state == VersionState.PENDING


def test_what_a_coming_list_changes_counts_as_in_force_before_it_when_it_is_planned_again(clock, monkeypatch):
    monkeypatch.setattr(gate, "SMALLEST_FOR_SHARES", 3)
    load("csl", csl(*NAMES))
    changed = [row(name, license_policy="Policy of denial") for name in NAMES[1:]]
    version = load("csl", csl(*changed), effective="2019-10-20", activate=False)
    coming = lists.activate(version=version, actor=version.loaded_by)

    rule(effective=NOON.isoformat(), revise=[{"name": NAMES[1], "set": {"aliases": ["Birch Wings"]}}])

    coming.refresh_from_db()
    assert (coming.state, coming.removed) == (VersionState.PENDING, 1)


# --- a version that two people released ------------------------------------------------------------------------------


def test_a_release_covers_only_the_reasons_that_the_two_people_saw(clock, manager, second_manager):
    load("csl", csl(*NAMES))
    released = release(load_small(manager), manager, second_manager)
    rule(effective=NOON.isoformat(), names=["Zebra Lasers"])
    clock.move_to(NOON + timedelta(days=1))

    version = lists.activate(version=released, actor=manager)

    assert (version.state, version.released_by, version.release_asked_by) == (VersionState.HELD, None, None)
    assert "Zebra Lasers" in in_force()


def test_a_released_version_is_activated_while_nothing_else_changed(clock, manager, second_manager):
    load("csl", csl(*NAMES))
    released = release(load_small(manager), manager, second_manager)

    version = lists.activate(version=released, actor=manager)

    assert (version.state, in_force()) == (VersionState.ACTIVE, sorted(NAMES[:2]))


# --- a first file ----------------------------------------------------------------------------------------------------


def test_a_fetched_file_that_lacks_a_whole_list_of_its_source_is_held_even_as_the_first(clock):
    version = load("csl", csl(*NAMES), activate=False)
    version.is_fetched = True

    reasons, _warnings = gating.verdict(version, lists.read(version), NOON)

    assert any(reason.startswith("The list DPL has 0 entries") for reason in reasons)


# --- age -------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_held_does_not_renew_the_age_of_its_source(clock, manager):
    load("csl", csl(*NAMES))
    clock.move_to(NOON + timedelta(days=5))

    load_small(manager)

    assert ListSource.objects.get(key="csl").checked_at == NOON


def test_a_held_file_that_is_released_and_activated_renews_the_age_to_when_it_came(clock, manager, second_manager):
    load("csl", csl(*NAMES))
    came = NOON + timedelta(days=5)
    clock.move_to(came)
    held = load_small(manager)
    clock.move_to(came + timedelta(days=2))

    lists.activate(version=release(held, manager, second_manager), actor=manager)

    assert ListSource.objects.get(key="csl").checked_at == came


# --- a version that began unrecorded ---------------------------------------------------------------------------------


def test_a_list_that_takes_effect_before_the_sweep_stands_after_the_rule_that_began_before_it(clock):
    load("csl", csl(*NAMES))
    ruled = rule(effective="2019-10-08", names=["Zebra Lasers"])
    clock.move_to(datetime(2019, 10, 8, 12, tzinfo=WASHINGTON))

    whole = load("csl", csl(*NAMES, "Zebra Lasers", "Fir Photonics"))
    lists.record_begun()

    states = dict(ListVersion.objects.values_list("pk", "state"))
    assert (states[ruled.pk], states[whole.pk]) == (VersionState.SUPERSEDED, VersionState.ACTIVE)
