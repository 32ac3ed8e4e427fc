"""A list change reopens what rested on it: each hold and clearance on an entry that left or was narrowed is looked at.

The hold or clearance stays as it is until a person closes its review by name. Domain section 17: "clearances expire
and reopen on entry or rule change".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.cases import opening, services
from compliance.cases.models import (
    Case,
    CaseMatch,
    Decision,
    Disposition,
    Hold,
    ListReview,
    ReviewedRun,
    ReviewKind,
    ReviewOutcome,
)
from compliance.core.errors import Invalid, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.jobs import services as jobs
from compliance.runs.models import RunState, ScreeningRun, Trigger
from compliance.watchlists.differences import FIELDS
from compliance.watchlists.models import DeltaOp, EntryRevision, ListDelta, ListVersion, Relation

BATCH = 200
ASK_REVIEWS = "cases.ask_reviews"
LONGEST = 500

FIELD_WORDS = {**FIELDS, "kind": "kind of party", "start_date": "listing date"}
# What tells a party from others; where one of its items is taken away, a clearance loses what it was compared with.
IDENTIFYING = ("addresses", "identifiers", "dates_of_birth")
NAMES = ("name", "aliases", "weak_aliases")
# Each source gives these in its own way, so they don't tell whether two sources say the same.
OWN_WAY = frozenset({"citation", "start_date", "standard_order"})


# --- asking ----------------------------------------------------------------------------------------------------------


def due_runs() -> QuerySet[ScreeningRun]:
    """Finished runs of list changes whose holds and clearances were not queued yet, the oldest first."""
    runs = ScreeningRun.objects.filter(trigger=Trigger.LIST_CHANGE, state=RunState.FINISHED, version__isnull=False)
    return runs.filter(reviewed=None).order_by("finished_at", "pk")


def ask_due(context: jobs.JobContext) -> int:
    """Queue what the finished list changes touched; returns how many reviews were asked.

    Cases take up the matches of a change first: a pair that is asked again needs no review beside.
    """
    asked = 0
    while not opening.is_behind():
        run = due_runs().select_related("version").first()
        if run is None:
            break
        asked += ask_for_run(run, context)
    return asked


def ask_for_run(run: ScreeningRun, context: jobs.JobContext) -> int:
    """Queue the reviews of one run, a batch a transaction. Done twice, or again after a kill, it adds nothing."""
    asked, after = 0, 0
    while True:
        rows = touched_by(run).filter(pk__gt=after).order_by("pk").values_list("pk", "case")
        ids = list(rows[:BATCH])
        is_last = len(ids) < BATCH
        asked += ask_batch(run, ids, context, is_last=is_last)
        if is_last:
            return asked
        after = ids[-1][0]


def touched_by(run: ScreeningRun) -> QuerySet[CaseMatch]:
    """Pairs with a standing hold or a clearance, on an entry that this run's version removed or changed."""
    lines = ListDelta.objects.filter(version=run.version, op__in=[DeltaOp.DEL, DeltaOp.MOD], entry=OuterRef("entry"))
    later = CaseMatch.objects.filter(
        case__counterparty=OuterRef("case__counterparty"), entry=OuterRef("entry"), pk__gt=OuterRef("pk")
    )
    ended_before = Q(match__withdrawn_at__isnull=False) & ~Q(match__withdrawn_by__version=run.version)
    clearance = Q(disposition=Disposition.FALSE_POSITIVE) & ~Exists(later) & ~ended_before
    hold = Exists(Hold.objects.standing().filter(case_match=OuterRef("pk")))
    return CaseMatch.objects.filter(Exists(lines)).filter(hold | clearance)


