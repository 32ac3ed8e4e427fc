"""From matches to cases: one case per counterparty, a cleared pair stays quiet while what it rested on is the same."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.cases.models import Case, CaseMatch, CaseState, Disposition, MatchInCase
from compliance.cases.services import change_state, settle
from compliance.counterparties.models import Counterparty
from compliance.jobs import services as jobs
from compliance.runs.models import Match, ScreeningRun
from compliance.runs.services import OPEN_CASES

BATCH = 200


def waiting_matches() -> Any:
    """Standing matches that no case has taken up: pending work."""
    return Match.objects.standing().filter(in_case=None)


def departed_matches() -> Any:
    """Case matches whose current match was withdrawn and that have not been told yet."""
    return CaseMatch.objects.filter(match__withdrawn_at__isnull=False, entry_left_at=None)


def open_from_matches(context: jobs.JobContext) -> dict[str, int]:
    """Take up all waiting matches, a batch a transaction; then those whose entry left. Done twice it does nothing."""
    totals = {"opened": 0, "reopened": 0, "matches": 0, "withdrawn": 0}
    while True:
        first = waiting_matches().order_by("run", "pk").values("run", "pk").first()
        if first is None:
            break
        done = open_batch(ScreeningRun.objects.get(pk=first["run"]), context)
        for name, count in done.items():
            totals[name] += count
    while departed_matches().exists():
        totals["withdrawn"] += withdraw_batch(context)
    return totals


@transaction.atomic
def open_batch(run: ScreeningRun, context: jobs.JobContext) -> dict[str, int]:
    """Cases for up to BATCH counterparties of one run, and the one event that lists them."""
    context.progress(note=f"cases from {run}")
    ids = list(
        waiting_matches()
        .filter(run=run)
        .order_by("counterparty")
        .values_list("counterparty", flat=True)
        .distinct()[:BATCH]
    )
    by_party: dict[int, list[Match]] = defaultdict(list)
    for match in waiting_matches().filter(run=run, counterparty__in=ids).select_related("revision").order_by("pk"):
        by_party[match.counterparty_id].append(match)
    parties = Counterparty.objects.select_for_update(no_key=True).in_bulk(list(by_party))
    opened: list[Case] = []
    reopened: list[Case] = []
    joined: list[Case] = []  # already open, with a new question or newer evidence
    taken = 0
    for party_id, matches in by_party.items():
        state = take_up(parties[party_id], matches, run)
        taken += len(matches)
        if state.new:
            opened.append(state.case)
        elif state.reopened:
            reopened.append(state.case)
        elif state.touched:
            joined.append(state.case)
    touched = [*opened, *reopened, *joined]
    if touched:
        data = {
            "opened": len(opened), "reopened": len(reopened), "matches": taken,
            "cases": [case.number for case in touched],
        }  # fmt: skip
        mentions = [*touched, *(parties[case.counterparty_id] for case in touched)]
        audit.record("cases.opened", subject=run, actor=User.objects.system(), data=data, mentions=mentions)
    return {"opened": len(opened), "reopened": len(reopened), "matches": taken}


class Opening:
    """The case that a counterparty's matches go to, made or reopened only when one of them needs it."""

    def __init__(self, party: Counterparty, run: ScreeningRun) -> None:
        self.party = party
        self.run = run
        self.new = self.reopened = self.touched = False
        self._case = Case.objects.select_for_update().filter(counterparty=party).not_closed().first()

    @property
    def case(self) -> Case:
        """The open case; a new one if there is none."""
        if self._case is None:
            now = timezone.now()
            self._case = Case.objects.create(
                counterparty=self.party, opened_by_run=self.run, opened_at=now, changed_at=now
            )
            self.new = True
        return self._case

    def ask(self, because: str, *, reopening: bool = False) -> Case:
        """The case that takes a question, put back to work if it was decided or waits for a second review.

        `reopening`: a pair decided before asks again, so the party's last case comes back even if it is closed.
        """
        if self._case is None and reopening:
            self._case = Case.objects.select_for_update().filter(counterparty=self.party).order_by("-pk").first()
        target = self.case
        self.touched = True
        if self.new:
            return target
        if target.state in (CaseState.DECIDED, CaseState.CLOSED):
            target.reopened_at, target.reopened_because = timezone.now(), because[:300]
            change_state(target, CaseState.OPEN)
            self.reopened = True
        elif target.state == CaseState.AWAITING_SECOND_REVIEW:
            change_state(target, CaseState.IN_REVIEW)
            self.reopened = True
        return target


