"""License requests over the API: the same services, the same separation of people."""

from __future__ import annotations

import pytest

from compliance.licenses.models import LicenseRequest
from tests.licenses.conftest import confirm

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/license-requests/"


@pytest.fixture
def confirmed(case, officer, second_officer):
    return confirm(case, officer, second_officer)


def body(of, **changes) -> dict:
    return {
        "case": of.pk, "title": "Detectors", "end_use": "Baggage screening",
        "items": [
            {"eccn": "2A983", "description": "Detector", "quantity": 6, "value": "74200.50"},
            {"eccn": "5A992.c", "description": "Chip", "quantity": 4000, "value": "128400.00"},
        ],
        "parties": [{"role": "end_user", "name": "Hikvision", "counterparty_id": of.counterparty_id}],
        **changes,
    }  # fmt: skip


@pytest.fixture
def drafted(api, officer, confirmed):
    return api(officer).post(REQUESTS, body(confirmed), format="json")


def act(client, name, **data):
    return client.post(f"{REQUESTS}{LicenseRequest.objects.get().pk}/{name}/", data, format="json")


def test_each_item_carries_its_review_policy(drafted):
    assert drafted.status_code == 201
    assert [line["policy"] for line in drafted.json()["items"]] == ["case-by-case", "presumption of denial"]


def test_every_answer_says_who_grants(drafted):
    assert "Only BIS grants or denies a license." in drafted.json()["meaning"]


def test_the_road_to_approved_to_file(api, officer, manager, drafted):
    assert act(api(officer), "submit").json()["state"] == "submitted"
    own = act(api(officer), "decide", move="approve", reason="Mine")
    assert own.status_code == 403

    answer = act(api(manager), "decide", move="approve", reason="Civil use", conditions="File item 1").json()

    assert answer["state"] == "approved_to_file"
    assert answer["decisions"][0]["conditions"] == "File item 1"


def test_it_is_decided_once(api, officer, manager, second_manager, drafted):
    act(api(officer), "submit")
    act(api(manager), "decide", move="reject", reason="No")

    again = act(api(second_manager), "decide", move="approve", reason="Yes")

    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")


def test_the_requester_withdraws(api, officer, drafted):
    assert act(api(officer), "withdraw", reason="Order cancelled").json()["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"case": 999}, 404),
        ({"title": ""}, 400),
        ({"items": []}, 422),
        ({"items": [{"eccn": "5A", "description": "x", "quantity": 1, "value": "1"}]}, 422),
        ({"items": [{"eccn": "EAR99", "description": "x", "quantity": 0, "value": "1"}]}, 400),
        ({"items": [{"eccn": "EAR99", "description": "x", "quantity": 1, "value": "NaN"}]}, 400),
        ({"parties": []}, 422),
        ({"parties": [{"role": "end_user", "name": "X", "country": "ZZ"}]}, 422),
    ],
)
def test_what_is_wrong_is_refused(api, officer, confirmed, changes, status):
    assert api(officer).post(REQUESTS, body(confirmed, **changes), format="json").status_code == status
    assert LicenseRequest.objects.count() == 0


def test_a_case_without_a_confirmed_match_is_refused(api, officer, case):
    assert api(officer).post(REQUESTS, body(case), format="json").status_code == 403


def test_an_auditor_reads_and_does_not_write(api, auditor, confirmed, drafted):
    client = api(auditor)

    assert len(client.get(REQUESTS, {"state": "draft"}).json()["results"]) == 1
    assert client.post(REQUESTS, body(confirmed), format="json").status_code == 403


def test_the_list_costs_the_same_for_many(api, officer, confirmed, django_assert_max_num_queries):
    client = api(officer)
    for _ in range(6):
        client.post(REQUESTS, body(confirmed), format="json")

    with django_assert_max_num_queries(6):
        assert len(client.get(REQUESTS).json()["results"]) == 6
