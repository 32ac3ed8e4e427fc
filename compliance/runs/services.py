"""Make runs, screen batches with a saved cursor, store matches, and answer a single name."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import Invalid
from compliance.core.permissions import Permission, check_permission
from compliance.counterparties import services as counterparties
from compliance.counterparties.models import Counterparty, DueState, ScreeningDue, facts_digest
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.runs import engine
from compliance.runs.models import Match, NameScreening, RunBatch, RunState, ScreeningRun, Trigger, WithdrawnBecause
from compliance.runs.waiting_names import names_due, other_texts, unfinished_names_run
from compliance.watchlists import names
from compliance.watchlists.models import DeltaOp, Entry, EntryRevision, ListVersion, SupplementaryName, VersionState
from compliance.watchlists.services import RESCREEN
from screening import ENGINE_VERSION, Address, Index, Name, Party, Screening, screen_batch, screen_party

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.02  # on SQLite, so that web writers get their turn between batches
FULL = "runs.full"
SCREEN_NAMES = "runs.screen_names"
OPEN_CASES = "cases.open_from_matches"  # done by the cases app; named here because pending work is a row

FACTS = ("pk", "revision", "name", "other_names", "addresses", "identifiers", "country")


# --- making runs ---------------------------------------------------------------------------------------------------


def new_run(*, trigger: str, version: ListVersion | None, requested_by: str, reason: str = "") -> ScreeningRun:
    """A run that waits, with the engine and settings it will use."""
    scoring = engine.config()
    return ScreeningRun.objects.create(
        trigger=trigger, version=version, reason=reason[:300], engine_version=ENGINE_VERSION,
        fingerprint=scoring.fingerprint(), settings=scoring.as_dict(), requested_by=requested_by,
        created_at=timezone.now(),
    )  # fmt: skip


@transaction.atomic
def run_for_version(version: ListVersion, requested_by: str = "") -> ScreeningRun | None:
    """The run that screens this version's change, made if there is none younger than the version's last plan.

    One that was begun while the change was coming and is still open when it binds becomes the run of the change.
    """
    version = ListVersion.objects.select_for_update().get(pk=version.pk)
    is_watched = version.state in (VersionState.PENDING, VersionState.ACTIVE, VersionState.SUPERSEDED)
    if not is_watched or version.changes_nothing:
        return None
    trigger = Trigger.LIST_COMING if version.state_now == VersionState.PENDING else Trigger.LIST_CHANGE
    since = ScreeningRun.objects.filter(version=version, created_at__gte=version.planned_at).order_by("-pk")
    existing = since.filter(trigger=trigger).first()
    if existing is None and trigger == Trigger.LIST_CHANGE:
        existing = since.filter(trigger=Trigger.LIST_COMING).exclude(state=RunState.FINISHED).first()
    if existing is None:
        close_overtaken(version)
        return new_run(trigger=trigger, version=version, requested_by=requested_by)
    if existing.trigger != trigger:
        existing.trigger = trigger
        existing.save(update_fields=["trigger"])
    return existing


def close_overtaken(version: ListVersion) -> None:
    """End the runs that a lost worker left open on an earlier plan of this version: a new one is about to be made."""
    for run in ScreeningRun.objects.filter(version=version, state__in=[RunState.WAITING, RunState.RUNNING]):
        run.state = RunState.FAILED
        run.save(update_fields=["state"])
        data = {"reason": "The version was planned again, and another run screens it."}
        audit.record("run.failed", subject=run, actor=User.objects.system(), data=data)


@transaction.atomic
def run_for_names(requested_by: str = "") -> ScreeningRun | None:
    """A run that screens the entries whose supplementary names nobody was screened against yet; None if none waits."""
    waiting = list(names_due().select_for_update(of=("self",)))
    if not waiting:
        return None
    run = new_run(trigger=Trigger.NAME_ADDED, version=None, requested_by=requested_by)
    NameScreening.objects.bulk_create([NameScreening(name=name, run=run) for name in waiting])
    return run


def note_names(run: ScreeningRun, named: Mapping[int, str]) -> None:
    """Names that the one index of a version's run held were screened by it, where it took their entries' texts in full.

    `named`: the digests of that index. What was attached since makes another digest, and waits for its own run.
    """
    if run.version is None:
        return
    rows = list(names_due().filter(entry__in=run.version_texts().values("entry")))
    now = engine.names_digests(names.of_entries({name.entry_id for name in rows}))
    mine = [name for name in rows if named.get(name.entry_id) == now[name.entry_id] and not other_texts(run, name)]
    NameScreening.objects.bulk_create([NameScreening(name=name, run=run) for name in mine], ignore_conflicts=True)


@transaction.atomic
def start_full(*, reason: str, actor: User) -> ScreeningRun:
    """Screen every counterparty against everything in force or coming."""
    check_permission(actor, Permission.RUN_START)
    if not EntryRevision.objects.watched().exists():
        raise Invalid("No list is in force, so there is nothing to screen against. Load and activate a list first.")
    run = new_run(trigger=Trigger.FULL, version=None, requested_by=actor.audit_name, reason=reason)
    run.job = jobs.enqueue(FULL, key=str(run.pk), payload={"run": run.pk}, requested_by=actor.audit_name)
    run.save(update_fields=["job"])
    audit.record("run.asked", subject=run, actor=actor, data={"reason": run.reason})
    return run


# --- doing runs ----------------------------------------------------------------------------------------------------


def entries_of(run: ScreeningRun) -> list[int]:
    """The revisions a run screens against: its version's new texts, those of newly named entries, or all watched."""
    if run.trigger == Trigger.NAME_ADDED:
        named = SupplementaryName.objects.filter(screening__run=run).values("entry")
        return list(EntryRevision.objects.watched().filter(entry__in=named).values_list("pk", flat=True))
    if run.version is None:
        return list(EntryRevision.objects.watched().values_list("pk", flat=True))
    return list(run.version_texts().values_list("pk", flat=True))


