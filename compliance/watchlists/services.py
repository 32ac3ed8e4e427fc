"""Load, hold, release and activate list versions: each one transaction with its audit event."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import Invalid, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.jobs import services as jobs
from compliance.watchlists import gating, names, notices, planning
from compliance.watchlists.models import ListSource, ListVersion, RawFile, VersionState
from compliance.watchlists.parsers import parse, unpack
from compliance.watchlists.parsers.base import ParsedList, RefusedFile
from compliance.watchlists.sources import RULE, SOURCES, Source, source_for_key
from compliance.watchlists.times import WASHINGTON, day_in, moment
from compliance.watchlists.workflow import WORKFLOW

PROBLEMS_KEPT = 500  # the rest is in the counts, and in the raw file
RESCREEN = "runs.screen_version"  # the job that the runs app does; named here because pending work is a row
COMPARE = "lists.compare"  # sources that print the same list, laid side by side (conflicts.py)


@dataclass(frozen=True)
class Loaded:
    """What came of one load, for the command, the page and the API."""

    source: str
    version: ListVersion | None
    state: str
    sentence: str
    problems: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Times:
    """The clocks of a load; empty ones are taken from the rule itself, if it is one."""

    announced: datetime | None = None
    inspection: datetime | None = None
    published: datetime | None = None
    effective: datetime | None = None
    savings_cutoff: datetime | None = None
    savings_end: datetime | None = None

    def or_from(self, parsed: ParsedList | None) -> Times:
        """These times, with those of the rule where none is given. Raises Invalid."""
        rule = parsed.rule if parsed else None
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return Times(
            **{
                name: value or moment(getattr(rule, name) if rule else "", f"{name.replace('_', ' ')} time")
                for name, value in given.items()
            }
        )


def facts_of(key: str) -> Source:
    """The source with this key. Raises Invalid for an unknown one."""
    found = source_for_key(key)
    if found is None:
        raise Invalid(
            f"There is no list source “{key}”. Known: {', '.join(SOURCES)}, os-DATASET for an OpenSanctions data set."
        )
    return found


def source_for(key: str) -> ListSource:
    """The stored source with this key, made the first time. Raises Invalid for an unknown one."""
    return ListSource.objects.get_or_create(key=key, defaults={"title": facts_of(key).title})[0]


def load(
    *, key: str, data: bytes, filename: str, actor: User, times: Times = Times(), activate_now: bool = False,
    is_fetched: bool = False,
) -> Loaded:  # fmt: skip
    """Take in one file: keep it whole, read it, compare it, gate it, and activate it if asked to.

    `key`: a list source, or "rule" for a change in our JSON form, which names its source itself. A bad file is
    refused whole and kept as such; the version in force stays. Parsing happens outside any transaction, everything
    stored is stored in one. Raises NotAllowed, and Invalid for an unknown key.
    """
    check_permission(actor, Permission.LIST_LOAD)
    parser = RULE if key == RULE else facts_of(key).parser
    fetched_at = timezone.now()
    parsed: ParsedList | None = None
    refusal = ""
    content = data
    try:
        content = unpack(data)
        parsed = parse(parser, content, filename)
    except RefusedFile as error:
        refusal = error.message
    named = parsed.rule.source if parsed and parsed.rule else ("csl" if key == RULE else key)
    try:
        source = source_for(named)
    except Invalid as error:  # a rule for a source we don't keep
        source, parsed, refusal = source_for("csl"), None, error.sentence
    if parsed and (foreign := sorted(set(parsed.list_counts) - set(facts_of(source.key).lists))):
        parsed, refusal = None, (
            f"The file has entries of {', '.join(foreign)}, which the source “{source.key}” doesn't carry. "
            f"It carries {', '.join(facts_of(source.key).lists)}: choose the source that fits the file."
        )  # fmt: skip
    sha256 = hashlib.sha256(content).hexdigest()
    return store(
        parser=parser, source=source, content=content, sha256=sha256, filename=filename, parsed=parsed,
        refusal=refusal, times=times, actor=actor, fetched_at=fetched_at, activate_now=activate_now,
        is_fetched=is_fetched,
    )  # fmt: skip


@transaction.atomic
def store(
    *, parser: str, source: ListSource, content: bytes, sha256: str, filename: str, parsed: ParsedList | None,
    refusal: str, times: Times, actor: User, fetched_at: datetime, activate_now: bool, is_fetched: bool = False,
) -> Loaded:  # fmt: skip
    """The storing half of `load`, in one transaction. A file equal to the latest leaves nothing."""
    source = ListSource.objects.select_for_update().get(pk=source.pk)
    latest = ListVersion.objects.latest_of(source) if parsed else None
    if latest and RawFile.objects.filter(pk=latest.raw_file_id, sha256=sha256).exists():
        looked_at(source, latest, fetched_at)
        return Loaded(
            source.key, latest, "unchanged", f"This file is equal to {latest}, which is {latest.state_label.lower()}."
        )
    raw = RawFile.objects.create(
        source=source, filename=filename[:200], sha256=sha256, size=len(content),
        content_gz=gzip.compress(content, mtime=0), fetched_at=fetched_at,
    )  # fmt: skip
    rule = parsed.rule if parsed else None
    clocks = times.or_from(parsed)
    effective = clocks.effective
    edition = (parsed.edition if parsed else "") or day_in(filename)
    loaded_on = f"loaded {fetched_at.astimezone(WASHINGTON):%Y-%m-%d}"
    day = f"{effective.astimezone(WASHINGTON):%Y-%m-%d}" if effective else edition or loaded_on
    title = rule.title if rule else f"{source.title}, {day}"
    version = ListVersion.objects.create(
        source=source, raw_file=raw, parser=parser, form=parsed.form if parsed else "whole", title=title[:300],
        citation=rule.citation if rule else "", document_number=rule.document_number if rule else "",
        edition=edition, notes=[list(note) for note in parsed.notes] if parsed else [],
        announced_at=clocks.announced, inspection_at=clocks.inspection, published_at=clocks.published,
        effective_at=effective, savings_cutoff_at=clocks.savings_cutoff, savings_end_at=clocks.savings_end,
        received_at=fetched_at, loaded_by=actor, is_fetched=is_fetched,
    )  # fmt: skip
    if parsed is None:
        return refused(version, refusal, actor)
    planned_for = effective or timezone.now()
    try:
        with transaction.atomic():
            check_order(version, planned_for)
            planning.plan(version, parsed, planned_for)
    except (RefusedFile, Invalid) as error:
        return refused(version, error.message if isinstance(error, RefusedFile) else error.sentence, actor)
    version.entries = len(parsed.entries)
    version.list_counts = dict(parsed.list_counts)
    version.problem_counts = dict(parsed.problem_counts)
    version.problems = [
        {"line": p.line, "code": p.code, "message": p.message, "severity": p.severity}
        for p in sorted(parsed.problems, key=lambda p: (p.severity != "unreadable", p.line))[:PROBLEMS_KEPT]
    ]
    version.reasons, version.warnings = gating.verdict(version, parsed, planned_for)
    move(version, "hold" if version.reasons else "accept", actor)
    looked_at(source, version, fetched_at)
    audit.record("list_version.received", subject=version, actor=actor, data=received_facts(version))
    if version.reasons:
        audit.record(
            "list_version.held", subject=version, actor=actor, data={"source": source.key, "reasons": version.reasons}
        )
        return Loaded(source.key, version, version.state, " ".join(version.reasons), version.problem_counts)
    if activate_now:
        version = activate(version=version, actor=actor, parsed=parsed, planned_for=planned_for)
    return Loaded(source.key, version, version.state_now, f"{version} is {version.state_label.lower()}.",
                  version.problem_counts)  # fmt: skip


def looked_at(source: ListSource, version: ListVersion, at: datetime) -> None:
    """Renew the age of a source by a good look at its whole file. One that is held is none: we use another."""
    is_good = version.form == "whole" and version.state not in (VersionState.HELD, VersionState.REFUSED)
    if is_good and (source.checked_at is None or source.checked_at < at):
        source.checked_at = at
        source.save(update_fields=["checked_at"])


def refused(version: ListVersion, sentence: str, actor: User) -> Loaded:
    """Keep a file that can't become a version, with the reason."""
    version.reasons = [sentence]
    move(version, "refuse", actor)
    data = {"source": version.source.key, "sha256": version.raw_file.sha256, "reason": sentence}
    audit.record("list_version.refused", subject=version, actor=actor, data=data)
    return Loaded(version.source.key, version, version.state, sentence)


