"""Rules of license requests: who may, in which state, with which content; the policy is chosen by item."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compliance.audit import services as audit
from compliance.audit.events import CATALOGUE
from compliance.audit.models import AuditEvent
from compliance.core.errors import Invalid, NotAllowed, WrongState
from compliance.licenses import services as licenses
from compliance.licenses.models import Approval, LicenseRequest, PartyRole, RequestState
from compliance.licenses.services import Item, Party
from compliance.licenses.workflow import WORKFLOW
from tests.factories import REVIEW_POLICY, make_case
from tests.licenses.conftest import CHIPS, confirm, content


class TestDraft:
    def test_it_copies_the_words_of_the_entry(self, draft):
        assert draft.license_requirement.startswith("For all items subject to the EAR")
        assert (draft.license_policy, draft.citation) == (REVIEW_POLICY, "84 FR 54002")

    def test_it_needs_a_confirmed_match(self, officer):
        case = make_case()

        with pytest.raises(NotAllowed, match="confirmed"):
            licenses.draft(case=case, content=content(case), actor=officer)

    @pytest.mark.parametrize("role", ["auditor", "administrator"])
    def test_only_officers_and_managers_draft(self, case, request, role):
        with pytest.raises(NotAllowed):
            licenses.draft(case=case, content=content(case), actor=request.getfixturevalue(role))

        assert LicenseRequest.objects.count() == 0

    def test_it_is_an_event_in_the_trail_of_request_case_and_party(self, draft):
        for thing in (draft, draft.case, draft.case.counterparty):
            assert audit.about(thing).filter(action="license_request.drafted").count() == 1


class TestPolicyByItem:
    """Domain section 13, example 1: same party, same day, different policy."""

    @pytest.mark.parametrize(
        ("eccn", "policy"),
        [
            ("5A992.c", "presumption of denial"),
            ("5a992.C", "presumption of denial"),
            ("2A983", "case-by-case"),
            ("1A004.c", "case-by-case"),
            ("1A004", ""),
            ("EAR99", "presumption of denial"),
        ],
    )
    def test_the_policy_is_chosen_by_item(self, case, officer, eccn, policy):
        item = Item(eccn, "Something", 1, Decimal("1"))

        request = licenses.draft(case=case, content=content(case, items=[item]), actor=officer)

        assert request.items.get().policy == policy

    @pytest.mark.parametrize(("typed", "kept"), [("ear99", "EAR99"), (" 5a992.C ", "5A992.c"), ("2a983", "2A983")])
    def test_an_eccn_is_kept_as_printed(self, case, officer, typed, kept):
        item = Item(typed, "Something", 1, Decimal("1"))

        assert licenses.draft(case=case, content=content(case, items=[item]), actor=officer).items.get().eccn == kept


def item(**changes):
    return Item(**{**vars(CHIPS), **changes})


FORWARDER = Party(PartyRole.INTERMEDIATE_CONSIGNEE, "Harbor Bridge")


class TestContent:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"title": " "}, "title"),
            ({"title": "x" * 201}, "Shorten the title"),
            ({"end_use": ""}, "end use"),
            ({"application_type": "gift"}, "Choose export"),
            ({"items": []}, "at least one item"),
            ({"items": [CHIPS] * 201}, "at most 200"),
            ({"items": [item(eccn="5A99")]}, "not an ECCN"),
            ({"items": [item(eccn="EAR99\nx")]}, "not an ECCN"),
            ({"items": [item(eccn="EAR99x")]}, "not an ECCN"),
            ({"items": [item(description="")]}, "description"),
            ({"items": [item(quantity=0)]}, "quantity"),
            ({"items": [item(quantity=2**31)]}, "quantity"),
            ({"items": [item(value=Decimal("-1"))]}, "value"),
            ({"items": [item(value=Decimal("NaN"))]}, "value"),
            ({"items": [item(value=Decimal("1e13"))]}, "value"),
            ({"items": [item(value=Decimal("0.001"))]}, "dollars and cents"),
            ({"items": [item(currency="EUR")]}, "USD"),
            ({"items": [item(unit="")]}, "unit"),
            ({"items": [item(unit="x" * 21)]}, "Shorten item 1, unit"),
            ({"parties": []}, "purchaser, consignee or end-user"),
            ({"parties": [Party(PartyRole.APPLICANT, "Us")]}, "purchaser, consignee or end-user"),
            ({"parties": [Party("friend", "X")]}, "role of 15 CFR 748.5"),
            ({"parties": [Party(PartyRole.END_USER, " ")]}, "a name and a role"),
            ({"parties": [Party(PartyRole.END_USER, "X", country="China")]}, "two-letter country code"),
            ({"parties": [Party(PartyRole.END_USER, "X", counterparty_id=10**9)]}, "does not exist"),
        ],
    )
    def test_what_is_missing_or_wrong_is_said(self, case, officer, changes, said):
        with pytest.raises(Invalid, match=said):
            licenses.draft(case=case, content=content(case, **changes), actor=officer)

        assert LicenseRequest.objects.count() == 0

    def test_a_listed_forwarder_alone_is_party_enough(self, case, officer):
        """Domain section 13, example 6: the requirement applies to an intermediate consignee too."""
        request = licenses.draft(case=case, content=content(case, parties=[FORWARDER]), actor=officer)

        assert request.parties.get().role == PartyRole.INTERMEDIATE_CONSIGNEE


class TestChange:
    def test_it_rewrites_the_lines(self, draft, officer):
        licenses.change(request=draft, content=content(draft.case, items=[CHIPS]), actor=officer)

        assert [line.eccn for line in draft.items.all()] == ["5A992.c"]

    def test_the_event_names_what_changed(self, draft, officer):
        licenses.change(request=draft, content=content(draft.case, end_use="Port gates"), actor=officer)

        assert AuditEvent.objects.last().data == {"fields": "end use"}

    def test_only_the_requester_changes_it(self, draft, second_officer):
        with pytest.raises(NotAllowed, match="Rosa Kowalski prepared this request"):
            licenses.change(request=draft, content=content(draft.case), actor=second_officer)

    def test_a_returned_request_can_be_changed_and_submitted_again(self, decided, officer):
        returned = decided("return")
        licenses.change(request=returned, content=content(returned.case), actor=officer)

        assert licenses.submit(request=returned, actor=officer).state == RequestState.SUBMITTED

    def test_a_submitted_request_stays_as_it_is(self, submitted, officer):
        with pytest.raises(WrongState, match="submitted"):
            licenses.change(request=submitted, content=content(submitted.case), actor=officer)


class TestSubmit:
    def test_the_event_holds_every_line(self, submitted):
        body = AuditEvent.objects.filter(action="license_request.submitted").get().data["body"]

        assert [(line["eccn"], line["value"], line["policy"]) for line in body["items"]] == [
            ("5A992.c", "128400.00", "presumption of denial"),
            ("2A983", "74200.50", "case-by-case"),
        ]

    def test_only_the_requester_submits(self, draft, manager):
        with pytest.raises(NotAllowed, match="prepared this request"):
            licenses.submit(request=draft, actor=manager)

    def test_it_is_submitted_once(self, submitted, officer):
        with pytest.raises(WrongState):
            licenses.submit(request=submitted, actor=officer)


class TestDecide:
    @pytest.mark.parametrize(
        ("move", "state"),
        [
            ("approve", RequestState.APPROVED_TO_FILE),
            ("return", RequestState.RETURNED),
            ("reject", RequestState.REJECTED),
        ],
    )
    def test_a_manager_approves_to_file_returns_or_rejects(self, decided, move, state):
        assert decided(move).state == state

    def test_conditions_are_kept_with_an_approval(self, decided):
        decided("approve")

        assert Approval.objects.get().conditions == "File alone"
        assert AuditEvent.objects.last().data == {"reason": "Read", "conditions": "File alone"}

    @pytest.mark.parametrize("move", ["return", "reject"])
    def test_conditions_mean_nothing_without_an_approval(self, decided, move):
        decided(move)

        assert Approval.objects.get().conditions == ""

    def test_nobody_approves_their_own_request(self, case, manager):
        request = licenses.draft(case=case, content=content(case), actor=manager)
        licenses.submit(request=request, actor=manager)

        with pytest.raises(NotAllowed, match="You prepared this request, so another manager decides it"):
            licenses.decide(request=request, move="approve", reason="Mine", actor=manager)

    @pytest.mark.parametrize("second", [True, False])
    def test_who_decided_the_case_does_not_approve_its_request(self, officer, manager, second):
        people = (officer, manager) if second else (manager, officer)
        case = confirm(make_case(), *people)
        request = licenses.submit(
            request=licenses.draft(case=case, content=content(case), actor=officer), actor=officer
        )

        with pytest.raises(NotAllowed, match="You decided a match of this case"):
            licenses.decide(request=request, move="approve", reason="Same", actor=manager)

    @pytest.mark.parametrize("role", ["officer", "second_officer", "auditor", "administrator", "system"])
    def test_only_managers_decide(self, submitted, request, role):
        with pytest.raises(NotAllowed):
            licenses.decide(request=submitted, move="approve", reason="x", actor=request.getfixturevalue(role))

    def test_a_draft_is_not_decided(self, draft, manager):
        with pytest.raises(WrongState):
            licenses.decide(request=draft, move="approve", reason="x", actor=manager)

    @pytest.mark.parametrize("first", ["approve", "return", "reject"])
    def test_a_decided_request_is_not_decided_again(self, decided, second_manager, first):
        request = decided(first)

        with pytest.raises(WrongState):
            licenses.decide(request=request, move="reject", reason="No", actor=second_manager)

        assert Approval.objects.count() == 1

    def test_a_reason_is_required(self, submitted, manager):
        with pytest.raises(Invalid, match="reason"):
            licenses.decide(request=submitted, move="approve", reason="  ", actor=manager)

        submitted.refresh_from_db()
        assert submitted.state == RequestState.SUBMITTED

    @pytest.mark.parametrize("move", ["submit", "withdraw", "change", "grant", ""])
    def test_other_moves_are_no_decision(self, submitted, manager, move):
        with pytest.raises(Invalid):
            licenses.decide(request=submitted, move=move, reason="x", actor=manager)


class TestWithdraw:
    @pytest.mark.parametrize("state", ["draft", "submitted"])
    def test_the_requester_takes_it_back(self, request, officer, state):
        subject = licenses.withdraw(request=request.getfixturevalue(state), reason="Order cancelled", actor=officer)

        assert subject.state == RequestState.WITHDRAWN
        assert AuditEvent.objects.last().data == {"reason": "Order cancelled"}

    def test_nobody_else_does(self, submitted, manager):
        with pytest.raises(NotAllowed):
            licenses.withdraw(request=submitted, reason="x", actor=manager)

    def test_without_a_reason_nothing_changes(self, submitted, officer):
        with pytest.raises(Invalid):
            licenses.withdraw(request=submitted, reason=" ", actor=officer)

        submitted.refresh_from_db()
        assert submitted.state == RequestState.SUBMITTED

    def test_an_approved_request_stays(self, decided, officer):
        request = decided("approve")

        with pytest.raises(WrongState):
            licenses.withdraw(request=request, reason="x", actor=officer)


def test_holds_stay_whatever_is_decided(decided):
    request = decided("approve")

    assert request.case.counterparty.holds.standing().count() == 1


def test_every_move_records_a_known_event():
    assert {move.event for move in WORKFLOW} <= set(CATALOGUE)
