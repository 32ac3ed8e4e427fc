"""What binds when, and what was known of it when: ends that were planned and dropped, and two sources side by side."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from compliance.watchlists import services as lists
from compliance.watchlists.models import DroppedEnd, Entry, EntryRevision
from compliance.watchlists.times import WASHINGTON
from tests.watchlists.samples import NOON, as_known, csl, entity, in_force, load, part744, row, rule

pytestmark = pytest.mark.django_db

ALDER, BIRCH, CEDAR = "Alder Optics", "Birch Avionics", "Cedar Labs"
REGULATION = f"{ALDER}, 12 Lake Road, Harbin, China."


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def day(number: int) -> datetime:
    return datetime(2019, 10, number, tzinfo=WASHINGTON)


# --- what was known --------------------------------------------------------------------------------------------------


def test_a_planned_end_that_was_dropped_is_still_told_as_it_was_known(clock):
    load("csl", csl(ALDER, BIRCH, CEDAR), effective="2019-10-01")
    later = load("csl", csl(BIRCH, CEDAR), effective="2019-10-11")
    between = NOON + timedelta(hours=1)
    clock.move_to(NOON + timedelta(hours=2))

    rule(effective="2019-10-09", remove=[{"name": ALDER}])

    later.refresh_from_db()
    assert later.removed == 0
    assert as_known("2019-10-12", between) == [BIRCH, CEDAR]
    assert as_known("2019-10-10", between) == [ALDER, BIRCH, CEDAR]
    assert as_known("2019-10-10", timezone.now()) == [BIRCH, CEDAR]
    assert DroppedEnd.objects.get().effective_to == day(11)


def test_an_end_that_a_version_before_the_coming_one_took_over_is_told_as_it_was_known(clock):
    load("csl", csl(ALDER, BIRCH), effective="2019-10-01")
    rule(effective="2019-10-11", title="Removal", remove=[{"name": ALDER}])
    between = NOON + timedelta(hours=1)
    assert as_known("2019-10-12", between) == [BIRCH]
    clock.move_to(NOON + timedelta(hours=2))

    rule(effective="2019-10-09", title="Revision", revise=[{"name": ALDER, "set": {"aliases": ["AO"]}}])

    assert as_known("2019-10-12", between) == [BIRCH]
    assert as_known("2019-10-12", timezone.now()) == [BIRCH]
    assert as_known("2019-10-10", timezone.now()) == [ALDER, BIRCH]


def test_an_end_between_two_coming_versions_is_told_as_it_was_known_when_both_are_planned_again(clock):
    load("csl", csl(BIRCH), effective="2019-10-01")
    rule(effective="2019-10-11", title="Addition", names=[entity(ALDER)])
    rule(effective="2019-10-15", title="Removal", remove=[{"name": ALDER}])
    between = NOON + timedelta(hours=1)
    assert (as_known("2019-10-12", between), as_known("2019-10-16", between)) == ([ALDER, BIRCH], [BIRCH])
    clock.move_to(NOON + timedelta(hours=2))

    rule(effective="2019-10-09", title="Another", names=[entity("Cedar Labs", "3 Other Road, Xian")])

    assert (as_known("2019-10-12", between), as_known("2019-10-16", between)) == ([ALDER, BIRCH], [BIRCH])
    assert as_known("2019-10-16", timezone.now()) == [BIRCH, "Cedar Labs"]


def test_what_was_known_of_a_coming_list_that_is_held_after_all_stays_told(clock):
    load("csl", csl(ALDER, BIRCH), effective="2019-10-01")
    coming = load("csl", csl(BIRCH, row("Dogwood Marine", "7 Sea Road, Dalian, CN")), effective="2019-10-11",
                  activate=False)  # fmt: skip
    lists.activate(version=coming, actor=coming.loaded_by)
    clock.move_to(NOON + timedelta(hours=2))
    rule(effective="2019-10-09", title="Removal", remove=[{"name": ALDER}])
    clock.move_to(NOON + timedelta(hours=4))
    rule(effective="2019-10-10", title="Back", names=[entity(ALDER)])

    assert as_known("2019-10-12", NOON + timedelta(hours=1)) == [BIRCH, "Dogwood Marine"]
    assert as_known("2019-10-12", NOON + timedelta(hours=3)) == [BIRCH, "Dogwood Marine"]
    coming.refresh_from_db()
    assert coming.state == "held"  # it lacks what a rule adds before it, so people must look
    assert in_force(day(12)) == [ALDER, BIRCH]
    assert in_force(datetime(2019, 10, 10, 12, tzinfo=WASHINGTON)) == [ALDER, BIRCH]
    assert Entry.objects.filter(revisions__name=ALDER).distinct().count() == 1


def test_a_text_that_a_plan_gave_up_and_a_later_one_took_up_again_is_not_told_for_the_time_between(
    clock, manager, second_manager
):
    load("csl", csl(ALDER, BIRCH, row(CEDAR, license_policy="Case by case")), effective="2019-10-01")
    coming = load("csl", csl(ALDER, BIRCH, CEDAR), effective="2019-10-15")
    of_cedar = EntryRevision.objects.filter(name=CEDAR)
    for hour, policy in ((1, "Presumption of denial"), (3, "Some other policy")):
        clock.move_to(NOON + timedelta(hours=hour))
        rule(
            effective=f"2019-10-{8 + hour:02}", title=str(hour),
            revise=[{"name": CEDAR, "set": {"license_policy": policy}}],
        )  # fmt: skip

    # The file now undoes what the second rule revised, so it is held until two people say that it may.
    lists.ask_release(version=coming, reason="BIS took the revision back", actor=manager)
    lists.release(version=coming, reason="I agree", actor=second_manager)
    lists.activate(version=coming, actor=manager)

    def told(hours: float) -> list[str]:
        rows = of_cedar.in_force_as_known(day(16), NOON + timedelta(hours=hours))
        return [row.listed.license_policy for row in rows]

    assert [told(hours) for hours in (0.5, 1.5, 3.5)] == [["Presumption of denial"]] * 3
    assert of_cedar.in_force_as_known(day(16), NOON + timedelta(hours=1.5)).get().version.title == "1"


def test_texts_of_one_entry_in_one_source_never_overlap_whatever_is_planned_again(clock):
    load("csl", csl(ALDER, BIRCH), effective="2019-10-01")
    rule(effective="2019-10-15", title="A", revise=[{"name": ALDER, "set": {"aliases": ["A"]}}])
    rule(effective="2019-10-13", title="B", revise=[{"name": ALDER, "set": {"remarks": "B"}}])
    rule(effective="2019-10-11", title="C", revise=[{"name": ALDER, "set": {"title": "C"}}])

    rows = EntryRevision.objects.filter(name=ALDER, known_to=None, known_from__isnull=False)
    spans = list(rows.order_by("effective_from").values_list("effective_from", "effective_to"))

    assert spans == [
        (day(1), day(11)), (day(11), day(13)), (day(13), day(15)), (day(15), None),
    ]  # fmt: skip
    last = EntryRevision.objects.in_force(day(16)).get(name=ALDER).listed
    assert (last.aliases, last.remarks, last.title) == (("A",), "B", "C")


# --- since when it binds ---------------------------------------------------------------------------------------------


def binds(name: str = ALDER) -> datetime | None:
    entry = EntryRevision.objects.filter(name=name).values_list("entry", flat=True)[0]
    return EntryRevision.objects.binds_from([entry]).get(entry)


def test_a_party_that_two_sources_print_binds_since_the_first_of_them(clock):
    load("ecfr744", part744(REGULATION), effective="2019-10-05")

    load("csl", csl(ALDER), effective="2019-10-01")

    assert binds() == day(1)


def test_a_party_binds_on_without_a_break_where_one_source_drops_it_and_another_prints_it(clock):
    load("csl", csl(ALDER, BIRCH, row("Cedar Labs", "3 Lu, Xian, CN")), effective="2019-10-01")
    load("ecfr744", part744(REGULATION), effective="2019-10-03")
    load("csl", csl(BIRCH, row("Cedar Labs", "3 Lu, Xian, CN")), effective="2019-10-05")

    assert binds() == day(1)


def test_a_party_that_was_off_every_list_for_a_time_binds_since_it_came_back(clock):
    load("csl", csl(ALDER, BIRCH), effective="2019-10-01")
    load("ecfr744", part744(REGULATION), effective="2019-10-02")
    rule(effective="2019-10-03", title="Removal", remove=[{"name": ALDER}])
    rule(effective="2019-10-04", title="Removal there", source="ecfr744", remove=[{"name": ALDER}])
    assert binds() is None

    rule(effective="2019-10-06", title="Back", names=[entity(ALDER)])

    assert binds() == day(6)


def test_a_party_that_one_source_ends_at_a_coming_instant_binds_until_the_last_ends(clock):
    load("csl", csl(ALDER, BIRCH), effective="2019-10-01")
    load("ecfr744", part744(REGULATION), effective="2019-10-03")
    rule(effective="2019-10-09", title="Removal", remove=[{"name": ALDER}])
    clock.move_to(day(10))

    assert binds() == day(1)
    assert in_force().count(ALDER) == 1


def test_a_party_that_left_every_list_binds_no_more(clock):
    load("csl", csl(ALDER, BIRCH), effective="2019-10-01")

    rule(effective="2019-10-03", title="Removal", remove=[{"name": ALDER}])

    assert binds() is None
