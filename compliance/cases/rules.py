"""Who may do what on a case. `check_…` raises NotAllowed with the reason."""

from __future__ import annotations

from compliance.accounts.models import User
from compliance.cases.models import Case, Decision, Disposition, Hold, ReasonCode
from compliance.core.errors import Invalid, NotAllowed
from compliance.core.permissions import Permission, check_permission


def check_can_work(actor: User, case: Case) -> None:
    check_permission(actor, Permission.CASE_WORK)


def check_can_assign(actor: User, case: Case) -> None:
    """Anyone who works on cases may take one; giving it to somebody else is checked with the person."""
    check_permission(actor, Permission.CASE_WORK)
    if case.state == "escalated" and not actor.has_permission(Permission.CASE_ASSIGN):
        raise NotAllowed("This case was escalated, so a manager takes it.")


def check_can_give_to(actor: User, person: User) -> None:
    if not person.has_permission(Permission.CASE_DECIDE):
        raise NotAllowed(f"{person} does not decide matches, so the case can't be given to them.")
    if person.pk != actor.pk:
        check_permission(actor, Permission.CASE_ASSIGN)


def check_can_decide(actor: User, case: Case) -> None:
    check_permission(actor, Permission.CASE_DECIDE)
    if case.state == "escalated" and not actor.has_permission(Permission.CASE_ASSIGN):
        raise NotAllowed("This case was escalated, so a manager decides it.")


def check_can_second_review(actor: User, case: Case) -> None:
    check_permission(actor, Permission.CASE_REVIEW)


def check_can_review_decision(actor: User, decision: Decision) -> None:
    """Nobody reviews their own decision (domain section 15)."""
    check_permission(actor, Permission.CASE_REVIEW)
    if decision.decided_by_id == actor.pk:
        raise NotAllowed("You made the first decision, so another officer or a manager reviews it.")


def check_can_return(actor: User, case: Case) -> None:
    check_permission(actor, Permission.CASE_ASSIGN)


def check_can_release(actor: User, hold: Hold) -> None:
    """The person who asked for the release does not decide it."""
    check_permission(actor, Permission.HOLD_RELEASE)
    if hold.release_asked_by_id == actor.pk:
        raise NotAllowed("You asked for this release, so another person decides it.")


# Which reasons speak for which answer; "other" with its note fits all.
REASONS = {
    Disposition.TRUE_MATCH: {ReasonCode.NAME_AND_ADDRESS, ReasonCode.NAME_AND_IDENTIFIER, ReasonCode.KNOWN_NAME},
    Disposition.FALSE_POSITIVE: {ReasonCode.OTHER_BUSINESS, ReasonCode.OTHER_ADDRESS, ReasonCode.OTHER_NAME},
    Disposition.INCONCLUSIVE: {ReasonCode.NOT_ENOUGH},
}


def check_reason_fits(outcome: str, reason: str) -> None:
    """A reason that speaks for another answer is refused: it would stand in the trail for ever. Raises Invalid."""
    if reason != ReasonCode.OTHER and reason not in REASONS[Disposition(outcome)]:
        answer, words = Disposition(outcome).label.lower(), ReasonCode(reason).label
        raise Invalid(f"“{words}” does not speak for “{answer}”. Choose a reason that does, or “Other” with a note.")


def check_reasoned(outcome: str, band: str, note: str) -> None:
    """A note is required for a true match, an inconclusive one, and anything in the strong band. Raises Invalid."""
    if note.strip():
        return
    if outcome in (Disposition.TRUE_MATCH, Disposition.INCONCLUSIVE):
        label = Disposition(outcome).label.lower()
        raise Invalid(
            f"Write a note: it is required for “{label}”, so that the decision can be defended later.",
            code="note_required",
        )
    if band == "strong":
        raise Invalid("Write a note: it is required for a match in the High band.", code="note_required")


def needs_second_person(outcome: str, band: str) -> bool:
    """True matches, and clears in the strong band, take two people."""
    return outcome == Disposition.TRUE_MATCH or (outcome == Disposition.FALSE_POSITIVE and band == "strong")