Mark = tuple[datetime | None, int, str]


def plan_mark() -> Mark:
    """Changes whenever a version is put in force or planned again, or a name is attached: an index is then old."""
    found = ListVersion.objects.watched().aggregate(last=models.Max("planned_at"), count=models.Count("pk"))
    return found["last"], found["count"], engine.names_mark()


def do_run(run: ScreeningRun, context: jobs.JobContext) -> dict[str, Any]:
    """Screen the run's counterparties from its cursor on, a batch a transaction. Done twice it changes nothing."""
    if run.state == RunState.FINISHED:
        return summary(run)
    mark, is_resumed = plan_mark(), run.started_at is not None
    revisions = entries_of(run)
    begin(run, context, revisions)
    named: Mapping[int, str] = engine.names_digests(names.of_entries(None))
    if revisions and run.counterparties:
        built = engine.index_of(revisions)
        named = built.names
        context.progress(total=run.counterparties, done=run.screened)
        while True:
            rows = list(
                Counterparty.objects.filter(pk__gt=run.cursor, pk__lte=run.cut_id)
                .order_by("pk")
                .values_list(*FACTS)[: settings.SCREEN_BATCH]
            )
            if not rows:
                break
            results = screen_rows(rows, built.index)
            keep_batch(run, rows, results, context, closes_due=run.covers_all_entries, mark=mark, named=named)
            if connection.vendor == "sqlite":
                time.sleep(PAUSE_SECONDS)
    finish(run, context, {} if is_resumed else named)  # what a lost worker's index held nobody knows
    return summary(run)


@transaction.atomic
def begin(run: ScreeningRun, context: jobs.JobContext, revisions: list[int]) -> None:
    """Fix the cut of counterparties, once."""
    context.progress(note=f"{run} started")
    if run.started_at:
        if run.job_id != context.job.pk or run.state == RunState.FAILED:  # asked for again: this job carries it on
            run.job, run.state = context.job, RunState.RUNNING
            run.save(update_fields=["job", "state"])
        return
    run.job = context.job
    run.state, run.started_at = RunState.RUNNING, timezone.now()
    run.entries = len(revisions)
    everything = run.version is None and run.trigger != Trigger.NAME_ADDED
    run.covers_all_entries = everything or set(revisions) == set(
        EntryRevision.objects.watched().values_list("pk", flat=True)
    )
    run.cut_id = Counterparty.objects.aggregate(last=models.Max("pk"))["last"] or 0
    run.counterparties = Counterparty.objects.count()
    run.save()
    data = {
        "trigger": run.get_trigger_display(), "version": str(run.version) if run.version else "everything in force",
        "entries": run.entries, "counterparties": run.counterparties, "engine": run.engine_version,
        "fingerprint": run.fingerprint, "reason": run.reason,
    }  # fmt: skip
    audit.record("run.started", subject=run, actor=User.objects.system(), data=data)


Result = Screening | str  # a screening, or the sentence why it failed


def facts_of(row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(FACTS[2:], row[2:], strict=True))