def check_order(version: ListVersion, effective: datetime) -> None:
    """A whole list can't take effect before the whole list it follows. Raises Invalid."""
    if version.form != "whole":
        return
    later = (
        ListVersion.objects.watched()
        .filter(source=version.source_id, effective_at__gt=effective, effective_at__lte=timezone.now())
        .exclude(pk=version.pk)
        .order_by("-effective_at")
        .first()
    )
    if later and later.effective_at:
        raise Invalid(
            f"{later} took effect on {later.effective_at.astimezone(WASHINGTON):%Y-%m-%d %H:%M}, after this file's "
            "effective time. A whole list can't go behind it: load it with a later --effective, or load a change."
        )


def received_facts(version: ListVersion) -> dict[str, Any]:
    def day(value: datetime | None) -> str:
        return value.isoformat() if value else ""

    return {
        "source": version.source.key, "form": version.form, "entries": version.entries,
        "sha256": version.raw_file.sha256, "announced": day(version.announced_at),
        "published": day(version.published_at), "effective": day(version.effective_at),
        "problems": version.problem_counts,
    }  # fmt: skip


def move(version: ListVersion, name: str, actor: User) -> None:
    """Make one move of the version's workflow; the caller records the event."""
    version.state = WORKFLOW.check(name, version, actor).to
    version.save()


