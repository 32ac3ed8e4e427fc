"""Decide cases: one decision, one transaction, one audit event for what a person did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.cases import rules
from compliance.cases.models import (
    OUTCOMES,
    Case,
    CaseMatch,
    CaseState,
    Decision,
    Disposition,
    Hold,
    Note,
    ReasonCode,
)
from compliance.cases.workflow import WORKFLOW
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.watchlists.models import EntryRevision


def locked(case: Case) -> Case:
    """The case under lock, so that of two people one wins and the other is told."""
    return Case.objects.select_for_update().get(pk=case.pk)


def change_state(case: Case, state: str) -> None:
    case.state = state
    case.changed_at = timezone.now()
    case.closed_at = case.changed_at if state == CaseState.CLOSED else None
    case.save()


def seen_token(case_match: CaseMatch) -> str:
    """What a decision form was drawn from; a decision on anything newer is refused."""
    return f"{case_match.match_id}.{case_match.decisions.count()}.{case_match.case.counterparty.revision}"


def snapshot(case_match: CaseMatch) -> dict[str, Any]:
    """Everything the decider saw, as facts that no later change touches."""
    match = case_match.match
    counterparty = case_match.case.counterparty
    return {
        "match": match.pk, "score": str(match.score), "band": match.band, "evidence": match.evidence,
        "engine": match.engine_version, "fingerprint": match.fingerprint,
        "entry": str(case_match.entry), "entry_revision": match.revision_id, "entry_text": match.revision.text,
        "list_version": match.revision.version_id,
        "counterparty": counterparty.external_id, "counterparty_revision": counterparty.revision,
        "counterparty_digest": counterparty.digest, "counterparty_facts": counterparty.facts,
    }  # fmt: skip


def public_snapshot(seen: dict[str, Any]) -> dict[str, Any]:
    """The part of a snapshot that goes into the trail: no document numbers, no birth dates."""
    return {
        key: seen[key]
        for key in ("match", "entry_revision", "list_version", "counterparty", "counterparty_revision",
                    "counterparty_digest", "engine", "fingerprint")
    }  # fmt: skip


# --- work on a case --------------------------------------------------------------------------------------------------


@transaction.atomic
def assign(*, case: Case, to: User, actor: User) -> Case:
    """Give the case to a person; to oneself it is taking it."""
    case = locked(case)
    step = WORKFLOW.check("assign" if case.state == CaseState.OPEN else "hand_over", case, actor)
    rules.check_can_give_to(actor, to)
    case.assigned_to = to
    change_state(case, step.to if case.state == CaseState.OPEN else case.state)
    audit.record(step.event, subject=case, actor=actor, data={"to": to.audit_name}, mentions=[case.counterparty])
    return case


@transaction.atomic
def note(*, case: Case, text: str, actor: User) -> Note:
    """Keep a note on the case. Raises Invalid if it is empty."""
    check_permission(actor, Permission.CASE_WORK)
    case = locked(case)
    text = required(text, "the note")
    kept = Note.objects.create(case=case, text=text, written_by=actor, written_at=timezone.now())
    audit.record("case.noted", subject=case, actor=actor, data={"text": text})
    return kept


@transaction.atomic
def ask_information(*, case: Case, of: str, question: str, actor: User) -> Case:
    """Ask somebody for facts; the case waits and the counterparty stays stopped."""
    case = locked(case)
    step = WORKFLOW.check("ask", case, actor)
    case.question = required(question, "the question")[:1000]
    case.assigned_to = case.assigned_to or actor
    change_state(case, step.to)
    data = {"of": required(of, "whom you ask")[:200], "question": case.question}
    audit.record(step.event, subject=case, actor=actor, data=data)
    return case


@transaction.atomic
def answer_information(*, case: Case, answer: str, actor: User) -> Case:
    """Record what came back, and go on."""
    case = locked(case)
    step = WORKFLOW.check("answer", case, actor)
    text = required(answer, "the answer")
    Note.objects.create(case=case, text=text, written_by=actor, written_at=timezone.now())
    change_state(case, step.to)
    audit.record(step.event, subject=case, actor=actor, data={"answer": text})
    return case


@transaction.atomic
def escalate(*, case: Case, reason: str, actor: User) -> Case:
    """Hand the case to the managers."""
    case = locked(case)
    step = WORKFLOW.check("escalate", case, actor)
    change_state(case, step.to)
    audit.record(step.event, subject=case, actor=actor, data={"reason": required(reason, "the reason")})
    return case


@transaction.atomic
def return_case(*, case: Case, reason: str, actor: User) -> Case:
    """A manager gives an escalated case back to the officer."""
    case = locked(case)
    step = WORKFLOW.check("return", case, actor)
    change_state(case, step.to)
    audit.record(step.event, subject=case, actor=actor, data={"reason": required(reason, "the reason")})
    return case


def required(text: str, what: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(f"Give {what}; it is kept in the trail.")
    return text


# --- decide ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What a person decided on one match, and what their form was drawn from (`seen_token`)."""

    outcome: str
    reason: str
    note: str = ""
    seen: str = ""

    def check(self, band: str) -> None:
        if self.outcome not in OUTCOMES:
            raise Invalid("Choose true match, false match or inconclusive.")
        if self.reason not in ReasonCode.values:
            raise Invalid("Choose a reason.")
        rules.check_reason_fits(self.outcome, self.reason)
        rules.check_reasoned(self.outcome, band, self.note)


