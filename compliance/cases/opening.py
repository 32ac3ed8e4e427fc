"""From matches to cases: one case per counterparty, a cleared pair stays quiet while what it rested on is the same."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.cases.models import Case, CaseMatch, CaseState, Disposition, MatchInCase
from compliance.cases.services import change_state, settle
from compliance.counterparties.models import Counterparty
from compliance.jobs import services as jobs
from compliance.runs.models import Match, ScreeningRun, WithdrawnBecause
from compliance.runs.services import OPEN_CASES
from compliance.watchlists.fingerprint import fold_key
from compliance.watchlists.models import EntryRevision, ListSource, ListVersion
from compliance.watchlists.sources import rank_of

BATCH = 200


def waiting_matches() -> Any:
    """Standing matches that no case has taken up: pending work."""
    return Match.objects.standing().filter(in_case=None)


def departed_matches() -> Any:
    """Case matches whose current match was withdrawn and that have not been told yet.

    A party that people confirmed stays confirmed while the entry is listed, however the engine scores its new text.
    """
    untold = CaseMatch.objects.filter(match__withdrawn_at__isnull=False, entry_left_at=None)
    others = speaking_matches().filter(entry=OuterRef("entry"), counterparty=OuterRef("case__counterparty"))
    confirmed = Q(disposition=Disposition.TRUE_MATCH, match__withdrawn_because=WithdrawnBecause.CHANGED)
    return untold.exclude(confirmed & ~Exists(others))


def speaking_matches() -> Any:
    """Standing matches that a case took up, on texts that a source still prints."""
    taken_up = Match.objects.standing().filter(in_case__isnull=False)
    return taken_up.filter(revision__in=EntryRevision.objects.watched().values("pk"))


def is_behind() -> bool:
    """Whether matches wait that no case has taken up, or withdrawn ones that nobody was told of."""
    return waiting_matches().exists() or departed_matches().exists()


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
    matches = waiting_matches().filter(run=run, counterparty__in=ids).select_related("revision__version__source")
    for match in matches.defer(*unread("")).order_by("pk"):
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
    record_opened(run, opened, reopened, joined, taken)
    return {"opened": len(opened), "reopened": len(reopened), "matches": taken}


def record_opened(
    run: ScreeningRun, opened: list[Case], reopened: list[Case], joined: list[Case], matches: int
) -> None:
    """The one event of a batch, in the trail of each case that got a question."""
    touched = [*opened, *reopened, *joined]
    if not touched:
        return
    data = {
        "opened": len(opened), "reopened": len(reopened), "matches": matches,
        "cases": [case.number for case in touched],
    }  # fmt: skip
    mentions = [*touched, *(case.counterparty for case in touched)]
    audit.record("cases.opened", subject=run, actor=User.objects.system(), data=data, mentions=mentions)


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

    def take_back(self, because: str) -> Case:
        """The case that takes a question again whose first decision was waiting, with the reason on its page."""
        target = self.ask(because)
        target.reopened_at, target.reopened_because = timezone.now(), because[:300]
        target.save(update_fields=["reopened_at", "reopened_because"])
        return target


def take_up(party: Counterparty, matches: list[Match], run: ScreeningRun) -> Opening:
    """Put each match where it belongs: a new pair, newer evidence for an open one, or a decision that lapsed."""
    opening = Opening(party, run)
    for match in matches:
        pair = (
            CaseMatch.objects.select_for_update(of=("self",))
            .select_related("case", "match__revision__version__source", "entry")
            .defer(*unread("match__"))
            .filter(case__counterparty=party, entry=match.entry_id)
            .order_by("-pk")
            .first()
        )
        if pair is None:
            case = opening.ask(f"also matches {match.revision.name}")
            pair = CaseMatch.objects.create(case=case, entry_id=match.entry_id, match=match)
        else:
            pair = brought_up(opening, pair, match)
        MatchInCase.objects.create(match=match, case_match=pair)
    if opening._case is not None:
        rate(opening.case)
    return opening


def brought_up(opening: Opening, pair: CaseMatch, match: Match) -> CaseMatch:
    """The pair in the light of a newer match: asked again if its decision lapsed, else left as it was decided."""
    speaks = leads(pair, match)
    if because := lapsed(pair, match):
        pair = moved_to(opening.ask(because, reopening=True), pair)
        pair.disposition, speaks = Disposition.PENDING, True
    elif pair.awaiting_id and not same_for_second(pair.match, match):
        # A second reviewer must see what the first saw, so a decision that waits is asked for again.
        opening.take_back(what_moved(pair.match, match, "before the second review"))
        pair.awaiting, speaks = None, True
    elif pair.awaiting_id:
        speaks = speaks and (same_evidence(pair.match, match) or pair.match.withdrawn_at is not None)
    elif pair.is_open:
        opening.touched = True
    if speaks:
        pair.match = match
    pair.entry_left_at = None
    pair.save()
    return pair


def lapsed(pair: CaseMatch, match: Match) -> str:
    """Why a decided pair must be decided again in the light of a newer match; "" while the decision covers it."""
    if pair.disposition == Disposition.WITHDRAWN:
        return again_words(pair)
    if pair.disposition == Disposition.FALSE_POSITIVE:
        return "" if covered(pair, match) else what_moved(pair.match, match, "since the decision")
    if pair.disposition != Disposition.TRUE_MATCH or pair.holds.standing().exists():
        return ""
    # Confirmed, and nothing holds the party (any more): it comes back as a question rather than pass in silence.
    if pair.entry_left_at:
        return again_words(pair)
    if pair.holding and not covered(pair, match):
        return what_moved(pair.match, match, "since the hold was released")
    return ""


def again_words(pair: CaseMatch) -> str:
    changed = pair.match.withdrawn_because == WithdrawnBecause.CHANGED
    return "the entry was changed and matches again" if changed else "the entry is listed again"


def what_moved(old: Match, new: Match, when: str) -> str:
    """What a newer match rests on that the older one did not: "our record changed since the decision"."""
    if source_of(old) != source_of(new):
        return f"{source_of(new).title} prints the entry with texts that were not seen yet"
    if old.revision_id != new.revision_id:
        return f"the listed entry changed {when}"
    if old.counterparty_revision != new.counterparty_revision:
        return f"our record changed {when}"
    return f"the screening changed {when}"


def unread(path: str) -> list[str]:
    """The long columns of a match's list version, which no case needs; `path` leads to the match."""
    return [f"{path}revision__version__{name}" for name in ("problems", "notes", "warnings", "reasons")]