def screen_rows(rows: Sequence[Sequence[Any]], index: Index) -> list[Result]:
    """One result per row. A record that the engine fails on is a failure of its own, never of the batch."""
    parties = [engine.as_party(str(row[0]), facts_of(row)) for row in rows]
    try:
        return list(screen_batch(parties, index))
    except Exception:
        log.exception("a batch failed as a whole; its records are screened one by one")
    results: list[Result] = []
    for party in parties:
        try:
            results.append(screen_party(party, index))
        except Exception as error:
            log.exception("counterparty %s could not be screened", party.id)
            results.append(f"{type(error).__name__}: {error}")
    return results


def check_own(run: ScreeningRun, context: jobs.JobContext) -> None:
    """Raises LeaseLost if another job carries this run on: of two, one writes."""
    own = ScreeningRun.objects.filter(pk=run.pk, job=context.job, state=RunState.RUNNING)
    if not own.update(job=context.job):
        raise jobs.LeaseLost(f"{run} is carried on by another job")


@transaction.atomic
def keep_batch(
    run: ScreeningRun,
    rows: Sequence[Sequence[Any]],
    results: Sequence[Result],
    context: jobs.JobContext,
    *,
    closes_due: bool,
    mark: Mark,
    named: Mapping[int, str],
) -> int:
    """Store a batch's matches, its digest, its pending rows and the cursor together, under the job's lease.

    Pending rows stay where a list changed since `mark`: those records were not screened against all of it.
    """
    check_own(run, context)
    context.progress(done=run.screened + len(rows), total=run.counterparties, note=f"{run}: counterparties screened")
    found = store_matches(run, rows, results, named)
    failures = {row[0]: result for row, result in zip(rows, results, strict=True) if isinstance(result, str)}
    empty = {r[0] for r, s in zip(rows, results, strict=True) if isinstance(s, Screening) and not s.screenable}
    pairs = [(row[0], row[1]) for row in rows]
    if closes_due and plan_mark() == mark:
        counterparties.screened(pairs, failures=failures, not_screenable=empty)
    elif failures:
        # Only what failed against the change needs a row; what was due before stays due.
        counterparties.screened(
            [pair for pair in pairs if pair[0] in failures], failures=failures, not_screenable=set()
        )
    run.cursor = rows[-1][0]
    run.screened += len(rows)
    run.matches_found += found
    run.failed += len(failures)
    run.not_screenable += len(empty)
    run.save(update_fields=["cursor", "screened", "matches_found", "failed", "not_screenable"])
    RunBatch.objects.create(
        run=run, first_id=rows[0][0], last_id=rows[-1][0], count=len(rows), matches=found,
        digest=batch_digest(rows, results), at=timezone.now(),
    )  # fmt: skip
    if found:
        jobs.enqueue(OPEN_CASES, key="matches", requested_by=run.requested_by)
    return found


def batch_digest(rows: Sequence[Sequence[Any]], results: Sequence[Result]) -> str:
    """SHA-256 over "id revision result" lines: what was screened as it read, and what came of it."""
    sums = hashlib.sha256()
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, str):
            words = "failed"
        elif not result.screenable:
            words = "not screenable"
        else:
            words = " ".join(f"{m.entry_id}={m.score:.3f}" for m in result.matches) or "no match"
        sums.update(f"{row[0]} {row[1]} {facts_digest(facts_of(row))} {words}\n".encode())
    return sums.hexdigest()


def store_matches(
    run: ScreeningRun, rows: Sequence[Sequence[Any]], results: Sequence[Result], named: Mapping[int, str]
) -> int:
    """Write the matches that do not stand yet; returns how many are new. `named`: see engine.Built.

    One that was withdrawn is written anew: its text was taken back and is watched again.
    """
    wanted: dict[tuple[int, int, int, str], Match] = {}
    revision_ids = {int(m.entry_id) for r in results if isinstance(r, Screening) for m in r.matches}
    if not revision_ids:
        return 0
    entry_of = dict(EntryRevision.objects.filter(pk__in=revision_ids).values_list("pk", "entry_id"))
    now = timezone.now()
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, str):
            continue
        digest = facts_digest(facts_of(row)) if result.matches else ""
        for match in result.matches:
            revision = int(match.entry_id)
            names_digest = named.get(entry_of[revision], "")
            wanted[(row[0], revision, row[1], names_digest)] = Match(
                run=run, counterparty_id=row[0], counterparty_revision=row[1], counterparty_digest=digest,
                entry_id=entry_of[revision], revision_id=revision, score=f"{match.score:.3f}", band=match.band,
                evidence=[
                    {"feature": e.feature, "query": e.query, "listed": e.listed, "score": f"{e.score:.4f}",
                     "weight": f"{e.weight:.4f}"}
                    for e in match.evidence
                ],
                engine_version=run.engine_version, fingerprint=run.fingerprint, names_digest=names_digest,
                found_at=now,
            )  # fmt: skip
    stored = set(
        Match.objects.standing()
        .filter(
            counterparty__in={key[0] for key in wanted}, engine_version=run.engine_version, fingerprint=run.fingerprint
        )
        .values_list("counterparty_id", "revision_id", "counterparty_revision", "names_digest")
    )
    fresh = [match for key, match in wanted.items() if key not in stored]
    Match.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@transaction.atomic
