"""What the license pages need."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.audit.models import AuditEvent
from compliance.cases import services as cases
from compliance.cases.models import Case, CaseMatch, Decision, Disposition, Hold
from compliance.core.errors import NotAllowed, WrongState
from compliance.core.workflow import Move
from compliance.licenses.models import (
    Approval,
    LicenseItem,
    LicenseParty,
    LicenseRequest,
    PartyRole,
    RequestState,
)
from compliance.licenses.services import Party
from compliance.licenses.workflow import WORKFLOW
from compliance.watchlists.effects import ListPolicy
from compliance.watchlists.policy import policy_for
from compliance.watchlists.policy_tokens import Clause

PAGE = 50
TRAIL = 30
STATES = {
    RequestState.DRAFT: ("neu", "pencil"),
    RequestState.SUBMITTED: ("inf", "eye"),
    RequestState.RETURNED: ("warn", "undo"),
    RequestState.APPROVED_TO_FILE: ("ok", "check"),
    RequestState.REJECTED: ("bad", "x"),
    RequestState.WITHDRAWN: ("neu", "minus"),
}
POLICY_TONES = {
    "presumption of denial": ("bad", "x"),
    "policy of denial": ("bad", "x"),
    "case-by-case": ("warn", "eye"),
    "presumption of approval": ("inf", "check"),
}
PHRASES = {
    "presumption of denial": r"presumption\s+of\s+denial",
    "policy of denial": r"policy\s+of\s+denial",
    "presumption of approval": r"presumption\s+of\s+approval",
    "case-by-case": r"cas[ea][\s-]+by[\s-]+case(?:\s+review)?",
}
AROUND = 90  # letters of a quote kept on either side of the words that decide


@dataclass(frozen=True)
class State:
    """A state as a pill."""

    text: str
    tone: str
    icon: str


def state_of(request: LicenseRequest) -> State:
    tone, icon = STATES[RequestState(request.state)]
    return State(request.get_state_display(), tone, icon)


# --- list ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequestRow:
    """One request as a line of the list."""

    request: LicenseRequest
    state: State
    items: int
    value: Decimal


@dataclass(frozen=True)
class RequestList:
    """One page of requests, newest first."""

    rows: list[RequestRow]
    chosen: str
    counts: list[tuple[str, str, int]]
    older: int | None


def request_list(*, user: User, state: str, before: int | None) -> RequestList:
    """Requests in a state (or all), by number."""
    visible = LicenseRequest.objects.visible_to(user)
    rows = visible.filter(state=state) if state else visible
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("case__counterparty", "requested_by").order_by("-pk")[: PAGE + 1])
    shown = found[:PAGE]
    sums: dict[int, tuple[int, Decimal]] = {
        row["request"]: (row["items"], row["total"])
        for row in LicenseItem.objects.filter(request__in=shown)
        .values("request")
        .annotate(items=Count("pk"), total=Sum("value"))
        .order_by()
    }
    by_state = dict(visible.order_by().values_list("state").annotate(Count("pk")))
    counts = [(str(s.value), str(s.label), by_state.get(s.value, 0)) for s in RequestState]
    return RequestList(
        rows=[RequestRow(r, state_of(r), *sums.get(r.pk, (0, Decimal(0)))) for r in shown],
        chosen=state,
        counts=[row for row in counts if row[2]],
        older=shown[-1].pk if len(found) > PAGE else None,
    )


# --- one request -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """A piece of a quote; `decides` pieces are marked."""

    text: str
    decides: bool = False


@dataclass(frozen=True)
class ItemRow:
    """An item with what the entry's review policy says of it."""

    item: LicenseItem
    policy: State
    quote: list[Words]
    note: str


@dataclass(frozen=True)
class PartyRow:
    """A party in its role, with what stands against it now. `status` is a screening value, "" where none stops it."""

    party: LicenseParty
    status: str
    basis: str
    case: Case | None


@dataclass(frozen=True)
class Step:
    """One dot of the state line."""

    text: str
    mark: str


@dataclass(frozen=True)
class RequestPage:
    """Everything that the page of one request shows."""

    request: LicenseRequest
    state: State
    effect: ListPolicy
    steps: list[Step]
    items: list[ItemRow]
    total: Decimal
    parties: list[PartyRow]
    open_points: list[str]
    deciders: list[User]
    approvals: list[Approval]
    trail: list[AuditEvent]
    moves: set[str]
    why_not: dict[str, str]