def open_for(case_match: CaseMatch, verdict: Verdict) -> CaseMatch:
    """The case match under the case's lock, as the form saw it. Raises WrongState if it moved on meanwhile."""
    fresh = CaseMatch.objects.select_related("case__counterparty", "match__revision", "entry").get(pk=case_match.pk)
    if fresh.match.withdrawn_at:
        why = fresh.departure[:1].lower() + fresh.departure[1:]
        raise WrongState(f"Nothing was recorded: {why}, so this match is being withdrawn.")
    if verdict.seen and verdict.seen != seen_token(fresh):
        raise WrongState(f"Nothing was recorded: {what_changed(fresh, verdict.seen)} since this page was drawn.")
    return fresh


def what_changed(case_match: CaseMatch, seen: str) -> str:
    """Why a form's token is no longer the right one, in words."""
    decisions_seen = seen.split(".")[1:2]
    last = case_match.decisions.order_by("-pk").first()
    if last and decisions_seen != [str(case_match.decisions.count())]:
        if case_match.awaiting_id == last.pk:  # who may review it makes up their own mind first
            return f"{last.decided_by} recorded a first decision, which waits for a second person"
        return f"{last.decided_by} recorded “{last.get_outcome_display().lower()}”"
    return "the listed entry or the counterparty's record changed"


def gravest_band(case_match: CaseMatch) -> str:
    """The strongest band that this pair ever had in this case: changing the record doesn't buy a lighter decision."""
    strong = case_match.history.filter(match__band="strong").exists()
    return "strong" if strong else case_match.match.band


def takes_two(case_match: CaseMatch, case: Case, outcome: str, actor: User) -> bool:
    """Whether this decision takes effect only when a second person agrees.

    After two people disagreed on what is seen now, a manager's decision that one of them shares is the second.
    """
    if not rules.needs_second_person(outcome, gravest_band(case_match)):
        return False
    last = case_match.decisions.select_related("reviews").order_by("-pk").first()
    if case.state != CaseState.ESCALATED or last is None or last.reviews is None or last.agrees:
        return True
    return not any(
        side.outcome == outcome and side.decided_by_id != actor.pk and side.seen["match"] == case_match.match_id
        for side in (last, last.reviews)
    )


