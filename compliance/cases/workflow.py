"""The states of a case, written once. docs/states.md is drawn from this table."""

from __future__ import annotations

from compliance.cases import rules
from compliance.cases.models import CaseState as S
from compliance.core.workflow import Move, Workflow

WORK = frozenset({S.OPEN, S.IN_REVIEW, S.INFORMATION_REQUESTED, S.ESCALATED})
NOT_CLOSED = frozenset(set(S) - {S.CLOSED})

WORKFLOW = Workflow(
    "Case",
    Move("assign", frozenset({S.OPEN}), S.IN_REVIEW, "case.assigned", rules.check_can_assign, "Take the case"),
    Move("hand_over", frozenset({S.IN_REVIEW, S.INFORMATION_REQUESTED, S.ESCALATED, S.AWAITING_SECOND_REVIEW}),
         S.IN_REVIEW, "case.assigned", rules.check_can_assign, "Assign"),
    Move("decide", frozenset({S.OPEN, S.IN_REVIEW, S.INFORMATION_REQUESTED}), S.IN_REVIEW, "case.match_decided",
         rules.check_can_decide, "Record decision"),
    Move("decide", frozenset({S.ESCALATED}), S.ESCALATED, "case.match_decided", rules.check_can_decide,
         "Record decision"),
    Move("ask", frozenset({S.OPEN, S.IN_REVIEW}), S.INFORMATION_REQUESTED, "case.information_requested",
         rules.check_can_work, "Ask for information"),
    Move("answer", frozenset({S.INFORMATION_REQUESTED}), S.IN_REVIEW, "case.information_received",
         rules.check_can_work, "Record the answer"),
    Move("escalate", frozenset({S.OPEN, S.IN_REVIEW, S.INFORMATION_REQUESTED}), S.ESCALATED, "case.escalated",
         rules.check_can_work, "Escalate"),
    Move("return", frozenset({S.ESCALATED}), S.IN_REVIEW, "case.returned", rules.check_can_return,
         "Return to the officer"),
    Move("await_second", WORK, S.AWAITING_SECOND_REVIEW, "case.awaits_second_review"),
    Move("second_review", frozenset({S.AWAITING_SECOND_REVIEW, S.IN_REVIEW}), S.IN_REVIEW,
         "case.second_review_agreed", rules.check_can_second_review, "Second review"),
    Move("second_review", frozenset({S.INFORMATION_REQUESTED}), S.INFORMATION_REQUESTED,
         "case.second_review_agreed", rules.check_can_second_review, "Second review"),
    Move("disagree", frozenset({S.AWAITING_SECOND_REVIEW, S.IN_REVIEW, S.INFORMATION_REQUESTED}), S.ESCALATED,
         "case.second_review_disagreed", rules.check_can_second_review),
    Move("finish", NOT_CLOSED - {S.DECIDED}, S.DECIDED, "case.decided"),
    Move("close", NOT_CLOSED, S.CLOSED, "case.closed"),
    Move("reopen", frozenset(S), S.OPEN, "cases.opened"),
)  # fmt: skip