def request_page(request: LicenseRequest, actor: User) -> RequestPage:
    """A request with its items under their policy, its parties as they stand, and what the actor may do."""
    items = [item_row(item, request.license_policy) for item in request.items.all()]
    parties = party_rows(list(request.parties.select_related("counterparty")), timezone.now())
    decisions = Decision.objects.filter(case_match__case=request.case_id).select_related("decided_by").order_by("pk")
    return RequestPage(
        request=request,
        state=state_of(request),
        effect=request.case_match.policy,
        steps=steps_of(request),
        items=items,
        total=sum((row.item.value for row in items), Decimal(0)),
        parties=parties,
        open_points=open_points(parties),
        deciders=list({decision.decided_by_id: decision.decided_by for decision in decisions}.values()),
        approvals=list(request.approvals.select_related("decided_by")),
        trail=list(audit.about(request).order_by("-seq")[:TRAIL])[::-1],
        moves={move.name for move in available(request, actor)},
        why_not={name: why_not(name, request, actor) for name in ("approve", "change", "withdraw")},
    )


def available(request: LicenseRequest, actor: User) -> list[Move]:
    return WORKFLOW.available(request, actor)


def why_not(name: str, request: LicenseRequest, actor: User) -> str:
    """The sentence that says why this actor can't make this move, or ""."""
    try:
        WORKFLOW.check(name, request, actor)
    except (NotAllowed, WrongState) as error:
        return error.sentence
    return ""


def steps_of(request: LicenseRequest) -> list[Step]:
    """The line of states. Filing with BIS happens outside, by a person."""
    order = [RequestState.DRAFT, RequestState.SUBMITTED, RequestState.APPROVED_TO_FILE]
    here = RequestState(request.state)
    labels = {state: str(state.label) for state in order}
    if here in order:
        at = order.index(here)
        marks = ["done" if number < at else "now" if number == at else "" for number in range(len(order))]
        return [*(Step(labels[s], m) for s, m in zip(order, marks, strict=True)), Step("Filed with BIS", "")]
    submitted = request.submitted_at is not None
    return [
        Step(labels[RequestState.DRAFT], "done"),
        *([Step(labels[RequestState.SUBMITTED], "done")] if submitted else []),
        Step(str(here.label), "now"),
    ]


def item_row(item: LicenseItem, license_policy: str) -> ItemRow:
    """How BIS says it will judge this item, with the words that say so."""
    clause = policy_for(item.eccn, license_policy)
    if clause is None or clause.policy is None or clause.policy not in POLICY_TONES:
        return ItemRow(
            item, State("Read the entry", "neu", "book"), [],
            "The text of the policy does not settle this item by its ECCN alone. A person reads the entry.",
        )  # fmt: skip
    tone, icon = POLICY_TONES[clause.policy]
    return ItemRow(
        item, State(clause.policy.capitalize(), tone, icon), quoted(license_policy, clause, item.eccn),
        note_on(item, clause),
    )  # fmt: skip


def note_on(item: LicenseItem, clause: Clause) -> str:
    """Why this clause is the one."""
    if item.eccn.split(".")[0] in clause.scope:
        return ""
    if item.eccn == "EAR99":
        return "Taken as not described in a note that the policy names; if it is, read the entry again."
    return f"{item.eccn} is not named for another review, so it falls under this."


def quoted(text: str, clause: Clause, eccn: str) -> list[Words]:
    """The entry's own words around the clause, with those that decide marked. Empty where they can't be found."""
    text = " ".join(text.split())
    at = text.find(clause.scope) if clause.scope else -1
    phrases = list(re.finditer(PHRASES[clause.policy or ""], text, re.IGNORECASE))
    if not phrases:
        return []
    before = [p for p in phrases if p.start() <= at] if at >= 0 else []
    phrase = before[-1] if before else phrases[0]
    marks = [(phrase.start(), phrase.end())]
    named = text.find(eccn.split(".")[0], at, at + len(clause.scope)) if at >= 0 else -1
    if named >= 0:
        full = eccn if text.startswith(eccn, named) else eccn.split(".")[0]
        marks.append((named, named + len(full)))
    elif at >= 0:
        marks = [(min(phrase.start(), at), max(phrase.end(), at + len(clause.scope)))]
    return cut(text, sorted(marks))


