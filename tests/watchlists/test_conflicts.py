"""Where two sources print one party and disagree: the one that leads is believed, and both are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.watchlists import conflicts
from compliance.watchlists.conflicts import disagreements
from compliance.watchlists.models import EntryRevision, ListVersion, SourceConflict
from compliance.watchlists.parsers.base import ListedAddress, ListedEntry
from compliance.watchlists.services import COMPARE
from tests.watchlists.samples import POLICY, csl, listed, load, part744, row

REGULATION = listed(
    "Alder Optics Co., Ltd.", "Room 1201, Harbor Plaza, 88 Nanjing Road, Qingdao, China",
    "Building 4, Mill Lane, Tianshan District, Urumqi, China", aliases=("Alder Works", "AO Tech"),
    license_requirement="For all items subject to the EAR", license_policy=POLICY, start_date="2019-10-09",
    citations=(("84 FR 54004", "2019-10-09"), ("85 FR 44159", "2020-07-22")),
)  # fmt: skip


def fields(other: ListedEntry) -> list[str]:
    return [field for field, _leading, _other in disagreements(REGULATION, other)]


# --- no conflict -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        replace(REGULATION, addresses=REGULATION.addresses[::-1]),
        replace(
            REGULATION,
            addresses=(
                ListedAddress("88 Nanjing Road, Harbor Plaza, Room 1201, Qingdao, CN", "CN"),
                ListedAddress("Building 4 - Mill Lane; Tianshan District; Urumqi", "CN"),
            ),
        ),
        replace(REGULATION, aliases=("AO TECH", "Works, Alder")),
        replace(REGULATION, name="ALDER OPTICS CO LTD", license_policy="Presumption of Denial."),
        replace(REGULATION, license_requirement="", license_policy="", start_date=""),
        replace(REGULATION, citation="84 FR 54002", citations=()),
    ],
    ids=["order of addresses", "spelling of addresses", "aliases", "punctuation", "says nothing", "cited page"],
)
def test_order_punctuation_and_the_spelling_of_a_country_are_no_conflict(other):
    assert fields(other) == []


@pytest.mark.parametrize("day", ["2019-10-09", "2019-10-05", "2019-10-20", "2020-07-22", "2020-07-30"])
def test_a_listing_date_near_any_cited_day_is_no_conflict(day):
    assert fields(replace(REGULATION, start_date=day)) == []


# --- a conflict ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2018-10-09", "2019-11-30", "2020-05-01"])
def test_a_listing_date_that_is_none_of_the_cited_days_is_a_conflict(day):
    assert disagreements(REGULATION, replace(REGULATION, start_date=day)) == [("start_date", "2019-10-09", day)]


def test_an_alias_that_one_of_them_lacks_is_a_conflict():
    other = replace(REGULATION, aliases=("AO Tech", "Alder Night Vision"))

    assert disagreements(REGULATION, other) == [("aliases", "Alder Works", "Alder Night Vision")]


def test_an_address_that_one_of_them_lacks_is_a_conflict():
    other = replace(REGULATION, addresses=REGULATION.addresses[:1])

    assert disagreements(REGULATION, other) == [("addresses", "Building 4, Mill Lane, Tianshan District, Urumqi", "")]


def test_another_name_requirement_or_policy_is_a_conflict():
    assert fields(replace(REGULATION, license_policy="Case-by-case review")) == ["license_policy"]
    assert fields(replace(REGULATION, license_requirement="For EAR99 items")) == ["license_requirement"]
    assert "name" in fields(replace(REGULATION, name="Alder Lasers Co., Ltd."))


# --- stored ----------------------------------------------------------------------------------------------------------

LEADING = "Alder Optics, a.k.a., the following one alias: —Alder Works. 12 Lake Road, Harbin, China."


def both(order: tuple[str, str] = ("csl", "ecfr744"), **cells: str) -> ListVersion:
    """The party in two sources, which disagree on the listing date; the second version."""
    files = {"csl": csl(row("Alder Optics", alt_names="Alder Works", start_date="2018-10-09", **cells)),
             "ecfr744": part744(LEADING)}  # fmt: skip
    versions = [load(key, files[key]) for key in order]
    jobs.run_due()
    return versions[1]


def rows() -> list[tuple[str, str, str, str]]:
    values = ("field", "leading__version__source__key", "leading_says", "other_says")
    return list(SourceConflict.objects.values_list(*values))


@pytest.mark.django_db
@pytest.mark.parametrize("order", [("csl", "ecfr744"), ("ecfr744", "csl")])
def test_the_regulation_leads_whichever_came_first(order):
    both(order)

    assert rows() == [("start_date", "ecfr744", "2019-10-09", "2018-10-09")]


@pytest.mark.django_db
def test_comparing_again_changes_nothing():
    version = both()
    before = rows()

    conflicts.compare(version)

    assert (rows(), len(before)) == (before, 1)


@pytest.mark.django_db
def test_a_conflict_ends_when_the_sources_agree_again():
    both()

    load("csl", csl(row("Alder Optics", alt_names="Alder Works", start_date="2019-10-09")))
    jobs.run_due()

    assert rows() == []


@pytest.mark.django_db
def test_a_conflict_ends_when_one_source_drops_the_party():
    both()

    load("csl", csl("Birch Avionics"))
    jobs.run_due()

    assert not EntryRevision.objects.in_force().filter(name="Alder Optics", version__source__key="csl").exists()
    assert rows() == []


@pytest.mark.django_db
@pytest.mark.parametrize("is_superseded", [False, True])
def test_a_comparison_whose_job_was_lost_is_made_again_by_the_sweep(is_superseded):
    load("csl", csl(row("Alder Optics", alt_names="Alder Works", start_date="2018-10-09"), "Birch Avionics"))
    load("ecfr744", part744(LEADING))
    if is_superseded:
        load(
            "csl", csl(row("Alder Optics", alt_names="Alder Works", start_date="2018-10-09"), "Birch Avionics", "Cedar")
        )
        load("ecfr744", part744(LEADING, "Dogwood Marine, 7 Sea Road, Dalian, China."))
    Job.objects.all().delete()
    assert ListVersion.objects.filter(compared_at=None).count() == (4 if is_superseded else 2)

    jobs.sweep()
    jobs.run_due()

    assert not ListVersion.objects.filter(compared_at=None).exists()
    assert [field for field, *_says in rows()] == ["start_date"]


@pytest.mark.django_db
def test_the_sweep_asks_for_no_comparison_that_is_at_work():
    version = load("csl", csl("Alder Optics"))
    job = Job.objects.get(kind=COMPARE)
    assert jobs.claim(job.pk) is not None

    conflicts.find_uncompared()

    assert Job.objects.filter(kind=COMPARE, key=str(version.pk)).exclude(state=JobState.RUNNING).count() == 0
