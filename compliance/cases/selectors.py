"""What the case page shows of one case: the match in question, who may do what with it, holds and trail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.audit.events import sentence
from compliance.audit.models import AuditEvent
from compliance.cases import comparison, rules
from compliance.cases import services as cases
from compliance.cases.models import OUTCOMES, Case, CaseMatch, CaseState, Decision, Disposition, Hold, Note
from compliance.cases.queue import Queue, clock_words, day_words, queue
from compliance.cases.review_selectors import Printed, ReviewRow, printed_by, reviews_of
from compliance.cases.workflow import WORKFLOW
from compliance.core.errors import ComplianceError, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.core.templatetags.ui import ZONE
from compliance.watchlists.effects import Effect, ListPolicy

TRAIL_SHOWN = 50
TRAIL_WHOLE = 1000
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d")


@dataclass(frozen=True)
class Consequence:
    """One thing that will happen. `when`: the outcome it belongs to, or "" for all."""

    when: str
    icon: str
    text: str


@dataclass(frozen=True)
class Panel:
    """The decision panel. `mode`: decide, second, or settled (nothing to decide). `refusal`: why not by this person."""

    mode: str
    refusal: str
    first: Decision | None
    earlier: list[Decision]
    consequences: list[Consequence]
    signs: dict[str, str]  # outcome → what the button is called
    takes_two: dict[str, bool]
    seen: str


@dataclass(frozen=True)
class Action:
    """Something to do with the case beside deciding. `refusal`: why this person may not; it stays visible."""

    name: str
    label: str
    icon: str
    key: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class HoldRow:
    """A hold with what this person may do about it."""

    hold: Hold
    mode: str  # ask, decide, or "" when it is released
    refusal: str


@dataclass(frozen=True)
class TrailRow:
    time: datetime
    text: str
    who: str


@dataclass(frozen=True)
class Review:
    """All that the case page shows."""

    case: Case
    current: CaseMatch
    number: int
    candidates: list[CaseMatch]
    queue: Queue
    score: comparison.ScoreSum
    rows: list[comparison.Row]
    words: list[str]
    policy: ListPolicy
    effects: tuple[Effect, ...]
    printed: Printed
    requirement: str
    review_policy: tuple[comparison.QuotePart, ...]
    panel: Panel
    actions: list[Action]
    holds: list[HoldRow]
    list_reviews: list[ReviewRow]
    notes: list[Note]
    trail: list[TrailRow]
    trail_is_cut: bool
    is_confirmed: bool
    record_changed: bool
    now: datetime

    @property
    def text(self) -> dict[str, Any]:
        """The listed entry as it reads."""
        text: dict[str, Any] = self.current.match.revision.text
        return text

    @property
    def refusals(self) -> list[str]:
        """Why some of the actions are locked, each reason once."""
        return list(dict.fromkeys(action.refusal for action in self.actions if action.refusal))

    @property
    def binds(self) -> bool:
        return self.current.match.revision.binds_at(self.now)


def review(
    user: User, pk: int, *, match: int | None = None, show: str = "", page: int = 1, whole_trail: bool = False
) -> Review:
    """The page of one case. Raises Http404 unless the person may see it."""
    case = Case.objects.visible_to(user).select_related("counterparty", "assigned_to").filter(pk=pk).first()
    if case is None:
        raise Http404("No such case.")
    candidates = list(
        case.matches.select_related("match__revision", "match__run", "entry", "awaiting__decided_by").order_by(
            "-match__score", "pk"
        )
    )
    current = next((row for row in candidates if row.pk == match), None) or first_question(candidates)
    case_matches_share(case, candidates)
    text = current.match.revision.text
    holds = [
        hold_row(hold, user)
        for hold in Hold.objects.filter(case_match__case=case).select_related(
            "case_match__entry", "placed_by", "release_asked_by", "released_by"
        )
    ]
    trail, is_cut = trail_of(case, current, user, whole=whole_trail)
    return Review(
        case=case, current=current, number=candidates.index(current) + 1, candidates=candidates,
        queue=queue(user, show=show, page=page, current=case.pk),
        score=comparison.score_sum(current.match), rows=comparison.comparison(current.match, case.counterparty),
        words=comparison.in_words(current.match), policy=current.policy, effects=current.effects,
        printed=printed_by(current),
        requirement=text["license_requirement"], review_policy=comparison.quoted(text["license_policy"]),
        panel=panel_of(case, current, user), actions=actions_of(case, user), holds=holds,
        list_reviews=reviews_of(case, user),
        notes=list(case.notes.select_related("written_by")), trail=trail, trail_is_cut=is_cut,
        is_confirmed=any(row.disposition == Disposition.TRUE_MATCH for row in candidates),
        record_changed=case.counterparty.revision != current.match.counterparty_revision, now=timezone.now(),
    )  # fmt: skip


def first_question(candidates: list[CaseMatch]) -> CaseMatch:
    """The strongest match still to decide, else one that waits for a second person, else the strongest."""
    for is_wanted in (lambda row: row.is_open and not row.awaiting_id, lambda row: row.is_open):
        found = next(filter(is_wanted, candidates), None)
        if found:
            return found
    return candidates[0]


def case_matches_share(case: Case, candidates: list[CaseMatch]) -> None:
    """All matches of a page point at the one case that was read, with its counterparty."""
    for row in candidates:
        row.case = case


def refusal_of(move: str, case: Case, user: User) -> str:
    """Why this person can't make this move now, or ""."""
    try:
        WORKFLOW.check(move, case, user)
    except ComplianceError as refused:
        return refused.sentence
    return ""


