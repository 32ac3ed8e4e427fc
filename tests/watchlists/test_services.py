"""Loading, holding, releasing and activating list versions, and what is in force by the clock."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.config.demo.entity_list import CSL_HEADER, SOURCE
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.jobs.models import Job
from compliance.watchlists import planning
from compliance.watchlists import services as lists
from compliance.watchlists.models import Entry, EntryRevision, ListVersion, RawFile, VersionState
from compliance.watchlists.services import RESCREEN, Times
from compliance.watchlists.times import WASHINGTON, moment
from tests.factories import rule_bytes

pytestmark = pytest.mark.django_db

NOON = datetime(2019, 10, 7, 12, tzinfo=WASHINGTON)
NAMES = ("Alder Optics", "Birch Avionics", "Cedar Research Institute", "Dogwood Marine", "Elm Lasers")


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def csl(names: Sequence[str] = NAMES, *, changes: dict[str, dict[str, str]] | None = None) -> bytes:
    """A small Consolidated Screening List with these names on the Entity List."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CSL_HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    for number, name in enumerate(names):
        row = {
            "_id": f"{number:040x}", "source": SOURCE, "name": name,
            "addresses": f"{len(name)} {name[:3]} Road, Harbin, CN",
            "federal_register_notice": "80 FR 52963", "start_date": "2015-09-02",
            "license_requirement": "For all items subject to the EAR", "license_policy": "Presumption of denial",
        }  # fmt: skip
        writer.writerow({**row, **(changes or {}).get(name, {})})
    return out.getvalue().encode()


def with_a_short_row() -> bytes:
    """The list with a row of three fields in line 3."""
    lines = csl().splitlines(keepends=True)
    return b"".join([*lines[:2], b"one,two,three\n", *lines[2:]])


def load(actor: User, data: bytes, *, parser: str = "csl", effective: str = "", activate: bool = True) -> lists.Loaded:
    return lists.load(
        key=parser, data=data, filename=f"list.{parser}", actor=actor,
        times=Times(effective=moment(effective)), activate_now=activate,
    )  # fmt: skip


def load_rule(actor: User, *, activate: bool = True, **rule: Any) -> lists.Loaded:
    return load(actor, rule_bytes(**rule), parser="rule", activate=activate)


def in_force(at: datetime | None = None) -> list[str]:
    return sorted(EntryRevision.objects.in_force(at).values_list("name", flat=True))


def counts(loaded: lists.Loaded) -> tuple[int, int, int]:
    assert loaded.version is not None
    return loaded.version.added, loaded.version.modified, loaded.version.removed


def actions(version: ListVersion) -> list[str]:
    return list(audit.about(version).values_list("action", flat=True))


# --- loading ---------------------------------------------------------------------------------------------------------


def test_a_good_file_with_activation_is_in_force_at_once(manager, clock):
    loaded = load(manager, csl())

    assert loaded.state == VersionState.ACTIVE
    assert in_force() == sorted(NAMES)
    assert actions(loaded.version) == ["list_version.received", "list_version.activated"]


def test_a_good_file_without_activation_stops_at_ready(manager, clock):
    loaded = load(manager, csl(), activate=False)

    assert (loaded.state, counts(loaded)) == (VersionState.READY, (5, 0, 0))
    assert in_force() == []


def test_activation_leaves_a_job_to_rescreen(manager, clock):
    loaded = load(manager, csl())

    assert Job.objects.get(kind=RESCREEN).payload == {"version": loaded.version.pk}


def test_the_raw_file_is_kept_whole_with_its_sum(manager, clock):
    data = csl()

    loaded = load(manager, gzip.compress(data))

    assert loaded.version.raw_file.content == data
    assert loaded.version.raw_file.size == len(data)


def test_an_equal_file_gives_no_version(manager, clock):
    first = load(manager, csl())

    again = load(manager, gzip.compress(csl()))

    assert (again.state, again.version) == ("unchanged", first.version)
    assert RawFile.objects.count() == 1


def test_an_officer_may_not_load(officer):
    with pytest.raises(NotAllowed):
        load(officer, csl())


