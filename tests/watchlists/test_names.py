"""Supplementary names: attached by a person, screened once, always apart from the official text."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from compliance.audit import services as audit
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.runs import services as runs
from compliance.runs.models import Match, NameScreening, RunState, ScreeningRun, Trigger
from compliance.watchlists import names
from compliance.watchlists.models import Entry, EntryRevision, SupplementaryName
from tests.factories import make_counterparty
from tests.watchlists.samples import csl, load, part744, row, rule

pytestmark = pytest.mark.django_db

ALDER, CHINESE = "Alder Optics Co., Ltd.", "桤木光学科技有限公司"
HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."
TODAY = date(2020, 1, 2)


def entry_of(name: str = ALDER) -> Entry:
    return Entry.objects.filter(revisions__name=name).distinct().get()


def attach(actor: Any, text: str = CHINESE, *, entry: Entry | None = None, **changes: Any) -> SupplementaryName:
    facts = {"kind": "other_script", "source": "Business license", "source_date": TODAY, **changes}
    return names.add(entry=entry or entry_of(), text=text, actor=actor, **facts)


def pairs() -> set[tuple[str, str]]:
    return set(Match.objects.standing().values_list("counterparty__name", "revision__name"))


def names_runs() -> list[ScreeningRun]:
    return list(ScreeningRun.objects.filter(trigger=Trigger.NAME_ADDED).order_by("pk"))


@pytest.fixture
def listed(db: None) -> Entry:
    """The party on the list, screened."""
    load("csl", csl(ALDER, "Birch Avionics"))
    jobs.run_due()
    return entry_of()


# --- attaching and taking off ----------------------------------------------------------------------------------------


def test_a_name_keeps_its_source_date_and_author_and_leaves_the_official_text_alone(listed, officer):
    before = EntryRevision.objects.get(entry=listed).text

    name = attach(officer, f"  {CHINESE} ")

    assert (name.text, name.source, name.source_date, name.added_by) == (CHINESE, "Business license", TODAY, officer)
    assert EntryRevision.objects.get(entry=listed).text == before
    event = audit.about(listed).get(action="lists.name_added")
    assert (event.data["text"], event.data["source_date"]) == (CHINESE, "2020-01-02")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": " – "}, "at least one letter"),
        ({"text": "x" * 301}, "up to 300"),
        ({"source": "  "}, "where the name is from"),
        ({"kind": "nickname"}, "what kind of name"),
        ({"source_date": date(2999, 1, 1)}, "lies ahead"),
    ],
)
def test_a_name_without_letters_source_kind_or_with_a_date_ahead_is_refused(listed, officer, changes, words):
    with pytest.raises(Invalid, match=words):
        attach(officer, **changes)

    assert not SupplementaryName.objects.exists()


def test_the_same_name_is_not_attached_twice_while_it_stands(listed, officer):
    name = attach(officer)

    with pytest.raises(Invalid, match=r"attached to .* already"):
        attach(officer)
    names.withdraw(name=name, reason="The license says otherwise", actor=officer)
    assert attach(officer).pk != name.pk


def test_an_auditor_attaches_and_takes_off_no_name(listed, officer, auditor):
    name = attach(officer)

    with pytest.raises(NotAllowed):
        attach(auditor, "另一个名字")
    with pytest.raises(NotAllowed):
        names.withdraw(name=name, reason="No", actor=auditor)


def test_a_name_is_taken_off_once_with_a_reason(listed, officer):
    name = attach(officer)

    with pytest.raises(Invalid, match="why"):
        names.withdraw(name=name, reason=" ", actor=officer)
    gone = names.withdraw(name=name, reason="The license says otherwise", actor=officer)
    with pytest.raises(WrongState, match="already"):
        names.withdraw(name=name, reason="Again", actor=officer)

    assert (gone.withdrawn_by, gone.withdrawn_because) == (officer, "The license says otherwise")
    assert names.of_entries([listed.pk]) == {}
    assert audit.about(listed).filter(action="lists.name_withdrawn").count() == 1


# --- the names that come with the product ----------------------------------------------------------------------------


def shipped_names() -> list[str]:
    return sorted(SupplementaryName.objects.filter(withdrawn_at=None).values_list("text", flat=True))


def test_the_shipped_names_are_attached_once_when_their_entry_is_listed():
    load("csl", csl(HIKVISION, "Birch Avionics"))
    assert shipped_names() == ["杭州海康威视数字技术股份有限公司", "海康威视"]

    load("csl", csl("Birch Avionics", "Cedar Labs", "Dogwood Marine"))
    load("csl", csl(HIKVISION, "Birch Avionics", "Cedar Labs", "Dogwood Marine"))

    assert SupplementaryName.objects.count() == 2


def test_a_shipped_name_that_was_taken_off_stays_off(officer):
    load("csl", csl(HIKVISION, "Birch Avionics", "Cedar Labs"))
    names.withdraw(name=SupplementaryName.objects.get(text="海康威视"), reason="Shared by others", actor=officer)

    load("ecfr744", part744(f"{HIKVISION} 12 Lake Road, Harbin, China."))
    load("csl", csl("Birch Avionics", "Cedar Labs", "Dogwood Marine"))
    load("csl", csl(HIKVISION, "Birch Avionics", "Cedar Labs", "Dogwood Marine"))

    assert shipped_names() == ["杭州海康威视数字技术股份有限公司"]


@pytest.mark.parametrize(
    "cells", [row(HIKVISION, "1 Road, Moscow, RU"), row("Hikvision Digital Garden Centre Ltd")], ids=["country", "name"]
)
def test_a_shipped_name_is_for_the_entry_of_that_name_and_country_alone(cells):
    load("csl", csl(cells))

    assert shipped_names() == []


def test_a_version_that_is_not_in_force_attaches_nothing():
    load("csl", csl(HIKVISION), activate=False)

    assert shipped_names() == []


def test_a_shipped_name_is_screened_by_the_run_of_the_version_that_brought_its_entry():
    make_counterparty("海康威视")

    load("csl", csl(HIKVISION))
    jobs.run_due()
    jobs.sweep()
    jobs.run_due()

    assert pairs() == {("海康威视", HIKVISION)}
    assert names_runs() == []
    assert NameScreening.objects.filter(run__trigger=Trigger.LIST_CHANGE).count() == 2


# --- screening -------------------------------------------------------------------------------------------------------


def test_a_name_makes_a_run_that_finds_a_counterparty_in_its_own_script(listed, officer):
    make_counterparty(CHINESE)
    make_counterparty("Orchard Software Ltd")
    jobs.run_due()
    assert pairs() == set()

    attach(officer)
    jobs.sweep()
    jobs.run_due()

    (run,) = names_runs()
    assert (run.state, run.entries, run.screened) == (RunState.FINISHED, 1, 2)
    assert pairs() == {(CHINESE, ALDER)}


def test_a_name_is_screened_against_every_text_of_its_entry(listed, officer):
    load("ecfr744", part744("Alder Optics Co., Ltd., 12 Lake Road, Harbin, China."))
    jobs.run_due()
    make_counterparty(CHINESE)

    attach(officer)
    jobs.sweep()
    jobs.run_due()

    assert names_runs()[0].entries == 2
    assert Match.objects.values("revision__version__source__key").distinct().count() == 2


def test_a_name_is_screened_once(listed, officer):
    attach(officer)

    for _ in range(3):
        jobs.sweep()
        jobs.run_due()

    assert len(names_runs()) == 1


def test_names_that_wait_together_are_one_run(listed, officer):
    attach(officer)
    attach(officer, "桦木航空", entry=entry_of("Birch Avionics"))

    jobs.sweep()
    jobs.run_due()

    (run,) = names_runs()
    assert (run.names.count(), run.entries) == (2, 2)


def test_a_name_taken_off_before_its_run_is_not_screened(listed, officer):
    make_counterparty(CHINESE)
    names.withdraw(name=attach(officer), reason="Wrong party", actor=officer)

    jobs.sweep()
    jobs.run_due()

    assert (names_runs(), pairs()) == ([], set())


def test_a_counterparty_that_comes_later_is_screened_against_the_name_too(listed, officer):
    attach(officer)
    jobs.sweep()
    jobs.run_due()

    make_counterparty(CHINESE)
    jobs.run_due()

    assert pairs() == {(CHINESE, ALDER)}


def test_a_pair_found_again_with_other_names_is_a_match_of_its_own_and_never_twice_with_the_same(listed, officer):
    make_counterparty("Alder Optics")
    jobs.run_due()
    assert list(Match.objects.values_list("names_digest", flat=True)) == [""]

    attach(officer)
    for _ in range(2):
        jobs.sweep()
        jobs.run_due()
        runs.start_full(reason="again", actor=officer)
        jobs.run_due()

    digests = list(Match.objects.order_by("pk").values_list("names_digest", flat=True))
    assert (len(digests), digests[0] == "", len(set(digests))) == (2, True, 2)


# --- lost workers and names that come while a run is at work ---------------------------------------------------------


def test_a_worker_lost_between_making_the_run_and_doing_it_loses_nothing(listed, officer, monkeypatch):
    make_counterparty(CHINESE)
    attach(officer)
    jobs.sweep()
    job = Job.objects.get(kind=runs.SCREEN_NAMES)
    with monkeypatch.context() as broken:
        broken.setattr(runs, "do_run", lambda *args: (_ for _ in ()).throw(SystemExit("killed")))
        with pytest.raises(SystemExit):
            jobs.run(job.pk)
    assert names_runs()[0].state == RunState.WAITING

    with time_machine.travel(timezone.now() + jobs.lease_time() + timedelta(seconds=1)):
        jobs.sweep()
        jobs.run_due()

    assert [run.state for run in names_runs()] == [RunState.FINISHED]
    assert pairs() == {(CHINESE, ALDER)}


def test_a_run_for_names_whose_job_is_gone_is_carried_on_by_the_sweep(listed, officer):
    make_counterparty(CHINESE)
    attach(officer)
    runs.run_for_names()

    jobs.sweep()
    jobs.run_due()

    assert [run.state for run in names_runs()] == [RunState.FINISHED]
    assert pairs() == {(CHINESE, ALDER)}


def test_the_sweep_does_not_disturb_a_run_for_names_that_is_at_work(listed, officer):
    attach(officer)
    jobs.sweep()
    job = Job.objects.get(kind=runs.SCREEN_NAMES)
    assert jobs.claim(job.pk) is not None
    runs.run_for_names()
    attach(officer, "另一个名字")

    runs.find_unscreened()

    assert list(Job.objects.filter(kind=runs.SCREEN_NAMES).values_list("state", flat=True)) == [JobState.RUNNING]


def attached_during(monkeypatch: pytest.MonkeyPatch, officer: Any, *, at: str) -> None:
    """Attach the name while the version's run is at the function `at` of its work."""
    real = getattr(runs, at)

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        done = real(*args, **kwargs)
        if not SupplementaryName.objects.exists():
            attach(officer)
        return done

    monkeypatch.setattr(runs, at, meanwhile)


