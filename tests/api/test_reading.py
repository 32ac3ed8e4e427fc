"""List versions, runs and the trail; and the document that describes the API."""

from __future__ import annotations

import re

import pytest
import yaml
from django.urls import reverse

from compliance.audit.models import AuditEvent
from compliance.jobs.models import Job
from compliance.runs.models import ScreeningRun
from tests.factories import load_rule

pytestmark = pytest.mark.django_db


class TestListVersions:
    def test_a_version_says_its_state_by_the_clock(self, api, officer):
        load_rule(["Dahua Technology"], effective="2999-01-01")

        answer = api(officer).get("/api/v1/list-versions/").json()["results"][0]

        assert (answer["state"], answer["added"], answer["citation"]) == ("pending", 1, "84 FR 54002")
        assert len(answer["sha256"]) == 64

    @pytest.mark.parametrize(("op", "found"), [("", 2), ("ADD", 2), ("DEL", 0), ("odd", 0)])
    def test_the_delta_is_read_line_by_line(self, api, officer, op, found):
        version = load_rule(["Dahua Technology", "Yitu Technologies"]).version

        lines = api(officer).get(f"/api/v1/list-versions/{version.pk}/delta/", {"op": op}).json()["results"]

        assert len(lines) == found
        for line in lines:
            assert line["after"]["license_policy"].startswith("Case-by-case")
            assert line["before"] is None

    def test_the_delta_costs_the_same_for_many_lines(self, api, officer, django_assert_max_num_queries):
        version = load_rule([f"Company Number {word}" for word in "abcdefgh"]).version
        client = api(officer)

        with django_assert_max_num_queries(4):
            client.get(f"/api/v1/list-versions/{version.pk}/delta/")

    def test_an_unknown_version_is_404(self, api, officer):
        assert api(officer).get("/api/v1/list-versions/9/delta/").status_code == 404


class TestRuns:
    def test_a_full_run_is_asked_for(self, api, officer):
        load_rule(["Dahua Technology"])

        answer = api(officer).post("/api/v1/runs/", {"reason": "Quarterly"}, format="json")

        assert (answer.status_code, answer.json()["trigger"], answer.json()["state"]) == (202, "full", "waiting")
        assert Job.objects.filter(kind="runs.full").count() == 1

    def test_without_a_list_there_is_nothing_to_run(self, api, officer):
        assert api(officer).post("/api/v1/runs/", {"reason": "x"}, format="json").status_code == 422

    def test_an_auditor_starts_nothing(self, api, auditor):
        load_rule(["Dahua Technology"])

        assert api(auditor).post("/api/v1/runs/", {"reason": "x"}, format="json").status_code == 403
        assert ScreeningRun.objects.filter(trigger="full").count() == 0

    def test_a_run_is_read(self, api, officer):
        load_rule(["Dahua Technology"])
        client = api(officer)
        run = client.post("/api/v1/runs/", {"reason": "x"}, format="json").json()

        assert client.get(f"/api/v1/runs/{run['id']}/").json()["percent"] == 0
        assert client.get("/api/v1/runs/").json()["results"][0]["id"] == run["id"]


class TestTrail:
    def test_events_are_read_newest_first_with_their_sentence(self, api, auditor):
        load_rule(["Dahua Technology"])
        client = api(auditor)

        events = client.get("/api/v1/audit-events/", {"action": "list_version.*"}).json()["results"]

        assert [event["seq"] for event in events] == sorted((event["seq"] for event in events), reverse=True)
        assert "became active: 1 added" in events[0]["sentence"]

    def test_one_event_by_its_sequence(self, api, auditor):
        client = api(auditor)

        assert client.get("/api/v1/audit-events/1/").json()["hash"] == AuditEvent.objects.get(seq=1).hash

    def test_pages_follow_a_cursor(self, api, auditor):
        load_rule(["Dahua Technology"])
        client = api(auditor)

        first = client.get("/api/v1/audit-events/", {"page_size": 2}).json()
        second = client.get(first["next"]).json()

        assert second["results"][0]["seq"] == first["results"][-1]["seq"] - 1

    @pytest.mark.parametrize("query", [{"from": "yesterday"}, {"subject_id": "1"}])
    def test_an_unreadable_filter_is_refused(self, api, auditor, query):
        assert api(auditor).get("/api/v1/audit-events/", query).status_code == 422

    def test_an_officer_does_not_read_it(self, api, officer):
        assert api(officer).get("/api/v1/audit-events/").status_code == 403

    def test_nobody_writes_it(self, api, auditor):
        client = api(auditor)

        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)("/api/v1/audit-events/1/").status_code in (403, 405)


class TestDescription:
    def test_it_names_every_address(self, client_for, officer):
        document = yaml.safe_load(client_for(officer).get(reverse("schema")).content)

        assert {path for path in document["paths"] if "/audit-events/" in path} == {
            "/api/v1/audit-events/", "/api/v1/audit-events/{seq}/",
        }  # fmt: skip
        assert len(document["paths"]) == 26

    def test_it_promises_no_shipment_and_no_license(self, client_for, officer):
        text = client_for(officer).get(reverse("schema")).content.decode()

        assert not re.search(r"cleared (to|for) ship|safe to ship|(manager|desk) grants", text, re.IGNORECASE)