@pytest.mark.parametrize(
    ("parser", "data"),
    [
        ("csl", b"<html>maintenance</html>"),
        ("csl", csl()[:300]),
        ("csl", b"\x1f\x8bbroken"),
        ("csl", b""),
        ("csl", csl().decode().encode("utf-16")),
        ("rule", b"{}"),
        ("rule", rule_bytes(["Alder Optics"], source="elsewhere")),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole_and_kept(manager, clock, parser, data):
    load(manager, csl())

    refused = load(manager, data, parser=parser)

    assert refused.state == VersionState.REFUSED
    assert len(refused.sentence) > 20
    assert in_force() == sorted(NAMES)
    assert actions(refused.version) == ["list_version.refused"]


def test_a_refused_file_does_not_hide_an_unchanged_one(manager, clock):
    load(manager, csl())
    load(manager, b"<html>")

    assert load(manager, csl()).state == "unchanged"


# --- held and released -----------------------------------------------------------------------------------------------


def test_a_list_that_lost_two_fifths_is_held_and_the_old_one_stays(manager, clock):
    load(manager, csl())

    held = load(manager, csl(NAMES[:3]))

    assert held.state == VersionState.HELD
    assert "40 % smaller" in held.sentence
    assert in_force() == sorted(NAMES)


def test_a_row_that_cannot_be_read_holds_the_version_and_names_its_line(manager, clock):
    held = load(manager, with_a_short_row())

    assert held.state == VersionState.HELD
    assert held.version.problems[0]["line"] == 3
    assert "line 3" in held.sentence


def test_a_held_version_is_not_released_by_one_person_alone(manager, clock):
    held = load(manager, with_a_short_row()).version

    with pytest.raises(WrongState, match="Two people"):
        lists.release(version=held, reason="Row 3 is a note", actor=manager)


def test_who_asked_for_a_release_does_not_agree_to_it(manager, clock):
    held = load(manager, with_a_short_row()).version
    lists.ask_release(version=held, reason="Row 3 is a note", actor=manager)

    with pytest.raises(NotAllowed, match="another person"):
        lists.release(version=held, reason="Row 3 is a note", actor=manager)


def test_two_people_release_a_held_version_each_with_a_reason(manager, second_manager, clock):
    held = load(manager, with_a_short_row()).version

    asked = lists.ask_release(version=held, reason="Row 3 is a note", actor=manager)
    assert (asked.state, asked.release_asked_by, asked.released_by) == (VersionState.HELD, manager, None)
    released = lists.release(version=held, reason="I agree: a note", actor=second_manager)

    assert (released.state, released.released_by) == (VersionState.READY, second_manager)
    assert actions(held)[-2:] == ["list_version.release_asked", "list_version.released"]


def test_a_release_needs_a_reason(manager, second_manager, clock):
    held = load(manager, with_a_short_row()).version

    with pytest.raises(Invalid, match="reason"):
        lists.ask_release(version=held, reason="  ", actor=manager)
    lists.ask_release(version=held, reason="Row 3 is a note", actor=manager)
    with pytest.raises(Invalid, match="reason"):
        lists.release(version=held, reason="  ", actor=second_manager)


def test_an_officer_may_not_release(manager, officer, clock):
    held = load(manager, with_a_short_row()).version

    with pytest.raises(NotAllowed):
        lists.ask_release(version=held, reason="Row 3 is a note", actor=officer)


# --- activation and the clock ----------------------------------------------------------------------------------------


def test_a_ready_version_is_activated(manager, clock):
    ready = load(manager, csl(), activate=False).version

    assert lists.activate(version=ready, actor=manager).state == VersionState.ACTIVE
    assert in_force() == sorted(NAMES)


@pytest.mark.parametrize("state", ["held", "refused", "active", "pending"])
def test_only_a_ready_version_is_activated(manager, clock, state):
    made = {
        "held": lambda: load(manager, with_a_short_row()),
        "refused": lambda: load(manager, b"<html>"),
        "active": lambda: load(manager, csl()),
        "pending": lambda: load(manager, csl(), effective="2019-10-09"),
    }[state]()
    assert made.state == state

    with pytest.raises(WrongState):
        lists.activate(version=made.version, actor=manager)


def test_a_coming_version_binds_by_the_clock_with_nobody_at_work(manager, clock):
    load(manager, csl())
    coming = load_rule(manager, names=["Fir Systems"], effective="2019-10-09")
    assert (coming.state, "Fir Systems" in in_force()) == (VersionState.PENDING, False)

    clock.move_to(datetime(2019, 10, 9, tzinfo=WASHINGTON) - timedelta(seconds=1))
    assert "Fir Systems" not in in_force()
    clock.move_to(datetime(2019, 10, 9, tzinfo=WASHINGTON))

    assert "Fir Systems" in in_force()
    assert ListVersion.objects.get(pk=coming.version.pk).state_now == VersionState.ACTIVE


def test_a_coming_version_whose_time_has_come_is_not_planned_twice(manager, clock):
    load(manager, csl())
    coming = load_rule(
        manager, names=[], effective="2019-10-09", revise=[{"name": "Elm Lasers", "set": {"aliases": ["ELM"]}}]
    )
    clock.move_to(datetime(2019, 10, 9, 9, tzinfo=WASHINGTON))

    with pytest.raises(WrongState):
        lists.activate(version=coming.version, actor=manager)
    assert in_force() == sorted(NAMES)


def test_the_sweep_records_what_began_once(manager, clock):
    first = load(manager, csl())
    coming = load_rule(manager, names=["Fir Systems"], effective="2019-10-09")
    clock.move_to(datetime(2019, 10, 9, 9, tzinfo=WASHINGTON))

    assert (lists.record_begun(), lists.record_begun()) == (1, 0)

    coming.version.refresh_from_db()
    first.version.refresh_from_db()
    assert (coming.version.state, first.version.state) == (VersionState.ACTIVE, VersionState.SUPERSEDED)
    event = audit.about(coming.version).get(action="list_version.activated")
    assert event.effective_at == datetime(2019, 10, 9, tzinfo=WASHINGTON)
    assert event.actor_name.startswith("System")


# --- deltas ----------------------------------------------------------------------------------------------------------


def test_the_delta_counts_added_modified_and_removed(manager, clock):
    load(manager, csl())
    changed = csl(
        [*NAMES[1:], "Fir Systems"], changes={"Elm Lasers": {"license_policy": "Case-by-case review"}}
    )  # fmt: skip

    loaded = load(manager, changed)

    assert counts(loaded) == (1, 1, 1)
    assert in_force() == sorted([*NAMES[1:], "Fir Systems"])
    line = loaded.version.deltas.get(op="MOD")
    assert line.changes == {"license_policy": ["Presumption of denial", "Case-by-case review"]}


def test_other_row_ids_and_another_order_are_no_change(manager, clock):
    load(manager, csl())

    assert counts(load(manager, csl(list(reversed(NAMES))))) == (0, 0, 0)


def test_a_modified_entry_keeps_its_identity_and_its_old_text(manager, clock):
    load(manager, csl())
    clock.shift(timedelta(hours=1))

    load(manager, csl(changes={"Elm Lasers": {"license_policy": "Case-by-case review"}}))

    old, new = EntryRevision.objects.filter(name="Elm Lasers").order_by("pk")
    assert old.entry_id == new.entry_id
    assert (old.effective_to, new.effective_from) == (NOON + timedelta(hours=1), NOON + timedelta(hours=1))


def test_who_comes_back_keeps_the_old_identity(manager, clock):
    load(manager, csl())
    clock.shift(timedelta(hours=1))
    load(manager, csl(NAMES[:4]))
    clock.shift(timedelta(hours=1))

    load(manager, csl())

    assert Entry.objects.count() == len(NAMES)


def test_a_rule_changes_what_is_in_force_and_nothing_else(manager, clock):
    load(manager, csl())
    clock.shift(timedelta(hours=1))

    loaded = load_rule(
        manager, names=["Fir Systems"], effective="2019-10-07T13:00:00-04:00",
        revise=[{"name": "Elm Lasers", "country": "CN", "set": {"aliases": ["ELM"]}}],
        remove=[{"name": "Alder Optics", "country": "CN"}],
    )  # fmt: skip

    assert counts(loaded) == (1, 1, 1)
    assert in_force() == sorted([*NAMES[1:], "Fir Systems"])


def test_a_rule_on_an_entry_that_is_not_there_is_refused(manager, clock):
    load(manager, csl())

    refused = load_rule(manager, names=[], effective="2019-10-08", remove=[{"name": "Nobody"}])

    assert refused.state == VersionState.REFUSED
    assert "not on the list" in refused.sentence


def test_a_coming_version_is_planned_again_when_another_comes_before_it(manager, clock):
    load(manager, csl())
    later = load(manager, csl([*NAMES[1:], "Fir Systems"]), effective="2019-10-11")
    assert counts(later) == (1, 0, 1)

    load_rule(manager, names=[], effective="2019-10-09", remove=[{"name": "Alder Optics"}])

    later.version.refresh_from_db()
    assert counts(later) == (1, 0, 0)
    assert "Alder Optics" not in in_force(datetime(2019, 10, 10, tzinfo=WASHINGTON))
    assert in_force(datetime(2019, 10, 12, tzinfo=WASHINGTON)) == sorted([*NAMES[1:], "Fir Systems"])
    assert Entry.objects.count() == len(NAMES) + 1


def test_a_coming_version_that_can_stand_no_longer_is_held_and_keeps_no_earlier_one_out(manager, clock):
    load(manager, csl())
    later = load_rule(
        manager, names=[], effective="2019-10-11", title="Later rule", remove=[{"name": "Alder Optics"}]
    ).version  # fmt: skip
    earlier = load_rule(
        manager, activate=False, names=[], effective="2019-10-09", remove=[{"name": "Alder Optics"}]
    ).version  # fmt: skip

    lists.activate(version=earlier, actor=manager)

    later.refresh_from_db()
    assert later.state == VersionState.HELD
    assert "not on the list" in later.reasons[0]
    assert EntryRevision.objects.watched().filter(name="Alder Optics", effective_to=moment("2019-10-09")).exists()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"names": [], "remove": [{"name": "Alder Optics"}]}, "has 1 entry that a rule removed"),
        (
            {"names": [], "revise": [{"name": "Elm Lasers", "set": {"aliases": ["ELM"]}}]},
            "has 1 entry as they read before a rule revised them",
        ),
        ({"names": ["Fir Systems"]}, "lacks 1 entry that a rule added"),
    ],
)
def test_a_whole_file_that_undoes_what_a_rule_did_is_held(manager, clock, rule, words):
    load(manager, csl(), effective="2019-10-01")
    load_rule(manager, effective="2019-10-05", **rule)

    old = load(manager, csl([*NAMES, "Gale Works"]))

    assert old.state == VersionState.HELD
    assert any(words in reason for reason in old.version.reasons)