@transaction.atomic
def decide(*, case_match: CaseMatch, verdict: Verdict, actor: User) -> Decision:
    """Record a first decision on one match. Raises NotAllowed, WrongState if it has moved, Invalid without a note.

    True matches and clears in the strong band take effect only when a second person agrees. A case nobody has taken
    is taken by the one who decides. After two people disagreed, a manager's decision that one of them shares is final.
    """
    case = locked(case_match.case)
    case_match = open_for(case_match, verdict)
    step = WORKFLOW.check("decide", case, actor)
    if not case_match.is_open or case_match.awaiting_id:
        raise WrongState(f"This match is already decided or waits for a second person. Reload {case} to see by whom.")
    band = case_match.match.band
    verdict.check(gravest_band(case_match))
    needs_second = takes_two(case_match, case, verdict.outcome, actor)
    seen = snapshot(case_match)
    decision = Decision.objects.create(
        case_match=case_match, outcome=verdict.outcome, reason=verdict.reason, note=verdict.note.strip(),
        needs_second=needs_second, seen=seen, decided_by=actor, decided_at=timezone.now(),
    )  # fmt: skip
    case.assigned_to = case.assigned_to or actor
    change_state(case, step.to)
    data = {
        "match": case_match.match_id, "entry": entry_label(case_match), "outcome": verdict.outcome,
        "reason": str(ReasonCode(verdict.reason).label), "note": decision.note, "score": str(case_match.match.score),
        "band": band, "stage": "first of two" if needs_second else "only", "seen": public_snapshot(seen),
    }  # fmt: skip
    audit.record(step.event, subject=case, actor=actor, data=data, mentions=[case.counterparty, case_match.entry])
    if needs_second:
        # An inconclusive match that waits for a second person is a pending one again: still a question, still a stop.
        case_match.disposition, case_match.awaiting = Disposition.PENDING, decision
        case_match.save(update_fields=["disposition", "awaiting"])
    else:
        take_effect(case_match, decision, actor)
    settle(case, actor)
    return decision


@transaction.atomic
def second_review(*, case_match: CaseMatch, verdict: Verdict, actor: User) -> Decision:
    """Another person's decision on the same match. Agreement makes it final; disagreement goes to the managers."""
    case = locked(case_match.case)
    case_match = open_for(case_match, verdict)
    step = WORKFLOW.check("second_review", case, actor)
    first = case_match.awaiting
    if first is None:
        raise WrongState("This match no longer waits for a second review. Reload the case to see what was decided.")
    rules.check_can_review_decision(actor, first)
    verdict.check(gravest_band(case_match))
    seen = snapshot(case_match)
    decision = Decision.objects.create(
        case_match=case_match, outcome=verdict.outcome, reason=verdict.reason, note=verdict.note.strip(),
        needs_second=False, reviews=first, seen=seen, decided_by=actor, decided_at=timezone.now(),
    )  # fmt: skip
    case_match.awaiting = None
    case_match.save(update_fields=["awaiting"])
    data = {
        "match": case_match.match_id, "entry": entry_label(case_match), "outcome": verdict.outcome,
        "reason": str(ReasonCode(verdict.reason).label), "note": decision.note, "first_by": first.decided_by.audit_name,
        "seen": public_snapshot(seen),
    }  # fmt: skip
    mentions = [case.counterparty, case_match.entry]
    if decision.agrees:
        audit.record(step.event, subject=case, actor=actor, data=data, mentions=mentions)
        take_effect(case_match, decision, actor)
        change_state(case, step.to)
        settle(case, actor)
    else:
        step = WORKFLOW.check("disagree", case, actor)
        audit.record(step.event, subject=case, actor=actor, data=data, mentions=mentions)
        change_state(case, step.to)
    return decision


def entry_label(case_match: CaseMatch) -> str:
    return f"{case_match.entry} {case_match.match.revision.name}"


def take_effect(case_match: CaseMatch, decision: Decision, actor: User) -> None:
    """Make a decision the match's disposition; a true match places the hold that one of its effects asks for."""
    case_match.disposition, case_match.awaiting = decision.outcome, None
    case_match.save(update_fields=["disposition", "awaiting"])
    holding = case_match.holding
    if decision.outcome != Disposition.TRUE_MATCH or holding is None:
        return
    if case_match.holds.standing().exists():  # a reopened true match keeps the hold it has
        return
    now, revision = timezone.now(), case_match.match.revision
    since = EntryRevision.objects.binds_from([case_match.entry_id]).get(case_match.entry_id, now)
    hold = Hold.objects.create(
        counterparty=case_match.case.counterparty, case_match=case_match, list_code=case_match.entry.list_code,
        effect=holding.code, citation=revision.text["citation"][:200],
        binds_from=since, placed_by=actor, placed_at=now,
    )  # fmt: skip
    audit.record(
        "hold.placed", subject=hold, actor=actor, data=hold.as_facts(), effective_at=hold.binds_from,
        mentions=[case_match.case, hold.counterparty, case_match.entry],
    )  # fmt: skip