def panel_of(case: Case, current: CaseMatch, user: User) -> Panel:
    decisions = list(current.decisions.select_related("decided_by", "reviews"))
    first = current.awaiting
    earlier = [decision for decision in decisions if first is None or decision.pk != first.pk]
    seen = cases.seen_token(current)
    if not current.is_open:
        return Panel("settled", "", None, earlier, [], {}, {}, seen)
    if first is not None:
        refusal = refusal_of("second_review", case, user) or review_refusal(user, first)
        signs = dict.fromkeys(Disposition.values, "Record second review")
        return Panel("second", refusal, first, earlier, SECOND_CONSEQUENCES, signs, {}, seen)
    two = {
        outcome: cases.takes_two(current, case, outcome, user)
        for outcome in (Disposition.TRUE_MATCH, Disposition.FALSE_POSITIVE)
    }
    signs = {
        Disposition.TRUE_MATCH: "Send to second review" if two[Disposition.TRUE_MATCH] else "Record true match",
        Disposition.FALSE_POSITIVE: "Send to second review"
        if two[Disposition.FALSE_POSITIVE]
        else "Record false match",
        Disposition.INCONCLUSIVE: "Record inconclusive",
    }
    plain_two = {str(outcome): needed for outcome, needed in two.items()}
    consequences = consequences_of(current, plain_two)
    refusal = refusal_of("decide", case, user)
    return Panel("decide", refusal, None, earlier, consequences, {str(k): v for k, v in signs.items()}, plain_two, seen)


def review_refusal(user: User, first: Decision) -> str:
    try:
        rules.check_can_review_decision(user, first)
    except ComplianceError as refused:
        return refused.sentence
    return ""


SECOND_CONSEQUENCES = [
    Consequence("", "users", "If both of you agree, the decision takes effect at once"),
    Consequence("", "flag", "If not, the case goes to a manager"),
    Consequence("", "pause", "The counterparty stays stopped until then"),
]


def consequences_of(current: CaseMatch, two: dict[str, bool]) -> list[Consequence]:
    """What will happen, for each answer."""
    true, false, unsure = (str(item) for item in OUTCOMES)
    found = []
    if two[true]:
        found.append(Consequence(true, "users", "A second person decides; nothing takes effect before"))
    if holding := current.holding:
        found.append(Consequence(true, "pause", f"Hold placed, {binding_words(current)}: {holding.label.lower()}"))
        found.append(Consequence(true, "lock", "Counterparty becomes Restricted"))
        found.append(Consequence(true, "file", "A license request can be opened"))
    else:
        found.append(Consequence(true, "info", f"No hold is placed: {current.effects[0].label.lower()}"))
    if two[false]:
        found.append(Consequence(false, "users", "High band: a second person decides; nothing takes effect before"))
    found.append(Consequence(false, "check", "The pair stays quiet until the entry or our record changes"))
    found.append(Consequence(unsure, "pause", "The counterparty stays under review and stopped"))
    found.append(Consequence(unsure, "undo", "The match stays open; it can be decided later"))
    return found