def finish(run: ScreeningRun, context: jobs.JobContext, named: Mapping[int, str]) -> None:
    """Close the run: withdraw matches of removed or changed entries, record the result, look after what is due."""
    context.progress(note=f"{run} finished")
    check_own(run, context)
    actor = User.objects.system()
    withdrawn: list[int] = []
    if run.version and run.trigger == Trigger.LIST_CHANGE:
        withdrawn = withdraw_left(run)
        run.withdrawn = len(withdrawn)
    run.state, run.finished_at = RunState.FINISHED, timezone.now()
    run.save()
    note_names(run, named)
    sums = hashlib.sha256()
    for digest in run.batches.order_by("first_id").values_list("digest", flat=True):
        sums.update(digest.encode())
    data = {
        "screened": run.screened, "matches": run.matches_found, "not_screenable": run.not_screenable,
        "failed": run.failed, "results_digest": sums.hexdigest(),
    }  # fmt: skip
    if run.withdrawn:
        jobs.enqueue(OPEN_CASES, key="matches", requested_by=run.requested_by)
    if ScreeningDue.objects.filter(state=DueState.DUE).exists():
        jobs.enqueue(counterparties.SCREEN_CHANGED, key="changed", requested_by=run.requested_by)
    if withdrawn:
        gone = {"count": len(withdrawn), "matches": withdrawn}
        audit.record("run.matches_withdrawn", subject=run, actor=actor, data=gone)
    audit.record("run.finished", subject=run, actor=actor, data=data, mentions=[run.version] if run.version else [])


def withdraw_left(run: ScreeningRun) -> list[int]:
    """Mark the standing matches that rest on a text this version ended and did not renew; returns their ids.

    The entry left the list, or was changed so that the pair no longer matches. None is deleted. A record that could
    not be screened against the new text keeps its matches; where no text is left, there is nothing to wait for.
    """
    watched = EntryRevision.objects.watched()
    ended = Q(entry__deltas__version=run.version, entry__deltas__op__in=[DeltaOp.DEL, DeltaOp.MOD])
    old = Match.objects.standing().filter(ended).exclude(revision__in=watched.values("pk"))
    renewed = Match.objects.standing().filter(
        counterparty=OuterRef("counterparty"), entry=OuterRef("entry"), revision__in=run.version_texts()
    )
    unsure = ScreeningDue.objects.filter(counterparty=OuterRef("counterparty")).exclude(state=DueState.NOT_SCREENABLE)
    still_listed = watched.filter(entry=OuterRef("entry"))
    rows = list(
        old.filter(~Exists(renewed), ~Exists(unsure) | ~Exists(still_listed)).distinct().order_by("pk")
        .values_list("pk", "entry_id")
    )  # fmt: skip
    listed = set(watched.filter(entry__in={entry for _pk, entry in rows}).values_list("entry_id", flat=True))
    for because, wanted in (
        (WithdrawnBecause.REMOVED, [pk for pk, entry in rows if entry not in listed]),
        (WithdrawnBecause.CHANGED, [pk for pk, entry in rows if entry in listed]),
    ):
        for start in range(0, len(wanted), 500):
            Match.objects.filter(pk__in=wanted[start : start + 500]).update(
                withdrawn_at=timezone.now(), withdrawn_by=run, withdrawn_because=because
            )
    return [pk for pk, _entry in rows]


def summary(run: ScreeningRun) -> dict[str, Any]:
    return {
        "run": run.pk, "counterparties": run.counterparties, "entries": run.entries, "matches": run.matches_found,
        "failed": run.failed,
    }  # fmt: skip