@transaction.atomic
def ask_release(*, version: ListVersion, reason: str, actor: User) -> ListVersion:
    """The first of two people says why a held version may be used. It stays held until the second agrees."""
    version = ListVersion.objects.select_for_update().get(pk=version.pk)
    WORKFLOW.check("ask_release", version, actor)
    if version.release_asked_by_id:
        raise WrongState(f"{version.release_asked_by} asked for the release already; another person agrees to it.")
    version.release_reason = needed(reason)
    version.release_asked_by, version.release_asked_at = actor, timezone.now()
    move(version, "ask_release", actor)
    audit.record("list_version.release_asked", subject=version, actor=actor, data={"reason": version.release_reason})
    return version


@transaction.atomic
def release(*, version: ListVersion, reason: str, actor: User) -> ListVersion:
    """The second person lets a held version go on to ready. Never the one who asked for it."""
    version = ListVersion.objects.select_for_update().get(pk=version.pk)
    WORKFLOW.check("release", version, actor)
    reason = needed(reason)
    version.released_by = actor
    move(version, "release", actor)
    asked_by = version.release_asked_by.audit_name if version.release_asked_by else ""
    audit.record(
        "list_version.released", subject=version, actor=actor, data={"reason": reason, "asked_by": asked_by}
    )  # fmt: skip
    return version


def needed(reason: str) -> str:
    if not reason.strip():
        raise Invalid("Give the reason why this version may be used; it is kept in the trail.")
    return reason.strip()