def binding_words(current: CaseMatch) -> str:
    """When a hold on this match binds: the law's instant, read by the clock."""
    begins = current.match.revision.effective_from
    if begins is None or begins <= timezone.now():
        return "binds at once"
    return f"binds {day_words(begins)} {clock_words(begins)}"


ACTIONS = (
    Action("answer", "Record the answer", "mail"),
    Action("ask", "Ask for information", "question"),
    Action("escalate", "Escalate to a manager", "flag", "e"),
    Action("return", "Return to the officer", "undo"),
)


def actions_of(case: Case, user: User) -> list[Action]:
    """What can be done in this state, with the reason where this person may not; note is always there."""
    found = []
    taking = "assign" if case.state == CaseState.OPEN else "hand_over"
    if case.assigned_to_id != user.pk:
        found.append(Action("take", "Take the case", "user"))
    if user.has_permission(Permission.CASE_ASSIGN):
        found.append(Action("assign", "Give to a person", "users"))
    found += ACTIONS
    offered = []
    for action in found:
        move = taking if action.name in ("take", "assign") else action.name
        try:
            WORKFLOW.check(move, case, user)
        except WrongState:
            continue
        except ComplianceError as refused:
            offered.append(Action(action.name, action.label, action.icon, action.key, refused.sentence))
        else:
            offered.append(action)
    return [*offered, Action("note", "Add a note", "pencil", "", work_refusal(user))]


def work_refusal(user: User) -> str:
    try:
        check_permission(user, Permission.CASE_WORK)
    except ComplianceError as refused:
        return refused.sentence
    return ""


def hold_row(hold: Hold, user: User) -> HoldRow:
    if hold.released_at:
        return HoldRow(hold, "", "")
    mode = "decide" if hold.release_asked_by_id else "ask"
    try:
        rules.check_can_release(user, hold)
    except ComplianceError as refused:
        return HoldRow(hold, mode, refused.sentence)
    return HoldRow(hold, mode, "")


def trail_of(case: Case, current: CaseMatch, user: User, *, whole: bool) -> tuple[list[TrailRow], bool]:
    """The last events about the case, oldest first, and whether earlier ones are left out.

    Who may give the second review does not read the first answer here: the panel shows it when they ask for it.
    """
    limit = TRAIL_WHOLE if whole else TRAIL_SHOWN
    events = list(audit.about(case).order_by("-seq")[: limit + 1])
    is_cut, events = len(events) > limit, events[:limit]
    hidden = current.match_id if current.awaiting and not review_refusal(user, current.awaiting) else None
    return [TrailRow(event.occurred_at, words_of(event, hidden), who(event)) for event in reversed(events)], is_cut


def words_of(event: AuditEvent, hidden_match: int | None) -> str:
    """An event as a sentence for this page: times in words, and no first answer before the second one is given."""
    if event.action == "case.match_decided" and hidden_match and event.data["match"] == hidden_match:
        return f"{event.data['entry']}: first decision, waits for a second person"
    text = ISO_TIME.sub(lambda found: moment_words(datetime.fromisoformat(found[0])), sentence_of(event))
    return text[:1].upper() + text[1:]


def sentence_of(event: AuditEvent) -> str:
    return sentence(event.action, event.subject_label, event.data)


def moment_words(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{day_words(moment)} {local.year}, {clock_words(moment)} {local.tzname()}"


def who(event: AuditEvent) -> str:
    """The actor of an event by initials; the system by its name."""
    name = event.actor_name.split(" (", 1)[0]
    parts = name.split()
    return name if len(parts) < 2 else (parts[0][0] + parts[-1][0]).upper()
