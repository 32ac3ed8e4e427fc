"""What only looks changed: recorded as such, never screened again, and never a change twice."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine

from compliance.jobs.models import Job
from compliance.watchlists import planning
from compliance.watchlists.delta import Known, compute
from compliance.watchlists.fingerprint import changed_fields, keys_of, same_reading, split_changes
from compliance.watchlists.models import DeltaOp, EntryRevision, KeyChange, ListVersion
from compliance.watchlists.parsers.base import ListedAddress, ListedEntry
from compliance.watchlists.services import RESCREEN
from compliance.watchlists.times import WASHINGTON
from tests.watchlists.samples import NOON, csl, listed, load, row, rule

ALDER = listed(
    "Société Alder-Optics Co., Ltd.", "12 Lake Road, Harbin", "Suite 7, Mill Lane, Urumqi",
    aliases=("Alder", "Alder Müller Works"), license_policy="Policy of denial; 1.5 percent", footnotes=("4",),
)  # fmt: skip


def split(after: ListedEntry) -> tuple[list[str], list[str]]:
    material, cosmetic = split_changes(changed_fields(ALDER, after))
    return sorted(material), sorted(cosmetic)


# --- which changes are cosmetic --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Société Alder Optics Co. Ltd"),
        ("name", "SOCIÉTÉ ALDER-OPTICS CO., LTD."),
        ("name", "Societe Alder-Optics Co., Ltd."),
        ("name", "Soci?t? Alder-Optics Co., Ltd."),
        ("name", "Soci\ufffdt\ufffd Alder-Optics Co., Ltd."),
        ("aliases", ("Alder Müller Works", "Alder")),
        ("aliases", ("Alder", "Alder M?ller Works")),
        ("addresses", (ALDER.addresses[1], ALDER.addresses[0])),
        ("addresses", (ListedAddress("12, Lake Road - Harbin.", "CN"), ALDER.addresses[1])),
        ("license_policy", "Policy of denial: 1.5 percent."),
    ],
)  # fmt: skip
def test_spacing_punctuation_case_accents_damage_and_order_are_cosmetic(field, value):
    assert split(replace(ALDER, **{field: value})) == ([], [field])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Société Alder-Optic Co., Ltd."),
        ("aliases", ("Alder",)),
        ("aliases", ("Alder", "Alder Miller Works")),
        ("aliases", ("Alder", "A?? M???? W????")),
        ("addresses", (ListedAddress("12 Lake Road, Harbin", "HK"), ALDER.addresses[1])),
        ("addresses", (ListedAddress("13 Lake Road, Harbin", "CN"), ALDER.addresses[1])),
        ("license_policy", "Policy of denial; 15 percent"),
        ("license_policy", "Policy of approval; 1.5 percent"),
        ("start_date", "2019-10-09"),
        ("destination", "CN"),
        ("footnotes", ("4", "1")),
    ],
)
def test_another_word_number_country_date_or_footnote_is_material(field, value):
    assert split(replace(ALDER, **{field: value})) == ([field], [])


@pytest.mark.parametrize(
    ("old", "new"), [("ガス工業", "カス工業"), ("किरण", "करण"), ("海康", "海思"), ("ООО Кедр", "ООО Кадр")]
)
def test_a_sign_that_tells_words_apart_in_another_script_is_material(old, new):
    assert not same_reading(old, new)


def test_a_text_made_to_mislead_is_compared_in_no_time():
    started = time.perf_counter()

    assert not same_reading("aaaa?" * 400 + "a", "a" * 1_800 + "b")

    assert time.perf_counter() - started < 1


def test_a_lost_sign_stands_for_one_letter_or_none():
    assert same_reading("Land?s Works", "Lands Works")
    assert same_reading("Land?s Works", "Landes Works")
    assert not same_reading("Land?s Works", "Landers Works")


def test_one_field_that_is_material_does_not_make_the_others_so():
    (change,) = delta_of(replace(ALDER, name=ALDER.name.upper(), license_policy="Case-by-case review")).modified

    assert list(change.changes) == ["license_policy"]


def delta_of(after: ListedEntry):
    known = dict(zip(keys_of([ALDER]), [Known.of(ALDER)], strict=True))
    return compute(known, dict(zip(keys_of([after]), [after], strict=True)))


# --- what is stored of them ------------------------------------------------------------------------------------------

pytest_db = pytest.mark.django_db


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def version_of(policy: str = "Policy of denial", *, name: str = "Alder Optics Co., Ltd.", **cells: str) -> ListVersion:
    return load("csl", csl(row(name, license_policy=policy, **cells), "Birch Avionics"))


def ops(version: ListVersion) -> list[str]:
    return list(version.deltas.values_list("op", flat=True))


@pytest_db
def test_a_cosmetic_change_is_a_line_with_its_text_no_new_revision_and_no_rescreen(clock):
    version_of()
    before = list(EntryRevision.objects.values_list("pk", "effective_to"))
    Job.objects.all().delete()
    clock.shift(timedelta(hours=1))

    version = version_of("Policy  of denial.", name="ALDER OPTICS CO LTD")

    line = version.deltas.get()
    assert (line.op, line.revision, line.text["name"]) == (DeltaOp.COS, None, "ALDER OPTICS CO LTD")
    assert line.before == EntryRevision.objects.get(name="Alder Optics Co., Ltd.")
    assert line.changes["license_policy"] == ["Policy of denial", "Policy  of denial."]
    assert list(EntryRevision.objects.values_list("pk", "effective_to")) == before
    assert (version.cosmetic, version.changes_nothing, Job.objects.filter(kind=RESCREEN).count()) == (1, True, 0)


@pytest_db
def test_the_next_version_is_compared_with_the_new_wording(clock):
    version_of()
    clock.shift(timedelta(hours=1))
    version_of("Policy of denial.")
    clock.shift(timedelta(hours=1))

    third = load(
        "csl", csl(row("Alder Optics Co., Ltd.", license_policy="Policy of denial."), "Birch Avionics", "Cedar")
    )

    assert ops(third) == ["ADD"]


@pytest_db
def test_a_material_change_after_a_cosmetic_one_says_what_changed_since_it(clock):
    version_of()
    clock.shift(timedelta(hours=1))
    version_of("Policy of denial.")
    clock.shift(timedelta(hours=1))

    third = version_of("Case-by-case review.")

    line = third.deltas.get()
    assert (line.op, line.changes) == ("MOD", {"license_policy": ["Policy of denial.", "Case-by-case review."]})
    assert line.before is not None
    assert line.before.effective_to == third.effective_at


@pytest_db
def test_a_cosmetic_change_after_a_material_one_stands_on_the_new_text(clock):
    version_of()
    clock.shift(timedelta(hours=1))
    version_of("Case-by-case review")
    clock.shift(timedelta(hours=1))

    third = version_of("Case by case review")

    assert third.deltas.get().before == EntryRevision.objects.in_force().get(name="Alder Optics Co., Ltd.")
    assert ops(third) == ["COS"]


@pytest_db
def test_a_rule_on_an_entry_whose_wording_changed_stands_on_that_wording(clock):
    version_of()
    clock.shift(timedelta(hours=1))
    version_of("Policy of denial.", name="ALDER OPTICS CO LTD")
    clock.shift(timedelta(hours=1))

    version = rule(
        effective="2019-10-07T14:00:00-04:00", revise=[{"name": "Alder Optics Co Ltd", "set": {"aliases": ["Alder"]}}]
    )

    assert version.deltas.get().changes == {"aliases": [[], ["Alder"]]}
    assert EntryRevision.objects.in_force().filter(name="ALDER OPTICS CO LTD").exists()


@pytest_db
def test_the_wording_of_a_text_is_that_of_the_moment_asked_for(clock):
    revision = EntryRevision.objects.filter(version=version_of()).get(name="Alder Optics Co., Ltd.")
    for hours, policy in ((1, "Policy of denial."), (2, "Policy of Denial")):
        clock.move_to(NOON + timedelta(hours=hours))
        version_of(policy)

    def read_at(moment: datetime) -> str | None:
        found = planning.wordings([revision.pk], moment).get(revision.pk)
        return found and found.license_policy

    assert read_at(NOON) is None
    assert read_at(NOON + timedelta(hours=1, minutes=1)) == "Policy of denial."
    assert read_at(NOON + timedelta(hours=3)) == "Policy of Denial"


@pytest_db
def test_a_coming_version_with_a_cosmetic_line_is_planned_again_on_a_material_change(clock):
    version_of()
    later = load(
        "csl", csl(row("Alder Optics Co., Ltd.", license_policy="Policy of denial."), "Birch Avionics"),
        effective="2019-10-11",
    )  # fmt: skip
    assert ops(later) == ["COS"]

    rule(effective="2019-10-09", revise=[{"name": "Alder Optics Co., Ltd.", "set": {"license_policy": "Case by case"}}])

    later.refresh_from_db()
    assert (ops(later), later.modified, later.cosmetic) == (["MOD"], 1, 0)
    at = datetime(2019, 10, 12, tzinfo=WASHINGTON)
    assert EntryRevision.objects.in_force(at).get(name="Alder Optics Co., Ltd.").listed.license_policy == (
        "Policy of denial."
    )


@pytest_db
def test_a_coming_material_change_becomes_cosmetic_when_a_rule_brings_it_sooner(clock):
    version_of()
    later = load(
        "csl", csl(row("Alder Optics Co., Ltd.", license_policy="Case-by-case review."), "Birch Avionics"),
        effective="2019-10-11",
    )  # fmt: skip
    between = NOON + timedelta(minutes=30)
    clock.move_to(NOON + timedelta(hours=1))

    rule(
        effective="2019-10-09",
        revise=[{"name": "Alder Optics Co., Ltd.", "set": {"license_policy": "Case-by-case review"}}],
    )

    later.refresh_from_db()
    at = datetime(2019, 10, 12, tzinfo=WASHINGTON)
    assert (ops(later), later.modified) == (["COS"], 0)
    texts = EntryRevision.objects.filter(name__startswith="Alder")
    assert [row.listed.license_policy for row in texts.in_force(at)] == ["Case-by-case review"]
    assert [row.listed.license_policy for row in texts.in_force_as_known(at, between)] == ["Case-by-case review."]


@pytest_db
def test_a_key_that_a_cosmetic_change_moved_is_recorded_once_and_still_leads_to_its_entry(clock):
    load("csl", csl("M?ller Optics", "Birch Avionics", "Cedar Labs"))
    entry = EntryRevision.objects.get(name="M?ller Optics").entry_id
    contents = (
        ("Müller Optics", "Birch Avionics", "Cedar Labs"),
        ("Müller Optics", "Birch Avionics", "Cedar Labs", "Dogwood"),
        ("Birch Avionics", "Cedar Labs", "Dogwood"),
        ("Müller Optics", "Birch Avionics", "Cedar Labs", "Dogwood"),
    )

    for names in contents:
        clock.shift(timedelta(hours=1))
        load("csl", csl(*names))

    assert KeyChange.objects.filter(entry=entry).count() == 1
    assert EntryRevision.objects.in_force().get(name="Müller Optics").entry_id == entry