def settle(case: Case, actor: User) -> None:
    """After any change, the state that follows from the matches: still open, awaiting, decided, or closed."""
    rows = list(case.matches.all())
    if any(row.is_open and not row.awaiting_id for row in rows):
        return
    if any(row.awaiting_id for row in rows):
        if case.state != CaseState.AWAITING_SECOND_REVIEW:
            step = WORKFLOW.check("await_second", case, actor)
            change_state(case, step.to)
            audit.record(step.event, subject=case, actor=actor)
        return
    if case.state not in (CaseState.DECIDED, CaseState.CLOSED):
        step = WORKFLOW.check("finish", case, actor)
        change_state(case, step.to)
        outcome = ", ".join(sorted({row.get_disposition_display().lower() for row in rows}))
        audit.record(step.event, subject=case, actor=actor, data={"outcome": outcome}, mentions=[case.counterparty])
    standing = Hold.objects.standing().filter(case_match__case=case).exists()
    restricted = any(row.disposition == Disposition.TRUE_MATCH and not row.entry_left_at for row in rows)
    if case.state == CaseState.DECIDED and not standing and not restricted:
        close(case, "every match is decided and no hold stands", actor)


def close(case: Case, reason: str, actor: User) -> None:
    step = WORKFLOW.check("close", case, actor)
    change_state(case, step.to)
    audit.record(step.event, subject=case, actor=actor, data={"reason": reason}, mentions=[case.counterparty])


# --- holds -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_release(*, hold: Hold, reason: str, actor: User) -> Hold:
    """Ask that a hold be released; another person decides."""
    check_permission(actor, Permission.HOLD_RELEASE)
    case = locked(hold.case_match.case)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.released_at or hold.release_asked_by_id:
        raise WrongState(f"{hold} is already released, or its release was asked for. Reload {case}.")
    hold.release_asked_by, hold.release_asked_at = actor, timezone.now()
    hold.release_asked_because = required(reason, "the reason")
    hold.save()
    data = {"reason": hold.release_asked_because}
    audit.record("hold.release_asked", subject=hold, actor=actor, data=data, mentions=[case, hold.counterparty])
    return hold


@transaction.atomic
def decide_release(*, hold: Hold, release: bool, reason: str, actor: User) -> Hold:
    """A second person releases the hold, or refuses and it stands."""
    case = locked(hold.case_match.case)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.released_at or not hold.release_asked_by:
        raise WrongState(f"No release of {hold} waits for a decision. Reload {case}.")
    rules.check_can_release(actor, hold)
    data = {"reason": required(reason, "the reason"), "asked_by": hold.release_asked_by.audit_name}
    mentions = [case, hold.counterparty]
    if not release:
        hold.release_asked_by, hold.release_asked_at, hold.release_asked_because = None, None, ""
        hold.save()
        audit.record("hold.release_refused", subject=hold, actor=actor, data=data, mentions=mentions)
        return hold
    hold.released_by, hold.released_at, hold.released_because = actor, timezone.now(), data["reason"]
    hold.save()
    audit.record("hold.released", subject=hold, actor=actor, data=data, mentions=mentions)
    settle(case, actor)
    return hold


def check_confirmed(case: Case) -> CaseMatch:
    """The strongest confirmed match of a case. Raises NotAllowed where nothing is confirmed."""
    found = case.matches.filter(disposition=Disposition.TRUE_MATCH).select_related("match__revision", "entry").first()
    if found is None:
        raise NotAllowed("A license request starts from a confirmed match; nothing in this case is confirmed.")
    return found