@pytest.mark.parametrize("at", ["begin", "screen_rows", "keep_batch"])
def test_a_name_attached_while_the_version_is_screened_is_missed_by_nobody(officer, monkeypatch, at):
    make_counterparty(CHINESE)
    jobs.run_due()
    load("csl", csl(ALDER))
    attached_during(monkeypatch, officer, at=at)

    jobs.run_due()
    jobs.sweep()
    jobs.run_due()

    assert pairs() == {(CHINESE, ALDER)}
    assert not runs.names_due().exists()


def test_a_name_written_before_a_run_began_and_seen_only_after_it_is_screened_by_its_own_run(officer, monkeypatch):
    """On PostgreSQL a name whose transaction is slow carries an earlier time than the run that didn't see it."""
    make_counterparty(CHINESE)
    jobs.run_due()
    load("csl", csl(ALDER))
    long_ago = timezone.now() - timedelta(minutes=5)
    attached_during(monkeypatch, officer, at="screen_rows")
    real = names.attach

    def slow(*args: Any) -> SupplementaryName:
        name = real(*args)
        SupplementaryName.objects.filter(pk=name.pk).update(added_at=long_ago)
        return name

    monkeypatch.setattr(names, "attach", slow)

    jobs.run_due()
    jobs.sweep()
    jobs.run_due()

    assert len(names_runs()) == 1
    assert pairs() == {(CHINESE, ALDER)}