@transaction.atomic
def activate(
    *, version: ListVersion, actor: User, parsed: ParsedList | None = None, planned_for: datetime | None = None
) -> ListVersion:
    """Put a ready version in force from its effective time (now, if it has none), and ask for its rescreen.

    If that time lies ahead it is coming: its texts are stored with their future interval, so that it binds by the
    clock alone, and it is screened already. `planned_for`: the moment it was planned for in this very transaction,
    so that a whole list is not compared twice.
    """
    source = ListSource.objects.select_for_update().get(pk=version.source_id)
    begin_due(source)  # what began to bind before this is recorded before it
    version = ListVersion.objects.select_for_update().get(pk=version.pk)
    coming = version.effective_at is not None and version.effective_at > timezone.now()
    step = WORKFLOW.check("schedule" if coming else "activate", version, actor)
    parsed = parsed or read(version)
    try:
        with transaction.atomic():
            later = give_intervals(version, parsed, planned_for, actor)
    except GateHeld as held:
        return hold_now(version, held.reasons, actor)
    version.state, version.activated_at, version.compared_at = step.to, timezone.now(), None
    version.save()
    looked_at(source, version, version.raw_file.fetched_at)
    names.attach_shipped(version)
    jobs.enqueue(COMPARE, key=str(version.pk), payload={"version": version.pk}, requested_by=actor.audit_name)
    for each in (version, *later):
        ask_rescreen(each, actor)
    effective = version.effective_at or version.activated_at
    if coming:
        audit.record(
            "list_version.scheduled", subject=version, actor=actor, effective_at=effective, data=change_facts(version)
        )
    else:
        became_active(version, actor, effective)
    return version


def ask_rescreen(version: ListVersion, actor: User) -> None:
    """Ask for the screening of what a version changes; a version that changes nothing needs none."""
    if not version.changes_nothing:
        jobs.enqueue(RESCREEN, key=str(version.pk), payload={"version": version.pk}, requested_by=actor.audit_name)


class GateHeld(Exception):
    """What is in force has changed since the version was loaded, so that the gate holds it now."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def hold_now(version: ListVersion, reasons: list[str], actor: User) -> ListVersion:
    """Hold a version that was ready or coming; nothing of it is in force, and an earlier release is over."""
    version = ListVersion.objects.get(pk=version.pk)
    version.reasons = reasons
    version.release_asked_by = version.release_asked_at = version.released_by = None
    version.release_reason = ""
    move(version, "hold", actor)
    data = {"source": version.source.key, "reasons": reasons}
    audit.record("list_version.held", subject=version, actor=actor, data=data)
    return version


def not_agreed_to(version: ListVersion, parsed: ParsedList, effective: datetime) -> list[str]:
    """The gate's reasons to hold a planned version as things stand now; none where two people agreed to each."""
    reasons, version.warnings = gating.verdict(version, parsed, effective)
    seen = version.reasons if version.released_by_id else []
    return [] if set(reasons) <= set(seen) else reasons


def give_intervals(
    version: ListVersion, parsed: ParsedList, planned_for: datetime | None, actor: User
) -> list[ListVersion]:
    """Put the version on what is in force, and those that are coming after it again on top. Returns the latter.

    One that was coming and would now, for example, drop what this version adds is held. Raises GateHeld if the gate
    holds the version itself for a reason that nobody has released it for.
    """
    now = timezone.now()
    effective = version.effective_at or planned_for or now
    later = coming_after(version, effective)
    for other in reversed(later):
        planning.take_back(other, now)
    is_planned = planned_for == effective and not later
    if not is_planned:
        plan_on(version, parsed, effective)
        if reasons := not_agreed_to(version, parsed, effective):
            raise GateHeld(reasons)
    begin_at(version, effective)
    return stand_again(later, actor)


def stand_again(later: list[ListVersion], actor: User) -> list[ListVersion]:
    """Plan versions that were taken back again, in order of time; returns those that are still coming.

    One that can't stand on what comes before it now, or that the gate would hold, is held with the reason: a coming
    version never keeps one that binds earlier from being taken in.
    """
    now, standing = timezone.now(), []
    for other in later:
        at = other.effective_at or now
        try:
            again = read(other)
            plan_on(other, again, at)
            reasons = not_agreed_to(other, again, at)
        except Invalid as error:
            reasons = [f"It can no longer stand on what comes before it. {error.sentence}"]
        if reasons:
            planning.open_ends(other, now)
            other.save()
            hold_now(other, reasons, actor)
            continue
        begin_at(other, at)
        other.save()
        standing.append(other)
    return standing


