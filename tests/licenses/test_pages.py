"""The pages of license requests."""

from __future__ import annotations

import pytest
from django.urls import reverse

from compliance.licenses.models import LicenseRequest, RequestState


@pytest.fixture
def as_officer(client_for, officer):
    return client_for(officer)


@pytest.fixture
def as_manager(client_for, manager):
    return client_for(manager)


def sent(case, **changes):
    """A filled form as a browser sends it."""
    return {
        "title": "Detectors", "application_type": "export", "end_use": "Baggage screening",
        "items-TOTAL_FORMS": "2", "items-INITIAL_FORMS": "1",
        "items-0-eccn": "2A983", "items-0-description": "Detector", "items-0-quantity": "1,000",
        "items-0-unit": "pieces", "items-0-value": "$74,200.50",
        "items-1-eccn": "", "items-1-description": "", "items-1-quantity": "", "items-1-unit": "pieces",
        "items-1-value": "",
        "parties-TOTAL_FORMS": "2", "parties-INITIAL_FORMS": "2",
        "parties-0-role": "end_user", "parties-0-name": case.counterparty.name, "parties-0-country": "cn",
        "parties-0-address": "", "parties-0-counterparty_id": str(case.counterparty_id),
        "parties-1-role": "", "parties-1-name": "", "parties-1-country": "", "parties-1-address": "",
        "parties-1-counterparty_id": "",
        **changes,
    }  # fmt: skip


def new(case) -> str:
    return reverse("licenses:new", args=[case.pk])


def at(name: str, request) -> str:
    return reverse(f"licenses:{name}", args=[request.pk])


class TestNew:
    def test_the_form_quotes_the_entry_and_names_the_party(self, as_officer, case):
        text = as_officer.get(new(case)).content.decode()

        assert "For all items subject to the EAR" in text
        assert "presumption of denial for all other items" in text
        assert "84 FR 54002" in text
        assert text.count(f'value="{case.counterparty.name}"') >= 2

    def test_a_filled_form_becomes_a_draft(self, as_officer, case):
        answer = as_officer.post(new(case), sent(case))

        request = LicenseRequest.objects.get()
        assert answer.url == request.get_absolute_url()
        line = request.items.get()
        assert (line.quantity, str(line.value), line.policy) == (1000, "74200.50", "case-by-case")
        assert request.parties.get().country == "CN"

    @pytest.mark.parametrize(("more", "items", "parties"), [("items", 3, 2), ("parties", 2, 3), ("nothing", 2, 2)])
    def test_another_line_comes_without_a_script(self, as_officer, case, more, items, parties):
        answer = as_officer.post(new(case), sent(case, add=more))

        forms = answer.context["forms"]
        assert (len(forms.items.forms), len(forms.parties.forms)) == (items, parties)
        assert b'value="2A983"' in answer.content
        assert LicenseRequest.objects.count() == 0

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"title": ""}, "This field is required"),
            ({"items-0-quantity": "many"}, "Enter a whole number"),
            ({"items-0-eccn": "5A"}, "not an ECCN"),
            (
                {"items-0-eccn": "", "items-0-description": "", "items-0-quantity": "", "items-0-value": ""},
                "at least one item",
            ),
            ({"parties-0-country": "ZZ"}, "two-letter country code"),
            ({"parties-0-role": "applicant"}, "purchaser, consignee or end-user"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, as_officer, case, changes, said):
        answer = as_officer.post(new(case), sent(case, **changes))

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert "Baggage screening" in answer.content.decode()

    def test_a_case_without_a_confirmed_match_is_refused(self, as_officer, case):
        case.matches.update(disposition="pending")

        assert as_officer.get(new(case)).status_code == 403

    @pytest.mark.parametrize("count", ["x", "-1", "", "1e9", "999999999", "²"])
    def test_a_broken_count_of_lines_does_no_harm(self, as_officer, case, count):
        for more in ({}, {"add": "items"}):
            answer = as_officer.post(new(case), sent(case, **{"items-TOTAL_FORMS": count}, **more))
            assert answer.status_code in (200, 422)