def take_up(party: Counterparty, matches: list[Match], run: ScreeningRun) -> Opening:
    """Put each match where it belongs: a new pair, newer evidence for an open one, or a decision that lapsed."""
    opening = Opening(party, run)
    for match in matches:
        pair = (
            CaseMatch.objects.select_for_update(of=("self",))
            .select_related("case", "match", "entry")
            .filter(case__counterparty=party, entry=match.entry_id)
            .order_by("-pk")
            .first()
        )
        if pair is None:
            case = opening.ask(f"also matches {match.revision.name}")
            pair = CaseMatch.objects.create(case=case, entry_id=match.entry_id, match=match)
        elif because := lapsed(pair, match):
            pair = moved_to(opening.ask(because, reopening=True), pair)
            pair.disposition = Disposition.PENDING
        elif pair.awaiting_id and not same_evidence(pair.match, match):
            # A second reviewer must see what the first saw, so a decision that waits is asked for again.
            opening.ask("the entry or the record changed before the second review")
            pair.awaiting = None
        elif pair.is_open:
            opening.touched = True
        pair.match, pair.entry_left_at = match, None
        pair.save()
        MatchInCase.objects.create(match=match, case_match=pair)
    if opening._case is not None:
        rate(opening.case)
    return opening


def lapsed(pair: CaseMatch, match: Match) -> str:
    """Why a decided pair must be decided again in the light of a newer match; "" while the decision covers it."""
    if pair.disposition == Disposition.WITHDRAWN:
        return "the entry is listed again"
    if pair.disposition == Disposition.FALSE_POSITIVE:
        return "" if covers(pair.match, match) else "the entry or the record changed since the decision"
    if pair.disposition != Disposition.TRUE_MATCH or pair.holds.standing().exists():
        return ""
    # Confirmed, and nothing holds the party (any more): it comes back as a question rather than pass in silence.
    if pair.entry_left_at:
        return "the entry is listed again"
    if pair.policy.places_hold and not covers(pair.match, match):
        return "the entry or the record changed since the hold was released"
    return ""


def same_evidence(old: Match, new: Match) -> bool:
    """Whether both rest on the same texts with the same likeness: what one person saw is what the next one sees."""
    return old.evidence_digest_facts == new.evidence_digest_facts


def covers(decided: Match, new: Match) -> bool:
    """Whether a decision on one match still covers the other: same band, and the same texts agree or differ.

    Other weights alone, without another band, bring nothing back (docs/architecture.md).
    """
    return decided.band == new.band and texts_of(decided) == texts_of(new)


def texts_of(match: Match) -> list[tuple[str, str, str]]:
    return sorted((part["feature"], part["query"], part["listed"]) for part in match.evidence)


def moved_to(case: Case, pair: CaseMatch) -> CaseMatch:
    """The pair in the case that is open now; its old decisions stay where they were made."""
    if pair.case_id == case.pk:
        return pair
    return CaseMatch.objects.create(case=case, entry_id=pair.entry_id, match_id=pair.match_id)


def rate(case: Case) -> None:
    """Keep the case's best score and band, for the queue."""
    scores = [(row.match.score, row.match.band) for row in case.matches.select_related("match") if row.is_open]
    if scores:
        case.top_score, case.band = max(scores)
        case.save(update_fields=["top_score", "band"])


@transaction.atomic
def withdraw_batch(context: jobs.JobContext) -> int:
    """Tell cases that entries left the list: open questions end, confirmed ones come back for a release decision."""
    context.progress(note="withdrawing matches of removed entries")
    actor = User.objects.system()
    first = departed_matches().order_by("match__withdrawn_by", "pk").first()
    if first is None:
        return 0
    run = first.match.withdrawn_by
    assert run is not None  # noqa: S101 - departed_matches has only withdrawn ones, and a run withdraws
    ids = list(departed_matches().filter(match__withdrawn_by=run).order_by("pk").values_list("pk", "case")[:BATCH])
    # The cases are locked before their rows are read, as every decision does it.
    cases = Case.objects.select_for_update().in_bulk({case for _pk, case in ids})
    rows = departed_matches().filter(pk__in=[pk for pk, _case in ids]).select_related("case__counterparty", "match")
    now = timezone.now()
    told: dict[int, Case] = {}
    count = 0
    for row in rows.order_by("pk"):
        row.entry_left_at = now
        confirmed = row.disposition == Disposition.TRUE_MATCH
        if row.is_open or confirmed:
            count += 1
            case = told.setdefault(row.case_id, cases[row.case_id])
            if confirmed and row.holds.standing().exists():
                case.reopened_at, case.reopened_because = now, "the entry left the list: decide whether the hold ends"
                case.save(update_fields=["reopened_at", "reopened_because"])
        if row.is_open:
            row.disposition, row.awaiting = Disposition.WITHDRAWN, None
        row.save()
    if told:
        data = {"count": count, "cases": [case.number for case in told.values()]}
        audit.record("cases.matches_withdrawn", subject=run, actor=actor, data=data, mentions=list(told.values()))
    for case in told.values():
        rate(case)
        settle(case, actor)
    return len(ids)


@jobs.sweeper
def find_unopened() -> None:
    """Matches without a case, or withdrawn ones nobody was told of: make the row again."""
    if waiting_matches().exists() or departed_matches().exists():
        jobs.enqueue(OPEN_CASES, key="matches")