@transaction.atomic
def ask_batch(run: ScreeningRun, ids: list[tuple[int, int]], context: jobs.JobContext, *, is_last: bool) -> int:
    """The reviews of some pairs and their one event; with the last batch the run counts as done."""
    context.progress(note=f"reviews after {run}")
    version = run.version
    assert version is not None  # noqa: S101 - due_runs has only runs of a version
    # Locked before the pairs are read, as every decision does it.
    cases = Case.objects.select_for_update(of=("self",)).select_related("counterparty").in_bulk({c for _pk, c in ids})
    pairs = touched_by(run).filter(pk__in=[pk for pk, _case in ids]).order_by("pk")
    rows = list(pairs.select_related("match__revision", "entry"))
    seen, holding = (
        last_seen(rows),
        set(Hold.objects.standing().filter(case_match__in=rows).values_list("case_match", flat=True)),
    )
    changes = changes_of(version, {row.entry_id for row in rows})
    there = set(ListReview.objects.filter(version=version, case_match__in=rows).values_list("case_match", "kind"))
    asked: list[ListReview] = []
    now = timezone.now()
    for row in rows:
        change = changes.get(row.entry_id)
        if change is None or (change.new_text and seen.get(row.pk) == change.new_text):
            continue
        kinds = [ReviewKind.HOLD] if row.pk in holding else []
        if row.disposition == Disposition.FALSE_POSITIVE and change.is_identifying:
            kinds.append(ReviewKind.CLEARANCE)
        because = change.because + (
            " The pair no longer matches." if row.match.withdrawn_at and change.new_text else ""
        )
        asked += [
            ListReview(case_match=row, kind=kind, because=because[:LONGEST], version=version, asked_at=now)
            for kind in kinds
            if (row.pk, kind) not in there
        ]
    ListReview.objects.bulk_create(asked)
    if asked:
        named = [cases[pk] for pk in dict.fromkeys(review.case_match.case_id for review in asked)]
        data = {"count": len(asked), "cases": [case.number for case in named]}
        mentions = [*named, *(case.counterparty for case in named)]
        audit.record("cases.reviews_asked", subject=run, actor=User.objects.system(), data=data, mentions=mentions)
    if is_last:
        total = ListReview.objects.filter(version=version).count()
        ReviewedRun.objects.get_or_create(run=run, defaults={"reviews": total, "at": timezone.now()})
    return len(asked)


def last_seen(pairs: list[CaseMatch]) -> dict[int, int]:
    """By pair, the text that its last decision was made on."""
    rows = Decision.objects.filter(case_match__in=pairs).order_by("pk")
    return dict(rows.values_list("case_match", "seen__entry_revision"))


# --- what a change means for what rested on it -----------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What a version did to an entry. `new_text`: the text it gave, None where the entry left.

    `is_identifying`: something that tells the party from others was taken away or changed.
    """

    because: str
    new_text: int | None
    is_identifying: bool


def changes_of(version: ListVersion, entry_ids: set[int]) -> dict[int, Change]:
    """By entry, what the version changed; entries that another source prints on as they were are left out."""
    lines = ListDelta.objects.filter(version=version, op__in=[DeltaOp.DEL, DeltaOp.MOD], entry__in=entry_ids)
    others: dict[int, list[EntryRevision]] = defaultdict(list)
    standing = EntryRevision.objects.watched().filter(entry__in=entry_ids)
    for text in standing.select_related("version").defer("version__problems", "version__notes"):
        others[text.entry_id].append(text)
    found = {}
    for line in lines.select_related("entry", "before", "revision", "related"):
        texts = others.get(line.entry_id, [])
        change = removal(line, version, texts) if line.op == DeltaOp.DEL else narrowing(line, version, texts)
        if change:
            found[line.entry_id] = change
    return found


def removal(line: ListDelta, version: ListVersion, texts: list[EntryRevision]) -> Change | None:
    """The entry left the list; None while any source still prints it."""
    if texts:
        return None
    merged = f", merged into {line.related}," if line.relation == Relation.MERGED_INTO else ""
    return Change(f"{label(line)} left the list{merged} by {titled(version)}.", None, is_identifying=True)


def narrowing(line: ListDelta, version: ListVersion, texts: list[EntryRevision]) -> Change | None:
    """The entry reads differently; None where another source said the same before, so that it was asked then."""
    if line.before is None or line.revision is None or not line.changes:
        return None
    elsewhere = [text.text for text in texts if text.version.source_id != version.source_id]
    if any(says_same(line.changes, line.revision.text, text) for text in elsewhere):
        return None
    words = [FIELD_WORDS.get(name, name.replace("_", " ")) for name in line.changes]
    fields = " and ".join(filter(None, [", ".join(f"the {word}" for word in words[:-1]), f"the {words[-1]}"]))
    verb = "were" if len(words) > 1 or words[0].endswith("s") else "was"
    because = f"{fields[:1].upper()}{fields[1:]} of {label(line)} {verb} changed by {titled(version)}."
    return Change(because, line.revision_id, is_identifying=loses_identity(line.before.text, line.revision.text))


def label(line: ListDelta) -> str:
    name = line.before.name if line.before else ""
    return f"{name[:120]} ({line.entry})"


def titled(version: ListVersion) -> str:
    return f"“{version.title[:160]}”"


def says_same(changes: Mapping[str, Any], new: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether another source's text says in the changed fields what the new text says, in any order of words."""
    fields = set(changes) - OWN_WAY or set(changes)
    return all(items(new.get(name)) == items(other.get(name)) for name in fields)