def test_a_person_holds_a_coming_version_and_what_it_would_end_stays_open(manager, second_manager, clock):
    load(manager, csl())
    coming = load_rule(
        manager, names=["Cedar Labs"], effective="2019-10-11", remove=[{"name": "Alder Optics"}]
    ).version  # fmt: skip

    held = lists.hold(version=coming, reason="BIS withdrew it", actor=second_manager)

    assert held.state == VersionState.HELD
    assert "BIS withdrew it" in held.reasons[0]
    assert not EntryRevision.objects.watched().filter(name="Cedar Labs").exists()
    assert EntryRevision.objects.watched().filter(name="Alder Optics", effective_to=None).exists()
    assert actions(held)[-1] == "list_version.held"


def test_a_held_coming_version_comes_again_after_two_people_released_it(manager, second_manager, clock):
    load(manager, csl())
    coming = load_rule(manager, names=["Cedar Labs"], effective="2019-10-11").version
    held = lists.hold(version=coming, reason="Look again", actor=manager)

    lists.ask_release(version=held, reason="Looked at", actor=manager)
    released = lists.release(version=held, reason="I agree", actor=second_manager)
    again = lists.activate(version=released, actor=manager)

    assert again.state == VersionState.PENDING
    assert EntryRevision.objects.watched().filter(name="Cedar Labs").exists()