def test_a_name_on_an_entry_of_which_the_version_changed_one_source_alone_waits_for_its_own_run(listed, officer):
    make_counterparty(CHINESE)
    jobs.run_due()
    attach(officer)
    load("ecfr744", part744("Alder Optics Co., Ltd., 12 Lake Road, Harbin, China."))
    jobs.run_due()
    assert runs.names_due().exists()

    jobs.sweep()
    jobs.run_due()

    keys = Match.objects.values_list("revision__version__source__key", flat=True)
    assert sorted(keys) == ["csl", "ecfr744"]


def test_a_version_whose_worker_was_lost_does_not_vouch_for_names(officer, settings, monkeypatch):
    settings.SCREEN_BATCH = 1
    make_counterparty(CHINESE)
    make_counterparty("Orchard Software Ltd")
    jobs.run_due()
    load("csl", csl(ALDER))
    job = Job.objects.get(kind="runs.screen_version")
    keep = runs.keep_batch

    def dies(*args: Any, **kwargs: Any) -> int:
        if Match.objects.exists() or ScreeningRun.objects.get().screened:
            raise SystemExit("killed")
        return keep(*args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(runs, "keep_batch", dies)
        with pytest.raises(SystemExit):
            jobs.run(job.pk)
    attach(officer)

    with time_machine.travel(timezone.now() + jobs.lease_time() + timedelta(seconds=1)):
        jobs.run(job.pk)
        jobs.sweep()
        jobs.run_due()

    assert pairs() == {(CHINESE, ALDER)}


def test_a_name_of_a_coming_entry_is_screened_before_it_binds(officer):
    make_counterparty(CHINESE)
    rule(effective=(timezone.now() + timedelta(days=2)).isoformat(), names=[{"name": ALDER}])
    jobs.run_due()

    attach(officer)
    jobs.sweep()
    jobs.run_due()

    assert pairs() == {(CHINESE, ALDER)}