@transaction.atomic
def hold(*, version: ListVersion, reason: str, actor: User) -> ListVersion:
    """A person holds a version that is ready or coming; a coming one is taken back, what comes after it planned again.

    What is in force stays as it is. Two people release it, as any other. Raises NotAllowed, Invalid, WrongState.
    """
    source = ListSource.objects.select_for_update().get(pk=version.source_id)
    begin_due(source)
    version = ListVersion.objects.select_for_update().get(pk=version.pk)
    WORKFLOW.check("hold", version, actor)
    if not reason.strip():
        raise Invalid("Say why the version is held; it is kept in the trail.")
    later: list[ListVersion] = []
    if version.state == VersionState.PENDING and version.effective_at:
        later = coming_after(version, version.effective_at)
        for other in reversed([version, *later]):
            planning.take_back(other, timezone.now())
        planning.open_ends(version, timezone.now())
        version.save()
    version = hold_now(version, [f"{actor} held it: {reason.strip()}"], actor)
    for other in stand_again(later, actor):
        ask_rescreen(other, actor)
    return version


def coming_after(version: ListVersion, effective: datetime) -> list[ListVersion]:
    """The coming versions of its source that bind after this one would."""
    rows = ListVersion.objects.select_for_update().filter(
        source=version.source_id, state=VersionState.PENDING, effective_at__gt=effective
    )
    return list(rows.exclude(pk=version.pk).order_by("effective_at", "pk"))


def read(version: ListVersion) -> ParsedList:
    """The version's file, parsed again. Raises Invalid."""
    try:
        return planning.read(version)
    except RefusedFile as error:
        raise Invalid(error.message) from error


def plan_on(version: ListVersion, parsed: ParsedList, effective: datetime) -> None:
    """Plan the version on what is in force at `effective`."""
    check_order(version, effective)
    try:
        planning.plan(version, parsed, effective)
    except RefusedFile as error:
        raise Invalid(error.message) from error


def begin_at(version: ListVersion, effective: datetime) -> None:
    """Give a planned version its intervals. A run must be younger than `planned_at` to count for it."""
    now = timezone.now()
    planning.put_in_force(version, effective, now)
    version.effective_at, version.planned_at = effective, now


def change_facts(version: ListVersion) -> dict[str, Any]:
    return {
        "source": version.source.key, "effective": version.effective_at.isoformat() if version.effective_at else "",
        "added": version.added, "modified": version.modified, "removed": version.removed,
        "cosmetic": version.cosmetic,
    }  # fmt: skip


def became_active(version: ListVersion, actor: User, effective: datetime) -> None:
    """Record that a version binds, and that the one before it no longer leads."""
    data = {
        **change_facts(version), "sha256": version.raw_file.sha256, "delta_digest": planning.digest(version)
    }  # fmt: skip
    audit.record(
        "list_version.activated", subject=version, actor=actor, data=data, occurred_at=effective, effective_at=effective
    )
    notices.close_for(version, actor)
    before = ListVersion.objects.filter(source=version.source_id, state=VersionState.ACTIVE).exclude(pk=version.pk)
    for other in before:
        other.state = WORKFLOW.check("supersede", other, actor).to
        other.save(update_fields=["state"])
        audit.record("list_version.superseded", subject=other, actor=actor, data={"by": str(version)})


@jobs.sweeper
def record_begun() -> int:
    """Write down that coming versions have begun to bind. What is in force never waits for this."""
    begun = ListVersion.objects.filter(state=VersionState.PENDING, effective_at__lte=timezone.now())
    sources = begun.order_by("effective_at", "pk").values_list("source", flat=True)
    count = 0
    for pk in dict.fromkeys(sources):
        with transaction.atomic():
            count += begin_due(ListSource.objects.select_for_update().get(pk=pk))
    return count


def begin_due(source: ListSource) -> int:
    """Move the source's coming versions whose instant has passed to active, in order; the source is locked."""
    due = ListVersion.objects.filter(source=source, state=VersionState.PENDING, effective_at__lte=timezone.now())
    count = 0
    for version in due.select_for_update().order_by("effective_at", "pk"):
        actor = User.objects.system()
        version.state = WORKFLOW.check("begin", version, actor).to
        version.save(update_fields=["state"])
        became_active(version, actor, version.effective_at or timezone.now())
        ask_rescreen(version, actor)
        count += 1
    return count
