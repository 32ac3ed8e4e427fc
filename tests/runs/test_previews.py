"""Impact preview: counted from what is stored, nothing changed by it, and a lost worker's count goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.cases.models import Case
from compliance.core.errors import NotAllowed, WrongState
from compliance.counterparties.models import ScreeningDue
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.runs import previews, services
from compliance.runs.models import Match, Preview, RunBatch, ScreeningRun
from compliance.watchlists import planning
from compliance.watchlists import services as lists
from compliance.watchlists.models import EntryRevision, ListVersion, VersionState
from tests.factories import load_rule, make_counterparty, rule_bytes

pytestmark = pytest.mark.django_db

HIKVISION, DAHUA = "Hangzhou Hikvision Digital Technology Co., Ltd.", "Zhejiang Dahua Technology Co., Ltd."
TOUCHED = ("Hik Vision Digital Tech", "Hangzhou Hikvision Digital Technology", "DAHUA TECHNOLOGY")
RECORDS = (Match, Case, AuditEvent, ScreeningDue, ScreeningRun, RunBatch, EntryRevision)


def ready(names: tuple[str, ...] = (HIKVISION, DAHUA), **more: Any) -> ListVersion:
    version = load_rule(names, activate=False, **more).version
    assert version is not None
    return version


def counted(version: ListVersion, actor: User) -> Preview:
    previews.ask(version, actor)
    jobs.run_due()
    return Preview.objects.get(version=version)


def numbers(preview: Preview) -> tuple[Any, ...]:
    return (
        preview.counterparties, preview.screened, preview.parties, preview.strong, preview.failed, preview.sample,
        preview.party_ids,
    )  # fmt: skip


@pytest.fixture
def world(db: None) -> list[int]:
    """Three counterparties that the proposed list touches, and four that it does not; none was screened yet."""
    touched = [make_counterparty(name).pk for name in TOUCHED]
    for name in ("Orchard Software Ltd", "Fjord Optics", "???", "Birch Instruments"):
        make_counterparty(name, country="NO")
    Job.objects.all().delete()  # their own screening waits for a list, and is none of ours
    return touched


def test_a_preview_counts_who_has_a_possible_match_with_the_proposed_texts(world, manager):
    preview = counted(ready(), manager)

    assert (preview.counterparties, preview.screened, preview.entries) == (7, 7, 2)
    assert (preview.parties, preview.party_ids, preview.failed) == (3, world, 0)
    assert preview.strong == sum(1 for _party, _entry, _score, band in preview.sample if band == "strong") > 0
    assert [row[0] for row in preview.sample] == world
    assert (preview.finished_at is not None, previews.state_of(preview)) == (True, "done")


def test_what_a_preview_counts_is_what_activation_then_finds(world, manager):
    version = ready()
    preview = counted(version, manager)

    lists.activate(version=version, actor=manager)
    jobs.run_due()

    matches = Match.objects.standing()
    assert preview.party_ids == sorted(set(matches.values_list("counterparty", flat=True)))
    assert preview.strong == matches.filter(band="strong").values("counterparty").distinct().count()


def test_counting_changes_nothing(world, manager):
    version = ready()
    before = [list(model.objects.order_by("pk").values()) for model in RECORDS]
    state = ListVersion.objects.filter(pk=version.pk).values().get()

    counted(version, manager)

    assert [list(model.objects.order_by("pk").values()) for model in RECORDS] == before
    assert ListVersion.objects.filter(pk=version.pk).values().get() == state


def test_a_counterparty_counts_once_however_many_texts_it_may_match(manager):
    make_counterparty("Hikvision Digital Technology")

    preview = counted(ready((HIKVISION, "Hikvision Digital Technology (Xinjiang) Co., Ltd.")), manager)

    assert (preview.entries, preview.parties, len(preview.sample)) == (2, 1, 1)


@pytest.mark.parametrize("batches_before", [0, 1, 2])
def test_a_count_killed_in_the_middle_goes_on_and_counts_the_same(
    world, manager, settings, monkeypatch, batches_before
):
    settings.SCREEN_BATCH = 2
    version = ready()
    undisturbed = numbers(counted(version, manager))
    preview = previews.ask(version, manager)
    keep, kept = previews.keep_batch, []

    def dies(*args: Any) -> Preview:
        if len(kept) == batches_before:
            raise SystemExit("killed")
        kept.append(args)
        return keep(*args)

    with monkeypatch.context() as broken:
        broken.setattr(previews, "keep_batch", dies)
        with pytest.raises(SystemExit):
            jobs.run(preview.job_id)
    preview.refresh_from_db()
    assert (preview.screened, preview.finished_at) == (2 * batches_before, None)

    with time_machine.travel(timezone.now() + jobs.lease_time() + timedelta(seconds=1)):
        jobs.run_due()

    preview.refresh_from_db()
    assert numbers(preview) == undisturbed


def test_a_worker_that_lost_its_lease_in_a_batch_counts_nothing_of_it(world, manager, settings, monkeypatch):
    settings.SCREEN_BATCH = 2
    preview = previews.ask(ready(), manager)
    screen = services.screen_rows

    def overtaken(*args: Any) -> Any:
        Job.objects.filter(pk=preview.job_id).update(lease="another worker's")
        return screen(*args)

    monkeypatch.setattr(services, "screen_rows", overtaken)

    jobs.run(preview.job_id)

    preview.refresh_from_db()
    assert (preview.screened, preview.cursor, preview.parties) == (0, 0, 0)


def test_asked_again_while_it_counts_the_first_count_stops_and_one_is_kept(world, manager, settings, monkeypatch):
    settings.SCREEN_BATCH = 2
    version = ready()
    first = previews.ask(version, manager)
    keep, asked = previews.keep_batch, []

    def asks_again(*args: Any) -> Preview:
        if not asked:
            asked.append(previews.ask(version, manager))
        return keep(*args)

    monkeypatch.setattr(previews, "keep_batch", asks_again)
    jobs.run_due()

    assert Job.objects.get(pk=first.job_id).result == {"note": f"preview of {version.pk} was asked for again"}
    preview = Preview.objects.get()
    assert preview.job_id == asked[0].job_id != first.job_id
    assert (preview.screened, preview.party_ids, previews.state_of(preview)) == (7, world, "done")


def test_a_record_the_engine_fails_on_is_counted_as_failed(world, manager, monkeypatch):
    real = services.screen_party

    def fails(party: Any, index: Any) -> Any:
        if party.id == str(world[0]):
            raise ValueError("poison")
        return real(party, index)

    monkeypatch.setattr(services, "screen_batch", lambda parties, index: [fails(p, index) for p in parties])
    monkeypatch.setattr(services, "screen_party", fails)

    preview = counted(ready(), manager)

    assert (preview.screened, preview.failed, preview.party_ids) == (7, 1, world[1:])


def test_only_so_many_parties_are_kept_by_name_and_all_are_counted(world, manager, monkeypatch):
    monkeypatch.setattr(previews, "PARTIES_KEPT", 2)
    monkeypatch.setattr(previews, "SAMPLE", 1)

    preview = counted(ready(), manager)

    assert (preview.parties, preview.party_ids, len(preview.sample)) == (3, world[:2], 1)


def test_a_version_that_only_removes_touches_no_new_counterparty(world, manager):
    load_rule([HIKVISION])
    jobs.run_due()
    data = rule_bytes(title="removal", effective="2020-01-01", remove=[{"name": HIKVISION, "country": "CN"}])
    version = lists.load(key="rule", data=data, filename="r.json", actor=manager).version
    assert version is not None

    preview = counted(version, manager)

    assert (preview.entries, preview.parties, preview.finished_at is not None) == (0, 0, True)


def in_days(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


def test_a_version_that_comes_to_stand_on_another_one_makes_its_preview_stale(world, manager):
    load_rule([HIKVISION])
    later = lists.activate(
        version=ready((), effective=in_days(3), revise=[{"name": HIKVISION, "set": {"aliases": ["HIK"]}}]),
        actor=manager,
    )
    preview = counted(later, manager)
    fresh = previews.is_stale(preview, later)

    load_rule([], effective=in_days(1), title="Before it", revise=[{"name": HIKVISION, "set": {"citation": "1 FR 1"}}])

    assert (fresh, previews.is_stale(preview, later)) == (False, True)


def test_planned_again_with_the_same_outcome_a_preview_still_holds(world, manager):
    version = ready()
    preview = counted(version, manager)

    planning.plan(version, planning.read(version), timezone.now())

    assert not previews.is_stale(preview, version)


def test_a_count_that_goes_on_after_a_new_plan_starts_anew(world, manager, settings, monkeypatch):
    settings.SCREEN_BATCH = 2
    version = ready()
    preview = previews.ask(version, manager)
    finish = previews.finish
    monkeypatch.setattr(previews, "finish", lambda *args: (_ for _ in ()).throw(SystemExit("killed")))
    with pytest.raises(SystemExit):
        jobs.run(preview.job_id)
    monkeypatch.setattr(previews, "finish", finish)
    version.deltas.filter(revision__name=DAHUA).delete()

    with time_machine.travel(timezone.now() + jobs.lease_time() + timedelta(seconds=1)):
        jobs.run_due()

    preview.refresh_from_db()
    assert (preview.screened, preview.entries, preview.party_ids) == (7, 1, world[:2])
    assert not previews.is_stale(preview, version)


class TestAsking:
    @pytest.mark.parametrize("role", ["officer", "auditor", "administrator"])
    def test_only_who_loads_lists_may_ask(self, request, role):
        with pytest.raises(NotAllowed):
            previews.ask(ready(), request.getfixturevalue(role))

        assert not Preview.objects.exists()

    @pytest.mark.parametrize("state", [VersionState.READY, VersionState.HELD])
    def test_a_version_that_waits_for_people_is_counted(self, manager, state):
        version = ready()
        ListVersion.objects.filter(pk=version.pk).update(state=state)

        assert counted(version, manager).finished_at is not None

    def test_a_coming_version_is_counted_until_it_binds(self, world, manager):
        version = ready(effective=in_days(1))
        version = lists.activate(version=version, actor=manager)
        assert counted(version, manager).party_ids == world

        with (
            time_machine.travel(timezone.now() + timedelta(days=2)),
            pytest.raises(WrongState, match=r"is active\. What a change would touch"),
        ):
            previews.ask(version, manager)

    def test_a_version_activated_before_its_turn_is_not_counted(self, world, manager):
        version = ready()
        preview = previews.ask(version, manager)
        lists.activate(version=version, actor=manager)

        jobs.run_due()

        preview.refresh_from_db()
        assert (preview.screened, preview.finished_at) == (0, None)
        assert "nothing is left to preview" in Job.objects.get(pk=preview.job_id).result["note"]

    def test_asked_twice_before_a_worker_comes_it_is_counted_once(self, manager):
        version = ready()
        previews.ask(version, manager)
        previews.ask(version, manager)

        assert (Preview.objects.count(), Job.objects.filter(kind=previews.PREVIEW).count()) == (1, 1)

    def test_a_count_given_up_reads_as_failed_and_can_be_asked_for_again(self, world, manager, settings, monkeypatch):
        settings.JOB_MAX_ATTEMPTS = 1
        version = ready()
        with monkeypatch.context() as broken:
            broken.setattr(previews, "keep_batch", lambda *args: (_ for _ in ()).throw(OSError("disk full")))
            given_up = counted(version, manager)
        assert (previews.state_of(given_up), Job.objects.get(pk=given_up.job_id).state) == ("failed", JobState.FAILED)

        assert counted(version, manager).party_ids == world


class TestAutomatic:
    def test_a_version_that_waits_is_counted_by_itself(self, world):
        version = ready()

        jobs.sweep()
        jobs.run_due()

        preview = Preview.objects.get(version=version)
        assert (preview.party_ids, preview.asked_by) == (world, User.objects.system().audit_name)

    def test_it_is_asked_for_once(self, world):
        ready()
        jobs.sweep()
        jobs.run_due()

        jobs.sweep()

        assert Job.objects.filter(kind=previews.PREVIEW).count() == 1

    def test_an_active_or_an_old_version_is_left_alone(self):
        load_rule([HIKVISION])
        old = ready((DAHUA,), title="old")
        ListVersion.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=8))

        jobs.sweep()

        assert not Preview.objects.exists()

    def test_it_can_be_switched_off(self, settings):
        settings.PREVIEW_AUTOMATIC = False
        ready()

        jobs.sweep()

        assert not Preview.objects.exists()