def source_of(match: Match) -> ListSource:
    return match.revision.version.source


def same_evidence(old: Match, new: Match) -> bool:
    """Whether both rest on the same texts with the same likeness: what one person saw is what the next one sees."""
    return old.evidence_digest_facts == new.evidence_digest_facts


def same_for_second(first_saw: Match, new: Match) -> bool:
    """Whether a first decision may go on waiting: nothing moved, or another source says the same in other words."""
    if source_of(first_saw) == source_of(new):
        return same_evidence(first_saw, new)
    return covers(first_saw, new)


def covers(decided: Match, new: Match) -> bool:
    """Whether a decision on one match still covers the other: same band, and the same texts agree or differ.

    Other weights alone, without another band, bring nothing back (docs/architecture.md).
    """
    return decided.band == new.band and texts_of(decided.evidence) == texts_of(new.evidence)


def texts_of(evidence: Any) -> list[tuple[str, str, str]]:
    """What was compared, each text by its words in any order: sources order the parts of an address differently."""
    return sorted((part["feature"], any_order(part["query"]), any_order(part["listed"])) for part in evidence)


def any_order(text: str) -> str:
    return " ".join(sorted(fold_key(text).split()))


# --- an entry that several sources print -----------------------------------------------------------------------------


def covered(pair: CaseMatch, match: Match) -> bool:
    """Whether what was decided covers this match: the match that speaks for the pair does, or the decision saw it.

    Where two sources print an entry differently, each text is asked about once and then stays quiet.
    """
    if covers(pair.match, match):
        return True
    return source_of(pair.match) != source_of(match) and seen_alike(pair, match, outcome=pair.disposition)


def seen_alike(pair: CaseMatch, match: Match, *, outcome: str = "") -> bool:
    """Whether the last decision in effect on a text of this match's source saw the same. `outcome`: and decided so."""
    decided = pair.decisions.filter(Q(reviews=None) | Q(reviews__outcome=F("outcome")), needs_second=False)
    seen = list(decided.order_by("-pk").values_list("outcome", "seen"))
    own = ListVersion.objects.filter(
        pk__in={facts["list_version"] for _outcome, facts in seen}, source=source_of(match)
    )
    ours = set(own.values_list("pk", flat=True))
    last = next(((found, facts) for found, facts in seen if facts["list_version"] in ours), None)
    if last is None or (outcome and last[0] != outcome):
        return False
    return last[1]["band"] == match.band and texts_of(last[1]["evidence"]) == texts_of(match.evidence)