def screen_changed(context: jobs.JobContext) -> dict[str, Any]:
    """Screen every record that is due against everything in force or coming. Without a list they stay due."""
    mark = plan_mark()
    revisions = list(EntryRevision.objects.watched().values_list("pk", flat=True))
    if not revisions:
        return {"screened": 0, "note": "no list is in force; the records stay due"}
    due = ScreeningDue.objects.filter(state=DueState.DUE)
    total = due.count()
    run = ScreeningRun.objects.filter(job=context.job, trigger=Trigger.RECORD_CHANGE).first()
    if run is None:
        if not total:
            return {"screened": 0}
        run = new_run(trigger=Trigger.RECORD_CHANGE, version=None, requested_by=context.job.requested_by)
        run.job, run.state, run.started_at = context.job, RunState.RUNNING, timezone.now()
    run.entries, run.counterparties, run.covers_all_entries = len(revisions), run.screened + total, True
    run.save()
    built = engine.index_of(revisions)
    after = 0
    while True:
        ahead = due.filter(counterparty__gt=after).order_by("counterparty")
        ids = list(ahead.values_list("pk", flat=True)[: settings.SCREEN_BATCH])
        if not ids:
            break
        rows = list(Counterparty.objects.filter(pk__in=ids).order_by("pk").values_list(*FACTS))
        results = screen_rows(rows, built.index)
        keep_batch(run, rows, results, context, closes_due=True, mark=mark, named=built.names)
        after = ids[-1]
    finish(run, context, built.names)
    return summary(run)


# --- asking --------------------------------------------------------------------------------------------------------


def unscreened_versions() -> models.QuerySet[ListVersion]:
    """Versions whose change has not been screened since it was last planned: the watermark that makes status stale."""
    done = ScreeningRun.objects.filter(
        version=models.OuterRef("pk"), state=RunState.FINISHED, created_at__gte=models.OuterRef("planned_at")
    )
    changing = Q(added__gt=0) | Q(modified__gt=0) | Q(removed__gt=0)
    return ListVersion.objects.watched().filter(changing, ~Exists(done), planned_at__isnull=False).order_by("pk")


def screen_name(*, name: str, country: str = "", address: str = "", actor: User) -> Screening:
    """Screen one name against everything in force or coming, recording nothing. Matches come best first.

    Raises NotAllowed, and Invalid where no list is in force: not screened is not the same as no match.
    """
    check_permission(actor, Permission.DESK_READ)
    if not EntryRevision.objects.watched().exists():
        raise Invalid("No list is in force, so nothing was screened. Load and activate a list first.")
    party = Party(
        id="asked", names=(Name(name),), country=country,
        addresses=(Address(address, country),) if address else (),
    )  # fmt: skip
    return screen_party(party, engine.watched_index().index)


@jobs.sweeper
def record_failed() -> None:
    """A run whose job was given up has failed, and somebody must look. Trying its job again carries it on."""
    given_up = ScreeningRun.objects.filter(state=RunState.RUNNING, job__state=JobState.FAILED)
    for pk in given_up.values_list("pk", flat=True):
        with transaction.atomic():
            run = ScreeningRun.objects.select_for_update(of=("self",)).select_related("job").get(pk=pk)
            if run.state == RunState.RUNNING and run.job and run.job.state == JobState.FAILED:
                run.state = RunState.FAILED
                run.save(update_fields=["state"])
                data = {"reason": run.job.error[:500]}
                audit.record("run.failed", subject=run, actor=User.objects.system(), data=data)


def is_taken(kind: str, key: str) -> bool:
    """Whether a worker is at this work, or it failed for good less than an hour ago: asking again would disturb it."""
    hour_ago = timezone.now() - timedelta(hours=1)
    taken = models.Q(state=JobState.RUNNING) | models.Q(state=JobState.FAILED, finished_at__gt=hour_ago)
    return Job.objects.filter(taken, kind=kind, key=key).exists()


@jobs.sweeper
def find_unscreened() -> None:
    """A version without a run, or records due without a job: make the row again."""
    for version in unscreened_versions()[:20]:
        if not is_taken(RESCREEN, str(version.pk)):
            jobs.enqueue(RESCREEN, key=str(version.pk), payload={"version": version.pk})
    counterparties.try_failed_again()
    if (names_due().exists() or unfinished_names_run()) and not is_taken(SCREEN_NAMES, "names"):
        jobs.enqueue(SCREEN_NAMES, key="names")
    has_list = EntryRevision.objects.watched().exists()
    if has_list and ScreeningDue.objects.filter(state=DueState.DUE).exists():
        jobs.enqueue(counterparties.SCREEN_CHANGED, key="changed")


def entry_names(revision_ids: Sequence[int]) -> dict[int, tuple[Entry, EntryRevision]]:
    """Entries and texts for a screen answer."""
    rows = EntryRevision.objects.filter(pk__in=revision_ids).select_related("entry")
    return {row.pk: (row.entry, row) for row in rows}
