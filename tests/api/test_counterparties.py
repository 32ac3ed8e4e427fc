"""Counterparties with their screening status, and one name screened."""

from __future__ import annotations

import pytest

from compliance.audit.models import AuditEvent
from compliance.counterparties.models import Counterparty
from compliance.runs.models import Match
from tests.factories import load_rule, make_case, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db
ALL = "/api/v1/counterparties/"
SCREEN = "/api/v1/screen/"
HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."
FACTS = {
    "name": "Harbor Bridge Ltd", "country": "hk", "relation": "forwarder",
    "other_names": [{"text": "Harbour Bridge"}], "addresses": [{"text": "1 Dock Road", "country": "hk"}],
    "identifiers": [{"kind": "lei", "value": "5493001KJTIIGC8Y1R12"}],
}  # fmt: skip


class TestStatus:
    def test_a_possible_match_is_under_review(self, api, officer):
        make_case()

        screening = api(officer).get(ALL).json()["results"][0]["screening"]

        assert (screening["status"], screening["covers"]) == ("under_review", "party screening only")

    def test_without_a_list_a_party_is_not_screened(self, api, officer):
        party = make_counterparty("Fjord Optics")

        answer = api(officer).get(f"{ALL}{party.external_id}/").json()

        assert answer["screening"]["status"] == "not_screened"

    def test_no_match_is_said_to_be_no_more(self, api, officer):
        party = make_counterparty("Fjord Optics AS")
        load_rule([HIKVISION])
        screen_everything()

        answer = api(officer).get(f"{ALL}{party.external_id}/").json()

        assert answer["screening"]["status"] == "no_match"
        assert answer["screening"]["screened_at"]

    def test_the_list_costs_the_same_for_many(self, api, officer, django_assert_max_num_queries):
        load_rule([HIKVISION])
        for number in range(2):
            make_counterparty(f"Fjord Optics {number}")
        client = api(officer)
        client.get(ALL)
        for number in range(10):
            make_counterparty(f"Glacier Lenses {number}")

        with django_assert_max_num_queries(20):
            assert len(client.get(ALL).json()["results"]) == 12


class TestFind:
    def test_by_words(self, api, officer):
        make_counterparty("Fjord Optics")
        make_counterparty("Glacier Lenses")

        found = api(officer).get(ALL, {"search": "FJORD"}).json()["results"]

        assert [row["name"] for row in found] == ["Fjord Optics"]

    def test_by_external_id(self, api, officer):
        party = make_counterparty("Fjord Optics", external_id="A/1 b")

        assert len(api(officer).get(ALL, {"external_id": "A/1 b"}).json()["results"]) == 1
        assert api(officer).get(f"{ALL}A/1 b/").json()["id"] == party.pk

    def test_an_unknown_id_is_404(self, api, officer):
        assert api(officer).get(f"{ALL}nobody/").status_code == 404

    def test_pages_follow_a_cursor(self, api, officer):
        for number in range(3):
            make_counterparty(f"Fjord Optics {number}")
        client = api(officer)

        first = client.get(ALL, {"page_size": 2}).json()
        second = client.get(first["next"]).json()

        assert [len(first["results"]), len(second["results"]), second["next"]] == [2, 1, None]


class TestWrite:
    def test_a_record_is_created_and_has_to_be_screened(self, api, officer):
        answer = api(officer).put(f"{ALL}HB-1/", FACTS, format="json")

        assert answer.status_code == 201
        record = Counterparty.objects.get(external_id="HB-1")
        assert (record.country, record.addresses, record.other_names[0]["kind"]) == (
            "HK", [{"text": "1 Dock Road", "country": "HK"}], "trading",
        )  # fmt: skip
        assert answer.json()["screening"]["status"] == "not_screened"

    def test_a_record_is_replaced_by_its_external_id(self, api, officer):
        client = api(officer)
        client.put(f"{ALL}HB-1/", FACTS, format="json")

        answer = client.put(f"{ALL}HB-1/", {**FACTS, "name": "Harbor Bridge Limited"}, format="json")

        assert (answer.status_code, answer.json()["revision"]) == (200, 2)
        assert Counterparty.objects.count() == 1
        assert AuditEvent.objects.last().action == "counterparty.updated"

    def test_the_same_record_twice_changes_nothing(self, api, officer):
        client = api(officer)
        client.put(f"{ALL}HB-1/", FACTS, format="json")
        before = AuditEvent.objects.count()

        assert client.put(f"{ALL}HB-1/", FACTS, format="json").json()["revision"] == 1
        assert AuditEvent.objects.count() == before

    @pytest.mark.parametrize(
        "changes",
        [
            {"name": ""},
            {"name": "x\x00"},
            {"name": "x" * 401},
            {"country": "ZZ"},
            {"relation": "friend"},
            {"addresses": [{"text": "x", "country": "ZZ"}]},
            {"other_names": "x"},
            {"identifiers": [{"kind": "lei"}]},
        ],
    )
    def test_what_can_not_be_is_refused(self, api, officer, changes):
        answer = api(officer).put(f"{ALL}HB-1/", {**FACTS, **changes}, format="json")

        assert answer.status_code in (400, 422)
        assert Counterparty.objects.count() == 0

    def test_an_id_that_is_too_long_is_refused(self, api, officer):
        assert api(officer).put(f"{ALL}{'x' * 65}/", FACTS, format="json").status_code == 422

    def test_an_auditor_does_not_write(self, api, auditor):
        assert api(auditor).put(f"{ALL}HB-1/", FACTS, format="json").status_code == 403


class TestScreenAName:
    def test_matches_come_with_evidence_and_sentences(self, api, officer):
        load_rule([HIKVISION])

        answer = api(officer).post(SCREEN, {"name": "Hikvision Digital Tech"}, format="json").json()

        match = answer["matches"][0]
        assert match["entry"]["name"] == HIKVISION
        assert match["entry"]["list"] == "EL"
        assert match["evidence"][0]["feature"]
        assert match["sentences"]

    def test_nothing_is_recorded(self, api, officer):
        load_rule([HIKVISION])
        before = AuditEvent.objects.exclude(action="person.token_made").count()

        answer = api(officer).post(SCREEN, {"name": "Hikvision Digital Tech"}, format="json").json()

        assert (answer["recorded"], answer["covers"], Match.objects.count()) == (False, "party screening only", 0)
        assert AuditEvent.objects.exclude(action="person.token_made").count() == before

    def test_no_match_is_an_empty_answer(self, api, officer):
        load_rule([HIKVISION])

        answer = api(officer).post(SCREEN, {"name": "Fjord Optics", "country": "no"}, format="json").json()

        assert (answer["matches"], answer["screenable"]) == ([], True)

    def test_without_a_list_nothing_is_said_to_be_screened(self, api, officer):
        answer = api(officer).post(SCREEN, {"name": "Hikvision"}, format="json")

        assert answer.status_code == 422
        assert "nothing was screened" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "data", [{}, {"name": " "}, {"name": "x\x00"}, {"name": "x", "country": "ZZ"}, {"name": ["x"]}]
    )
    def test_an_odd_question_is_refused(self, api, officer, data):
        assert api(officer).post(SCREEN, data, format="json").status_code == 400