def loses_identity(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a name, alias, address, identifier or date of birth is gone, or the main name or kind is another."""
    if items(old["name"]) != items(new["name"]) or old["kind"] != new["kind"]:
        return True
    if names_of(old) - names_of(new):
        return True
    return any(items(old.get(field)) - items(new.get(field)) for field in IDENTIFYING)


def names_of(text: Mapping[str, Any]) -> set[str]:
    return {name for field in NAMES for name in items(text.get(field))}


def items(value: Any) -> set[str]:
    """The items of a field, each by its folded words in any order; an address with its country."""
    if isinstance(value, Mapping):
        return {f"{opening.any_order(value['text'])} {value.get('country') or ''}".strip()} - {""}
    if isinstance(value, list):
        return {item for part in value for item in items(part)}
    return {opening.any_order(str(value))} if value else set()


# --- closing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def close(*, review: ListReview, outcome: str, note: str, actor: User) -> ListReview:
    """Record what a person found who looked at a hold or clearance again.

    No hold ends by this: at most its release is asked for, and a second person decides it. A clearance that is no
    longer needed is put away, so that the pair is asked again if the entry is ever listed again. Raises NotAllowed,
    WrongState if somebody closed it meanwhile, Invalid without a note or where the outcome does not fit.
    """
    check_permission(actor, Permission.CASE_DECIDE)
    case = services.locked(review.case_match.case)
    rows = ListReview.objects.select_for_update(of=("self",)).select_related(
        "case_match__entry", "case_match__match__revision", "closed_by"
    )
    review = rows.get(pk=review.pk)
    if review.closed_at:
        raise WrongState(f"{review.closed_by} closed this review already: {review.get_outcome_display().lower()}.")
    pair = review.case_match
    hold = pair.holds.standing().first()
    check_fits(review, outcome, hold)
    note = note.strip()
    if not note:
        raise Invalid("Write a note: it says what you looked at, and is kept in the trail.", code="note_required")
    if outcome == ReviewOutcome.RELEASE_ASKED and hold and hold.release_asked_by_id is None:
        services.ask_release(hold=hold, reason=note, actor=actor)
    if outcome == ReviewOutcome.ENDED and pair.disposition == Disposition.FALSE_POSITIVE:
        pair.disposition = Disposition.WITHDRAWN
        pair.save(update_fields=["disposition"])
    review.outcome, review.note, review.closed_by, review.closed_at = outcome, note, actor, timezone.now()
    review.save()
    data = {
        "kind": review.get_kind_display(), "entry": services.entry_label(pair), "because": review.because,
        "outcome": review.get_outcome_display().lower(), "note": note,
    }  # fmt: skip
    audit.record("case.review_closed", subject=case, actor=actor, data=data, mentions=[case.counterparty, pair.entry])
    return review


def outcomes_of(kind: str) -> list[ReviewOutcome]:
    """What a review of this kind can come to."""
    return [outcome for outcome in ReviewOutcome if kind == ReviewKind.HOLD or outcome != ReviewOutcome.RELEASE_ASKED]


def check_fits(review: ListReview, outcome: str, hold: Hold | None) -> None:
    """Raises Invalid where the outcome would say what is not so."""
    if outcome not in outcomes_of(review.kind):
        raise Invalid("Choose what you found.", code="does_not_fit")
    if review.kind == ReviewKind.HOLD:
        if outcome == ReviewOutcome.ENDED and hold:
            raise Invalid("The hold stands. Ask for its release, and a second person decides.", code="does_not_fit")
        if outcome != ReviewOutcome.ENDED and hold is None:
            raise Invalid("The hold is released already, so the review is no longer needed.", code="does_not_fit")
        return
    is_cleared = review.case_match.disposition == Disposition.FALSE_POSITIVE
    if outcome == ReviewOutcome.ENDED and is_cleared and not review.case_match.departure:
        raise Invalid("The pair still matches the entry, so its clearance is still needed.", code="does_not_fit")
    if outcome == ReviewOutcome.STANDS and not is_cleared:
        raise Invalid("The pair is no longer decided as a false match, so no clearance stands.", code="does_not_fit")


@jobs.sweeper
def find_unasked() -> None:
    """A finished list change whose holds and clearances were not queued: make the row again."""
    if due_runs().exists() and not opening.is_behind():
        jobs.enqueue(ASK_REVIEWS, key="reviews")