def test_a_version_in_force_is_not_held(manager, clock):
    version = load(manager, csl(), activate=True).version

    with pytest.raises(WrongState):
        lists.hold(version=version, reason="Too late", actor=manager)


def test_a_hold_needs_a_reason_and_the_right_to_load(manager, officer, clock):
    ready = load(manager, csl(), activate=False).version

    with pytest.raises(Invalid, match="why"):
        lists.hold(version=ready, reason=" ", actor=manager)
    with pytest.raises(NotAllowed):
        lists.hold(version=ready, reason="I think so", actor=officer)


def test_a_whole_list_does_not_go_behind_one_that_binds(manager, clock):
    load(manager, csl())
    load(manager, csl(NAMES[:4]), effective="2019-11-01")  # a coming one must not hide the one that binds

    refused = load(manager, csl([*NAMES, "Fir Systems"]), effective="2019-10-01")

    assert refused.state == VersionState.REFUSED
    assert "can't go behind" in refused.sentence


def test_a_rule_does_not_rewrite_what_a_later_one_changed(manager, clock):
    load(manager, csl(), effective="2019-10-01")
    load_rule(manager, names=[], effective="2019-10-05", revise=[{"name": "Elm Lasers", "set": {"aliases": ["ELM"]}}])

    refused = load_rule(
        manager, names=[], effective="2019-10-03", revise=[{"name": "Elm Lasers", "set": {"aliases": ["EL"]}}]
    )

    assert refused.state == VersionState.REFUSED
    assert "was changed again on 2019-10-05" in refused.sentence