def leads(pair: CaseMatch, match: Match) -> bool:
    """Whether a newer match speaks for the pair: of the same source it does, of another one only if that one leads.

    A question that another source's text raised keeps that text while the leading one says what was decided before.
    """
    spoke = pair.match
    if spoke.withdrawn_at or source_of(spoke) == source_of(match):
        return True
    if rank(match) > rank(spoke):
        return False
    return not (pair.is_open and seen_alike(pair, match))


def rank(match: Match) -> tuple[int, str]:
    """Sorts the matches of one entry by their sources, the leading one first."""
    key = source_of(match).key
    return rank_of(key), key


def other_matches(pairs: list[CaseMatch]) -> dict[tuple[int, int], Match]:
    """By (counterparty, entry), the match of another source that still stands; of several the leading one."""
    found: dict[tuple[int, int], Match] = {}
    rows = speaking_matches().filter(
        entry__in={pair.entry_id for pair in pairs}, counterparty__in={pair.case.counterparty_id for pair in pairs}
    )
    rows = rows.select_related("revision__version__source").defer(*unread(""))
    for match in sorted(rows, key=lambda row: (rank(row), -row.pk)):
        found.setdefault((match.counterparty_id, match.entry_id), match)
    return found


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
    """Tell cases that nothing speaks for a pair any more: open questions end, holds come back for a release decision.

    Where another source still prints the entry and it matches, that match speaks from now on.
    """
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
    found = departed_matches().filter(pk__in=[pk for pk, _case in ids]).order_by("pk")
    rows = list(
        found.select_related("case__counterparty", "match__revision__version__source", "entry").defer(
            *unread("match__")
        )
    )
    rest = passed_on(rows, run)
    cases = Case.objects.in_bulk(list(cases))  # some were put back to work just now
    told: dict[int, Case] = {}
    count = 0
    for row in rest:
        if parted(row, cases[row.case_id]):
            count += 1
            told[row.case_id] = cases[row.case_id]
    if told:
        data = {"count": count, "cases": [case.number for case in told.values()]}
        audit.record("cases.matches_withdrawn", subject=run, actor=actor, data=data, mentions=list(told.values()))
    for case in told.values():
        rate(case)
        settle(case, actor)
    return len(ids)


def passed_on(rows: list[CaseMatch], run: ScreeningRun) -> list[CaseMatch]:
    """Let another source's match speak for each pair that has one; returns the pairs that have none."""
    others, rest = other_matches(rows), []
    openings: dict[int, Opening] = {}
    for row in rows:
        party = row.case.counterparty
        match = others.get((party.pk, row.entry_id))
        if match is None:
            rest.append(row)
            continue
        if party.pk not in openings:
            openings[party.pk] = Opening(party, run)
        brought_up(openings[party.pk], row, match)
    reopened = [opening.case for opening in openings.values() if opening.reopened]
    opened = [opening.case for opening in openings.values() if opening.new]
    record_opened(run, opened, reopened, [], len(openings))
    for opening in openings.values():
        if opening._case is not None:
            rate(opening._case)
    return rest


def parted(pair: CaseMatch, case: Case) -> bool:
    """Mark that nothing speaks for the pair any more: an open question ends, a hold waits for a release decision.

    Returns whether that changes anything for the people who work on the case.
    """
    pair.entry_left_at = timezone.now()
    confirmed, was_open = pair.disposition == Disposition.TRUE_MATCH, pair.is_open
    if confirmed and pair.holds.standing().exists():
        case.reopened_at, case.reopened_because = (
            pair.entry_left_at,
            "the entry left the list: decide whether the hold ends",
        )
        case.save(update_fields=["reopened_at", "reopened_because"])
    if was_open:
        pair.disposition, pair.awaiting = Disposition.WITHDRAWN, None
    pair.save()
    return was_open or confirmed


@jobs.sweeper
def find_unopened() -> None:
    """Matches without a case, or withdrawn ones nobody was told of: make the row again."""
    if is_behind():
        jobs.enqueue(OPEN_CASES, key="matches")