def cut(text: str, marks: list[tuple[int, int]]) -> list[Words]:
    """The text with its marks, shortened at both ends by whole words."""
    start, end = marks[0][0] - AROUND, marks[-1][1] + AROUND
    start = text.find(" ", start) + 1 if start > 0 else 0
    end = text.rfind(" ", 0, end) if end < len(text) else len(text)
    pieces, at = [], start
    for begin, stop in marks:
        pieces += [Words(text[at:begin]), Words(text[begin:stop], True)]
        at = stop
    pieces.append(Words(text[at : max(end, at)]))
    lead = [Words("… ")] if start else []
    tail = [Words(" …")] if end < len(text) else []
    return [piece for piece in (*lead, *pieces, *tail) if piece.text]


def party_rows(parties: Sequence[LicenseParty], moment: datetime) -> list[PartyRow]:
    """What stands against each party now: holds and open questions of its counterparty. Three queries."""
    ids = {party.counterparty_id for party in parties if party.counterparty_id}
    holds: dict[int, list[Hold]] = {}
    for hold in Hold.objects.filter(counterparty__in=ids).standing().select_related("case_match__case"):
        holds.setdefault(hold.counterparty_id, []).append(hold)
    questions: dict[int, CaseMatch] = {}
    unsettled = CaseMatch.objects.filter(
        case__counterparty__in=ids, disposition__in=[Disposition.PENDING, Disposition.INCONCLUSIVE]
    )
    for row in unsettled.select_related("case"):
        questions.setdefault(row.case.counterparty_id, row)
    return [party_row(party, holds, questions, moment) for party in parties]


def party_row(
    party: LicenseParty, holds: dict[int, list[Hold]], questions: dict[int, CaseMatch], moment: datetime
) -> PartyRow:
    if party.counterparty_id is None and party.role == PartyRole.APPLICANT:
        return PartyRow(party, "", "The applicant, no counterparty", None)
    if party.counterparty_id is None:
        return PartyRow(party, "not_screened", "No counterparty record, so this name was never screened.", None)
    found = holds.get(party.counterparty_id, [])
    binding = [hold for hold in found if hold.binds_at(moment)]
    if binding:
        case = binding[0].case_match.case
        return PartyRow(party, "restricted", f"{case.number}, confirmed: {binding[0].policy.title}", case)
    if found:
        case = found[0].case_match.case
        return PartyRow(party, "under_review", f"{case.number}, confirmed; binds later", case)
    question = questions.get(party.counterparty_id)
    if question:
        return PartyRow(party, "under_review", f"{question.case.number}, a possible match is open", question.case)
    return PartyRow(party, "", "No hold and no open question", None)


def open_points(parties: Sequence[PartyRow]) -> list[str]:
    """What a decider should know before filing."""
    points = []
    for row in parties:
        if row.status == "under_review" and row.case:
            points.append(f"{row.party.name} is still under review, {row.case.number}.")
        if row.status == "not_screened":
            points.append(f"{row.party.name} has no counterparty record and was not screened.")
    return list(dict.fromkeys(points))


# --- a new request ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """What a request from a case begins with: the entry's words, and the parties known already."""

    case: Case
    confirmed: CaseMatch
    requirement: str
    policy: str
    citation: str
    parties: list[Party]


def start_of(case: Case) -> Start:
    """The confirmed match and the first parties. Raises NotAllowed where nothing is confirmed."""
    confirmed = cases.check_confirmed(case)
    text = confirmed.match.revision.text
    party = case.counterparty
    address = party.addresses[0]["text"] if party.addresses else ""
    known: dict[str, Any] = {
        "name": party.name,
        "address": address,
        "country": party.country,
        "counterparty_id": party.pk,
    }
    return Start(
        case=case,
        confirmed=confirmed,
        requirement=text["license_requirement"],
        policy=text["license_policy"],
        citation=text["citation"],
        parties=[
            Party(role=PartyRole.APPLICANT, name=settings.COMPANY_NAME, country="US"),
            Party(role=PartyRole.PURCHASER, **known),
            Party(role=PartyRole.END_USER, **known),
        ],
    )