def test_a_rule_does_not_list_an_entry_twice_by_going_behind_its_listing(manager, clock):
    added = {"name": "Fir Systems", "addresses": [{"text": "9 Pine Road", "country": "CN"}]}
    load_rule(manager, names=[added], effective="2019-10-05", title="First")

    refused = load_rule(manager, names=[added], effective="2019-10-03", title="Second")

    assert refused.state == VersionState.REFUSED
    assert in_force() == ["Fir Systems"]


def test_the_intervals_of_one_entry_never_overlap(manager, clock):
    load(manager, csl(), effective="2019-10-01")
    load_rule(manager, names=[], effective="2019-10-11", revise=[{"name": "Elm Lasers", "set": {"aliases": ["A"]}}])
    load_rule(manager, names=[], effective="2019-10-09", revise=[{"name": "Elm Lasers", "set": {"aliases": ["B"]}}])
    load_rule(manager, names=[], effective="2019-10-05", revise=[{"name": "Elm Lasers", "set": {"aliases": ["C"]}}])

    rows = EntryRevision.objects.filter(name="Elm Lasers", known_to=None, known_from__isnull=False)
    spans = list(rows.order_by("effective_from").values_list("effective_from", "effective_to"))

    assert len(spans) == 4
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(spans))


# --- what was known when ---------------------------------------------------------------------------------------------


def as_known(at: str, known_at: datetime) -> list[str]:
    rows = EntryRevision.objects.in_force_as_known(moment(at), known_at)
    return sorted(rows.values_list("name", flat=True))


def test_what_was_thought_to_bind_is_told_apart_from_what_bound(manager, clock):
    load(manager, csl(NAMES[:2]), effective="2019-10-01")
    clock.move_to(datetime(2019, 10, 14, 9, tzinfo=WASHINGTON))
    late = load_rule(manager, names=["Fir Systems"], effective="2019-10-09", remove=[{"name": NAMES[0]}])
    assert late.state == VersionState.ACTIVE

    assert as_known("2019-10-10", NOON + timedelta(days=1)) == sorted(NAMES[:2])
    assert as_known("2019-10-10", datetime.now(UTC)) == sorted([NAMES[1], "Fir Systems"])
    assert as_known("2019-10-08", datetime.now(UTC)) == sorted(NAMES[:2])


def test_what_was_known_of_a_coming_change_stays_known_when_it_is_planned_again(manager, clock):
    load(manager, csl(NAMES[:2]), effective="2019-10-01")
    load_rule(manager, names=["Fir Systems"], effective="2019-10-11", remove=[{"name": NAMES[0]}])
    between = NOON + timedelta(hours=1)
    expected = sorted([NAMES[1], "Fir Systems"])
    assert as_known("2019-10-12", between) == expected
    clock.move_to(NOON + timedelta(hours=2))

    load_rule(manager, names=["Gum Tree Labs"], effective="2019-10-09")

    assert as_known("2019-10-12", between) == expected
    assert as_known("2019-10-12", datetime.now(UTC)) == sorted([*expected, "Gum Tree Labs"])


def test_a_proposed_version_is_not_known_to_bind(manager, clock):
    load(manager, csl(NAMES[:2]), effective="2019-10-01")
    load_rule(manager, activate=False, names=["Fir Systems"], effective="2019-10-05")

    assert as_known("2019-10-07", NOON) == sorted(NAMES[:2])


def test_two_loads_of_one_file_at_once_make_one_version(manager, clock, django_assert_max_num_queries):
    """The look for an equal file happens under the source's lock, so a twin can't slip between look and write."""
    load(manager, csl())

    with django_assert_max_num_queries(12) as captured:
        load(manager, csl())

    sql = [query["sql"] for query in captured.captured_queries]
    if connection.features.has_select_for_update:
        lock = next(i for i, text in enumerate(sql) if "FOR UPDATE" in text)
        look = next(i for i, text in enumerate(sql) if "sha256" in text)
        assert lock < look


def test_a_file_loaded_and_activated_is_compared_once(manager, clock, monkeypatch):
    planned = []
    plan = planning.plan
    monkeypatch.setattr(planning, "plan", lambda *args: (planned.append(1), plan(*args))[1])

    load(manager, csl())

    assert (len(planned), in_force()) == (1, sorted(NAMES))


def test_a_version_is_named_after_the_day_in_its_file_name(manager, clock):
    loaded = lists.load(key="csl", data=csl(), filename="csl_2019-10-01_full.csv", actor=manager)

    assert (loaded.version.edition, loaded.version.title) == ("2019-10-01", "Consolidated Screening List, 2019-10-01")
