"""The page "as of": two clocks, one line an entry, and the same cost at any size."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from compliance.core.errors import Invalid
from compliance.desk.as_of_selectors import as_of_page
from compliance.watchlists import as_of
from compliance.watchlists.as_of import Clocks
from compliance.watchlists.models import DeltaOp, Entry, EntryRevision, ListDelta
from compliance.watchlists.times import WASHINGTON
from tests.desk.queries import queries
from tests.factories import load_rule

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."


def ask(client: Client, **query: str):
    return client.get(reverse("lists:as_of"), query)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WASHINGTON)


@pytest.mark.parametrize(
    ("when", "found"),
    [("2019-10-08", 0), ("2019-10-09", 1), ("2019-10-31T23:59", 1), ("2019-11-01", 0), ("2019-11-01T00:00-05:00", 0)],
)
def test_an_entry_is_in_force_from_its_first_instant_to_its_last(client_for, officer, when, found):
    load_rule([HIKVISION])
    load_rule([], title="Later", effective="2019-11-01", remove=[{"name": HIKVISION}])

    assert ask(client_for(officer), at=when).context["page"].total == found


def test_what_was_not_known_then_is_not_shown_and_the_page_says_since_when_it_knows(client_for, officer):
    load_rule([HIKVISION])

    answer = ask(client_for(officer), at="2019-10-15T12:00", known="2019-10-08")

    assert answer.context["page"].total == 0
    assert "Nothing was in force then, as it was known then" in answer.content.decode()
    assert "As it was known on" in answer.content.decode()


def test_the_text_is_the_one_of_then(officer):
    load_rule([HIKVISION])
    load_rule([], title="Later", effective="2019-11-01", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK2"]}}])
    now = Clocks.now()

    before = as_of_page(Clocks(at("2019-10-20"), now.known)).rows[0].text.listed
    after = as_of_page(now).rows[0].text.listed

    assert (before.aliases, after.aliases) == ((), ("HIK2",))


def test_a_cosmetic_wording_is_read_from_its_day_on_and_once_it_was_known(officer):
    load_rule([HIKVISION])
    version = load_rule(["Birch"], title="Cosmetic", effective="2020-01-01").version
    row = EntryRevision.objects.get(name=HIKVISION)
    text = row.text | {"name": "HIKVISION"}
    ListDelta.objects.create(version=version, op=DeltaOp.COS, entry=row.entry, before=row, text=text, changes={})
    now = Clocks.now()

    def name(clocks: Clocks) -> str:
        return as_of.texts_then([row.entry_id], clocks)[row.entry_id][0].listed.name

    assert name(Clocks(at("2019-12-31"), now.known)) == HIKVISION
    assert name(Clocks(at("2020-01-01"), now.known)) == "HIKVISION"
    version.activated_at = now.known
    version.save()
    assert name(Clocks(at("2020-01-01"), row.known_from)) == HIKVISION


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "hikvision"}, 1), ({"q": "HIK Vision"}, 1), ({"q": "海康"}, 1), ({"q": "дахуа"}, 1), ({"q": "100%"}, 0),
        ({"list": "EL"}, 2), ({"list": "SDN"}, 0), ({}, 2),
    ],
)  # fmt: skip
def test_words_are_found_in_names_aliases_and_supplementary_names(client_for, officer, query, found):
    address = [{"text": "1 Road", "country": "CN"}]
    load_rule([
        {"name": HIKVISION, "kind": "organization", "aliases": ["Hik Vision"], "addresses": address},
        {"name": "Dahua Technology", "kind": "organization", "aliases": ["дахуа"], "addresses": address},
    ])  # fmt: skip

    page = ask(client_for(officer), **query).context["page"]

    assert (page.total, len(page.rows)) == (found, found)


@pytest.mark.parametrize(
    "query", [{"at": "yesterday"}, {"known": "2019-02-30"}, {"list": "XX"}, {"at": "0001-01-01"}, {"q": "x" * 201}]
)
def test_what_can_not_be_read_is_refused_in_place_and_kept(client_for, officer, query):
    answer = ask(client_for(officer), **query)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("number", ["2", "99", "x", "-1"])
def test_pages_of_fifty_and_odd_numbers(client_for, officer, number):
    load_rule([f"Alder Optics {count}" for count in range(53)])

    first, other = (ask(client_for(officer), page=each).context["page"] for each in ("1", number))

    assert len(first.rows) == 50
    assert len(other.rows) == (50 if number == "x" else 3)


def test_it_costs_the_same_for_two_entries_as_for_fifty(officer):
    load_rule(["Alder Optics", HIKVISION])
    few = queries(lambda: as_of_page(Clocks.now()))
    load_rule([f"Birch {count}" for count in range(60)], title="More")

    assert queries(lambda: as_of_page(Clocks.now())) == few
    assert few <= 6


def test_a_day_is_asked_between_1950_and_2200_alone():
    load_rule(["Alder Optics"])

    with pytest.raises(Invalid, match="outside 1950 to 2200"):
        as_of.on_day(Entry.objects.get(), date(9999, 12, 31))


def test_an_entry_removed_within_the_day_is_read_and_the_hour_told():
    load_rule(["Alder Optics"])
    load_rule([], title="Later", effective="2019-11-01T10:00", remove=[{"name": "Alder Optics"}])
    entry = Entry.objects.get()

    on_it, after = as_of.on_day(entry, date(2019, 11, 1)), as_of.on_day(entry, date(2019, 11, 2))

    assert on_it.leading is not None
    assert [turn.astimezone(WASHINGTON).hour for turn in on_it.turns] == [10]
    assert after.leading is None
