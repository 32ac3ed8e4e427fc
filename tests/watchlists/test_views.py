"""Pages of the lists: loading, holding, releasing, activating, and the file as received."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from compliance.accounts.models import User
from compliance.watchlists import services as lists
from compliance.watchlists.models import ListVersion, VersionState
from tests.factories import load_rule, rule_bytes

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
REMOVES_NOBODY = {"name": "Nobody", "country": "CN"}


def post_file(client: Client, data: bytes, name: str = "rule.json", **fields: str) -> object:
    return client.post(
        reverse("lists:upload"),
        {"file": SimpleUploadedFile(name, data), "source": "rule", "announced": "", "published": "", "effective": "",
         **fields},
    )  # fmt: skip


def held_version(loader: User) -> ListVersion:
    load_rule(["Alder Optics", "Birch Avionics"], effective="2019-10-01")
    version = lists.load(
        key="rule", data=rule_bytes(["Cedar Labs"]), filename="held.json", actor=loader
    ).version  # fmt: skip
    ListVersion.objects.filter(pk=version.pk).update(state=VersionState.HELD, reasons=["The list EL is 60 % smaller."])
    return ListVersion.objects.get(pk=version.pk)


def test_the_page_shows_every_version_with_its_state(client_for, officer):
    load_rule(["Alder Optics"])
    load_rule(["Birch Avionics"], activate=False, title="Another rule")

    page = client_for(officer).get(reverse("lists:home")).content.decode()

    assert "Active" in page
    assert "Ready to activate" in page


def test_a_version_in_the_future_reads_as_coming(client_for, officer):
    load_rule(["Alder Optics"], effective="2999-01-01")

    assert "Coming, binds in" in client_for(officer).get(reverse("lists:home")).content.decode()


def test_without_any_list_the_page_says_what_comes_next(client_for, manager):
    page = client_for(manager).get(reverse("lists:home")).content.decode()

    assert "No list was ever loaded" in page
    assert reverse("lists:upload") in page


def test_a_loaded_rule_stops_at_ready_and_leads_to_its_page(client_for, manager):
    answer = post_file(client_for(manager), rule_bytes(["Alder Optics"]))

    version = ListVersion.objects.get()
    assert (answer.status_code, answer.url) == (302, version.get_absolute_url())
    assert version.state == VersionState.READY


def test_a_rule_can_be_activated_as_it_is_loaded(client_for, manager):
    post_file(client_for(manager), rule_bytes(["Alder Optics"]), activate_now="on")

    assert ListVersion.objects.get().state == VersionState.ACTIVE


def test_an_effective_date_alone_is_midnight_in_washington(client_for, manager):
    post_file(client_for(manager), rule_bytes(["Alder Optics"]), effective="2020-06-05")

    assert ListVersion.objects.get().effective_at.isoformat() == "2020-06-05T04:00:00+00:00"


def test_a_refused_file_shows_why_and_keeps_the_form(client_for, manager):
    answer = post_file(client_for(manager), b"<html>down</html>", effective="2020-06-05")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Refused." in page
    assert 'value="2020-06-05"' in page


def test_an_equal_file_is_told_as_unchanged(client_for, manager):
    load_rule(["Alder Optics"])

    answer = client_for(manager)
    post_file(answer, rule_bytes(["Alder Optics"]))

    page = answer.get(ListVersion.objects.get().get_absolute_url()).content.decode()
    assert "Nothing new was stored" in page


def test_a_time_that_is_none_is_refused_on_the_form(client_for, manager):
    answer = post_file(client_for(manager), rule_bytes(["Alder Optics"]), announced="yesterday")

    assert answer.status_code == 422
    assert "is not ISO 8601" in answer.content.decode()
    assert not ListVersion.objects.exists()


@pytest.mark.parametrize("role", ["officer", "auditor", "administrator"])
def test_only_managers_load(client_for, request, role):
    client = client_for(request.getfixturevalue(role))

    assert client.get(reverse("lists:upload")).status_code == 403


def test_the_manager_activates_a_ready_version_with_one_click(client_for, manager):
    version = load_rule(["Alder Optics"], activate=False).version
    page = client_for(manager).get(version.get_absolute_url()).content.decode()
    assert "Activate now" in page

    client_for(manager).post(reverse("lists:activate", args=[version.pk]))

    version.refresh_from_db()
    assert version.state == VersionState.ACTIVE


def test_activating_twice_says_that_it_moved_on(client_for, manager):
    version = load_rule(["Alder Optics"]).version

    assert client_for(manager).post(reverse("lists:activate", args=[version.pk])).status_code == 409


def test_an_officer_sees_no_button_and_may_not_activate(client_for, officer):
    version = load_rule(["Alder Optics"], activate=False).version

    client = client_for(officer)
    assert "Activate now" not in client.get(version.get_absolute_url()).content.decode()
    assert client.post(reverse("lists:activate", args=[version.pk])).status_code == 403


def test_two_managers_release_a_held_version(client_for, manager, second_manager):
    version = held_version(manager)
    assert "Ask for release" in client_for(manager).get(version.get_absolute_url()).content.decode()

    client_for(manager).post(reverse("lists:release", args=[version.pk]), {"reason": "Checked with BIS"})
    version.refresh_from_db()
    assert (version.state, version.release_asked_by) == (VersionState.HELD, manager)
    assert "Agree and release" in client_for(second_manager).get(version.get_absolute_url()).content.decode()
    client_for(second_manager).post(reverse("lists:release", args=[version.pk]), {"reason": "BIS confirmed it"})

    version.refresh_from_db()
    assert (version.state, version.released_by) == (VersionState.READY, second_manager)


def test_who_asked_for_the_release_does_not_agree_to_it_and_keeps_the_text(client_for, manager):
    version = held_version(manager)
    lists.ask_release(version=version, reason="Checked with BIS", actor=manager)

    answer = client_for(manager).post(reverse("lists:release", args=[version.pk]), {"reason": "I am sure"})

    assert answer.status_code == 403
    assert "I am sure" in answer.content.decode()


def test_the_file_comes_back_byte_for_byte(client_for, auditor):
    data = rule_bytes(["Alder Optics"])
    version = load_rule(["Alder Optics"]).version

    answer = client_for(auditor).get(reverse("lists:raw", args=[version.pk]))

    assert b"".join(answer.streaming_content) == data
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_officer_does_not_take_files_away(client_for, officer):
    version = load_rule(["Alder Optics"]).version

    assert client_for(officer).get(reverse("lists:raw", args=[version.pk])).status_code == 403
