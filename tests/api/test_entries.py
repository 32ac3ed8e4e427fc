"""Listed entries by API: as of any instant, official text apart from supplementary names, one item on one day."""

from __future__ import annotations

import pytest

from compliance.watchlists.models import DeltaOp, Entry, ListDelta
from tests.desk.queries import queries
from tests.factories import load_rule

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."
URL = "/api/v1/list-entries/"


class TestEntries:
    def test_an_entry_gives_its_text_apart_from_the_names_no_list_prints(self, api, officer):
        load_rule([HIKVISION])

        found = api(officer).get(URL).json()["results"][0]

        names = [name["text"] for name in found["supplementary_names"]]
        assert "海康威视" in names
        assert not {found["text"]["name"], *found["text"]["aliases"]} & set(names)
        assert set(found["supplementary_names"][0]) == {
            "text", "kind", "source", "source_date", "added_by", "added_at",
        }  # fmt: skip
        assert [source["leads"] for source in found["sources"]] == [True]
        assert found["effects"][0]["code"] == "license_required"
        assert found["citations"] == [{"citation": "84 FR 54002", "date": ""}]

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({}, 1), ({"at": "2019-10-08"}, 0), ({"at": "2019-10-09"}, 1), ({"known": "2019-10-10"}, 0),
            ({"list": "EL"}, 1), ({"list": "SDN"}, 0), ({"q": "hikvision"}, 1), ({"q": "海康"}, 1), ({"q": "dahua"}, 0),
            ({"source": "csl"}, 1), ({"source": "ecfr744"}, 0),
        ],
    )  # fmt: skip
    def test_it_is_filtered_by_both_clocks_list_words_and_source(self, api, officer, query, found):
        load_rule([HIKVISION])

        assert len(api(officer).get(URL, query).json()["results"]) == found

    @pytest.mark.parametrize("query", [{"at": "soon"}, {"known": "2019-02-30"}, {"list": "XX"}, {"at": "0001-01-01"}])
    def test_what_can_not_be_read_is_422_with_a_sentence(self, api, officer, query):
        answer = api(officer).get(URL, query)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    def test_many_entries_cost_what_few_do(self, api, officer):
        client = api(officer)
        load_rule(["Alder Optics"])
        few = queries(lambda: client.get(URL))
        load_rule([f"Birch {count}" for count in range(20)], title="More")

        assert queries(lambda: client.get(URL)) == few
        assert few <= 8

    def test_one_entry_gives_every_text_with_both_intervals(self, api, officer):
        load_rule([HIKVISION])
        load_rule([], title="Later", effective="2019-11-01", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK"]}}])
        entry = Entry.objects.get()

        found = api(officer).get(f"{URL}{entry.pk}/", {"at": "2019-10-20"}).json()

        assert (found["in_force"], found["text"]["aliases"]) == (True, [])
        assert [row["text"]["aliases"] for row in found["revisions"]] == [[], ["HIK"]]
        assert found["revisions"][0]["effective_to"] == found["revisions"][1]["effective_from"]
        assert all(row["known_from"] for row in found["revisions"])
        assert found["conflicts"] == []

    def test_an_entry_that_was_not_in_force_then_says_so(self, api, officer):
        load_rule([HIKVISION])

        found = api(officer).get(f"{URL}{Entry.objects.get().pk}/", {"at": "2019-10-01"}).json()

        assert (found["in_force"], found["text"], found["effects"], found["sources"]) == (False, None, [], [])

    def test_an_unknown_entry_is_404(self, api, officer):
        assert api(officer).get(f"{URL}9/").status_code == 404
        assert api(officer).get(f"{URL}9/determination/", {"item": "EAR99"}).status_code == 404


class TestDetermination:
    @pytest.mark.parametrize(("item", "policy"), [("2A983", "case-by-case"), ("5A992.c", "presumption of denial")])
    def test_it_quotes_and_cites_the_clause_that_decides(self, api, officer, item, policy):
        load_rule([HIKVISION])

        found = self.ask(api(officer), item=item, day="2019-10-15").json()

        assert (found["in_force"], found["requirement"], found["policy"]) == (True, "license required", policy)
        assert found["governing"][-1]["citation"] == "84 FR 54002"
        assert found["governing"][-1]["text"] in " ".join(
            Entry.objects.get().revisions.get().text["license_policy"].split()
        )

    def test_a_day_without_a_text_is_not_answered(self, api, officer):
        load_rule([HIKVISION])

        found = self.ask(api(officer), item="EAR99", day="2019-10-08").json()

        assert (found["in_force"], found["requirement"], found["to_read"]) == (False, None, True)

    def test_a_rule_that_nobody_confirmed_is_marked_so(self, api, officer):
        load_rule([HIKVISION])

        found = self.ask(api(officer), item="EAR99", day="2026-11-20").json()

        rule = next(row for row in found["switches"] if row["key"] == "affiliates_rule")
        assert (rule["state"], rule["binds"], rule["confirmed"]) == ("in_force", True, False)

    @pytest.mark.parametrize("query", [{}, {"item": "camera"}, {"item": "EAR99", "day": "soon"},
                                       {"item": "EAR99", "day": "9999-12-31"}])  # fmt: skip
    def test_an_item_or_day_that_can_not_be_read_is_422(self, api, officer, query):
        load_rule([HIKVISION])

        assert self.ask(api(officer), **query).status_code == 422

    def ask(self, client, **query):
        return client.get(f"{URL}{Entry.objects.get().pk}/determination/", query)


class TestVersions:
    def test_a_version_tells_its_cosmetic_count_edition_and_clocks(self, api, officer):
        load_rule([HIKVISION])

        found = api(officer).get("/api/v1/list-versions/").json()["results"][0]

        assert found["cosmetic"] == 0
        assert {"edition", "inspection_at", "savings_cutoff_at", "savings_end_at", "warnings"} <= set(found)

    def test_a_cosmetic_line_gives_both_readings_and_what_differs(self, api, officer):
        load_rule([HIKVISION])
        entry = Entry.objects.get()
        version = load_rule(["Birch"], title="Cosmetic", effective="2020-01-01").version
        before = entry.revisions.get()
        ListDelta.objects.create(
            version=version, op=DeltaOp.COS, entry=entry, before=before, text=before.text | {"name": "HIK"},
            changes={"name": [HIKVISION, "HIK"]},
        )  # fmt: skip

        line = api(officer).get(f"/api/v1/list-versions/{version.pk}/delta/", {"op": "COS"}).json()["results"][0]

        assert (line["op"], line["before"]["name"], line["after"]["name"]) == ("COS", HIKVISION, "HIK")

    def test_a_line_names_the_entry_it_was_split_from(self, api, officer):
        load_rule([HIKVISION])
        entry = Entry.objects.get()
        version = load_rule(["Hikvision Chengdu"], title="Split", effective="2020-01-01").version
        version.deltas.update(relation="split_from", related=entry)

        line = api(officer).get(f"/api/v1/list-versions/{version.pk}/delta/").json()["results"][0]

        assert (line["relation"], line["related"]) == ("split_from", str(entry))