class TestDetail:
    def test_items_show_their_policy_and_the_deciding_words(self, as_manager, submitted):
        text = as_manager.get(at("detail", submitted)).content.decode()

        assert "Presumption of denial" in text
        assert '<mark class="hl">2A983</mark>' in text

    def test_only_bis_grants_or_denies(self, as_manager, submitted):
        assert b"Only BIS grants or denies a license." in as_manager.get(at("detail", submitted)).content

    def test_who_may_not_decide_sees_a_lock_and_why(self, as_officer, submitted):
        text = as_officer.get(at("detail", submitted)).content.decode()

        assert "btn off" in text
        assert "Your role may not approve license requests to file" in text
        assert 'name="move"' not in text

    def test_the_requester_may_change_and_submit_a_draft(self, as_officer, draft):
        assert b"Submit to a manager" in as_officer.get(at("detail", draft)).content

    def test_another_officer_sees_why_not(self, client_for, second_officer, draft):
        text = client_for(second_officer).get(at("detail", draft)).content.decode()

        assert "Rosa Kowalski prepared this request" in text

    @pytest.mark.parametrize("move", ["approve", "return", "reject"])
    def test_every_outcome_has_its_page(self, as_officer, decided, move):
        assert as_officer.get(at("detail", decided(move))).status_code == 200


class TestActs:
    def test_a_draft_is_changed(self, as_officer, draft):
        assert as_officer.get(at("edit", draft)).status_code == 200

        as_officer.post(at("edit", draft), sent(draft.case, title="Detectors, lot 2"))

        draft.refresh_from_db()
        assert (draft.title, draft.items.count()) == ("Detectors, lot 2", 1)

    def test_a_submitted_request_has_no_form(self, as_officer, submitted):
        assert as_officer.get(at("edit", submitted)).status_code == 409

    def test_a_request_that_moved_on_keeps_what_was_typed(self, as_officer, submitted):
        answer = as_officer.post(at("edit", submitted), sent(submitted.case, title="Too late"))

        assert answer.status_code == 409
        assert b"Too late" in answer.content

    def test_a_draft_is_submitted(self, as_officer, draft):
        as_officer.post(at("submit", draft))

        draft.refresh_from_db()
        assert draft.state == RequestState.SUBMITTED

    def test_a_manager_approves_to_file(self, as_manager, submitted):
        data = {"move": "approve", "reason": "Civil use", "conditions": "File alone"}

        as_manager.post(at("decide", submitted), data)

        submitted.refresh_from_db()
        assert submitted.state == RequestState.APPROVED_TO_FILE
        assert b"File alone" in as_manager.get(at("detail", submitted)).content

    @pytest.mark.parametrize("data", [{"move": "approve"}, {"reason": "x"}, {"move": "grant", "reason": "x"}])
    def test_an_incomplete_decision_is_not_recorded(self, as_manager, submitted, data):
        assert as_manager.post(at("decide", submitted), data).status_code == 422
        submitted.refresh_from_db()
        assert submitted.state == RequestState.SUBMITTED

    def test_the_second_of_two_managers_is_told(self, client_for, second_manager, decided):
        request = decided("approve")

        answer = client_for(second_manager).post(at("decide", request), {"move": "reject", "reason": "My own words"})

        assert answer.status_code == 409
        assert b"no longer possible" in answer.content

    def test_an_officer_does_not_decide(self, as_officer, submitted):
        data = {"move": "approve", "reason": "x"}

        assert as_officer.post(at("decide", submitted), data).status_code == 403

    def test_the_requester_withdraws_with_a_reason(self, as_officer, submitted):
        assert as_officer.post(at("withdraw", submitted), {"reason": ""}).status_code == 422

        as_officer.post(at("withdraw", submitted), {"reason": "Order cancelled"})

        submitted.refresh_from_db()
        assert submitted.state == RequestState.WITHDRAWN


class TestList:
    def test_it_shows_requests_by_state(self, as_officer, submitted):
        url = reverse("licenses:list")

        assert submitted.number in as_officer.get(url, {"state": "submitted"}).content.decode()
        assert b"No request is in this state" in as_officer.get(url, {"state": "rejected"}).content

    def test_an_empty_list_says_what_comes_next(self, as_officer):
        assert b"starts from a case with a confirmed match" in as_officer.get(reverse("licenses:list")).content

    @pytest.mark.parametrize("query", ["?before=x", "?before=99999999999999999999", "?state=odd"])
    def test_a_mistyped_address_is_the_first_page(self, as_officer, submitted, query):
        assert as_officer.get(reverse("licenses:list") + query).status_code == 200
