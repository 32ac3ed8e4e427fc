"""The page of one entry: sources side by side, life, meaning, supplementary names, whom it touches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.cases.comparison import comparison, in_words
from compliance.cases.models import Case
from compliance.desk.entry_life import Small, life_of
from compliance.desk.entry_meaning import text_reading
from compliance.desk.entry_selectors import entry_page
from compliance.watchlists import names
from compliance.watchlists.dated_rules import keys_for, touching
from compliance.watchlists.models import (
    DeltaOp,
    Entry,
    EntryRevision,
    ListDelta,
    ListSource,
    ListVersion,
    RawFile,
    SourceConflict,
    SupplementaryName,
)
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.times import moment
from tests.factories import load_rule, make_case, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

HIKVISION = "Hangzhou Hikvision Digital Technology Co., Ltd."
CHINESE = "海康威视"


def page_of(client: Client, entry: Entry, **query: str) -> str:
    return client.get(entry.get_absolute_url(), query).content.decode()


@pytest.fixture
def entry() -> Entry:
    load_rule([{"name": HIKVISION, "kind": "organization", "aliases": ["HIK"],
                "addresses": [{"text": "1 Road", "country": "CN"}]}])  # fmt: skip
    return Entry.objects.get()


def printed_by_regulation(entry: Entry, **changes: object) -> EntryRevision:
    """The same entry, printed by the regulation too, since 2020, with some fields changed."""
    now = timezone.now()
    source = ListSource.objects.get_or_create(key="ecfr744", defaults={"title": "15 CFR part 744"})[0]
    raw = RawFile.objects.create(source=source, filename="x", sha256="0" * 64, size=1, content_gz=b"", fetched_at=now)
    version = ListVersion.objects.create(
        source=source, raw_file=raw, parser="ecfr744", form="whole", state="active", title="The regulation",
        effective_at=datetime(2020, 1, 1, 5, tzinfo=UTC), activated_at=now, received_at=now,
        loaded_by=User.objects.system(), notes=[["footnote 4", "Foreign-produced items are meant too."]],
    )  # fmt: skip
    listed = entry.revisions.get().text | changes
    return EntryRevision.objects.create(
        entry=entry, version=version, key="k", fingerprint="f" * 64, name=listed["name"], text=listed,
        effective_from=version.effective_at, known_from=now,
    )  # fmt: skip


# --- sources ---------------------------------------------------------------------------------------------------------


def test_the_source_that_leads_is_shown_and_the_other_is_folded_beside_it(entry, client_for, officer):
    printed_by_regulation(entry, aliases=["HIK", "Hik Vision"])

    client = client_for(officer)
    page = client.get(entry.get_absolute_url()).context["page"]

    assert [text.source.key for text in page.texts] == ["ecfr744", "csl"]
    assert page.listed.aliases == ("HIK", "Hik Vision")
    assert "Consolidated Screening List prints it too" in page_of(client, entry)


def test_where_sources_disagree_both_sides_are_marked_word_by_word(entry, client_for, officer):
    leading = printed_by_regulation(entry)
    SourceConflict.objects.create(
        entry=entry, field="addresses", leading=leading, other=entry.revisions.earliest("pk"),
        leading_says="555 Qianmo Road", other_says="556 Qianmo Road", found_at=timezone.now(),
    )  # fmt: skip

    page = page_of(client_for(officer), entry)

    assert '<mark class="miss"><span class="sr">differs or is missing: </span>555</mark> Qianmo Road' in page
    assert '<mark class="miss"><span class="sr">differs or is missing: </span>556</mark> Qianmo Road' in page


def test_a_leading_source_that_prints_it_no_more_is_named(entry, client_for, officer):
    row = printed_by_regulation(entry)
    row.effective_to = row.end_known_from = timezone.now() - timedelta(days=1)
    row.ended_by = row.version
    row.save()

    page = page_of(client_for(officer), entry)

    assert "15 CFR part 744 prints it no more" in page
    assert "In force" in page


# --- life ------------------------------------------------------------------------------------------------------------


def test_the_drawing_says_what_it_finds_and_the_table_stands_behind_it(entry, client_for, officer):
    printed_by_regulation(entry)

    page = page_of(client_for(officer), entry)

    assert 'role="img" aria-label="On the Entity List since 9 Oct 2019, as stored from 2 sources: 2 texts. ' in page
    assert "Show as table" in page
    assert "style=" not in page.split('class="life"')[1].split("</svg>")[0]


def test_a_coming_text_is_hatched_from_now_on_and_told(entry):
    load_rule([], title="Later", effective="2999-01-01", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK2"]}}])

    life = life_of(Entry.objects.get().revisions.select_related("version__source"), [], timezone.now(), "Entity List")

    assert life is not None
    assert [bar.tone for bar in life.lanes[0].bars] == ["now", "coming", "coming"]
    assert life.finding.endswith("A new text binds from 1 Jan 2999.")


def test_an_ended_entry_has_no_bar_after_its_end(entry):
    load_rule([], title="Later", effective="2019-11-01", remove=[{"name": HIKVISION}])

    life = life_of(Entry.objects.get().revisions.select_related("version__source"), [], timezone.now(), "Entity List")

    assert life is not None
    assert [bar.tone for bar in life.lanes[0].bars] == ["past"]
    assert "from 9 Oct 2019 to 1 Nov 2019" in life.finding


def test_small_changes_are_marks_and_are_counted(entry):
    at = datetime(2020, 5, 1, tzinfo=UTC)
    small = [Small(at, "csl", "cosmetic"), Small(at, "csl", "key")]

    life = life_of(entry.revisions.select_related("version__source"), small, timezone.now(), "Entity List")

    assert life is not None
    assert [mark.kind for mark in life.lanes[0].marks] == ["cosmetic", "key"]
    assert "1 cosmetic change, 1 change of key" in life.finding


@pytest.mark.parametrize("days", [0, 1, 30, 100, 500, 2000, 20000])
def test_a_life_of_any_length_has_a_handful_of_dates_inside_the_drawing(entry, days):
    row = entry.revisions.select_related("version__source").get()
    now = row.effective_from + timedelta(days=days)

    life = life_of([row], [], now, "Entity List")

    assert life is not None
    assert 1 <= len(life.ticks) <= 7
    assert all(0 <= float(tick.x.rstrip("%")) <= 97 for tick in life.ticks)
    assert len({tick.text for tick in life.ticks}) == len(life.ticks)


def test_a_proposed_entry_has_no_life(client_for, officer):
    load_rule(["Alder Optics"], activate=False)

    assert "no text was ever in force" in page_of(client_for(officer), Entry.objects.get())


# --- meaning ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "policy"), [("2A983", "Case-by-case"), ("5A992.c", "Presumption of denial"), ("eccn 5a992", None)]
)
def test_an_item_on_a_day_is_answered_with_the_clause_that_decides(entry, client_for, officer, item, policy):
    answer = client_for(officer).get(entry.get_absolute_url(), {"item": item, "day": "2019-10-15"})

    text = answer.content.decode().split('id="answer"')[1].split("</section>")[0]
    if policy is None:
        assert answer.status_code == 422
        assert "neither an ECCN" in text
        return
    assert answer.status_code == 200
    assert policy in text
    assert "84 FR 54002" in text


def test_the_answer_is_of_the_text_of_that_day(entry, client_for, officer):
    change = {"name": HIKVISION, "set": {"license_policy": "Policy of denial"}}
    load_rule([], title="Later", effective="2020-07-22", revise=[change])
    client = client_for(officer)

    before = client.get(entry.get_absolute_url(), {"item": "2A983", "day": "2020-07-21"}).context["answer"]
    after = client.get(entry.get_absolute_url(), {"item": "2A983", "day": "2020-08-03"}).context["answer"]

    assert (before.determination.policy, after.determination.policy) == ("case-by-case", "policy of denial")


def test_a_day_without_a_text_in_force_is_said_and_not_answered(entry, client_for, officer):
    page = client_for(officer).get(entry.get_absolute_url(), {"item": "EAR99", "day": "2019-10-08"})

    assert page.context["answer"].determination is None
    assert "No text was in force on" in page.content.decode()
    assert "binds from" in page.content.decode()


def test_a_text_that_changes_inside_the_day_is_told(entry, client_for, officer):
    change = {"name": HIKVISION, "set": {"license_policy": "Policy of denial"}}
    load_rule([], title="Later", effective="2020-07-22T16:15", revise=[change])

    page = client_for(officer).get(entry.get_absolute_url(), {"item": "2A983", "day": "2020-07-22"})

    assert page.context["answer"].determination.policy == "policy of denial"
    assert "The text changed on that day" in page.content.decode()


@pytest.mark.parametrize("day", ["15 Oct 2019", "2019-13-01", "0001-01-01", "9999-12-31"])
def test_a_day_that_can_not_be_asked_about_is_refused_in_place(entry, client_for, officer, day):
    answer = client_for(officer).get(entry.get_absolute_url(), {"item": "EAR99", "day": day})

    assert answer.status_code == 422
    assert HIKVISION in answer.content.decode()


def test_a_stretch_that_no_rule_reads_is_shown_whole_and_marked(client_for, officer):
    text = "Presumption of denial; consult the oracle of Delphi first"
    load_rule(["Alder Optics"], license_policy=text)

    page = page_of(client_for(officer), Entry.objects.get())
    left = text_reading("Review policy", text).left_over

    assert left
    assert all(f"“{stretch}”" in page for stretch in left)
    assert "Read it yourself" in page


def test_a_footnote_is_shown_with_its_stored_text(entry, client_for, officer):
    printed_by_regulation(entry, footnotes=["4", "5"])

    page = page_of(client_for(officer), entry)

    assert "Foreign-produced items are meant too." in page
    assert "No loaded version holds its text" in page
    assert "Foreign-made items: footnote 4" in page


@pytest.mark.parametrize(
    ("day", "state", "confirmed"),
    [("2025-10-01", "in_force", True), ("2026-01-01", "stayed", True), ("2026-11-10", "in_force", False)],
)
def test_the_affiliates_rule_is_read_by_day_and_shown_as_not_confirmed(day, state, confirmed):
    reading = touching(ListedEntry("EL", "Alder"), date.fromisoformat(day))[0]

    assert (reading.switch.key, reading.state, reading.confirmed) == ("affiliates_rule", state, confirmed)


@pytest.mark.parametrize(
    ("listed", "keys"),
    [
        (ListedEntry("UVL", "Alder"), []),
        (ListedEntry("EL", "Address 04", kind="address"), []),
        (ListedEntry("SDN", "Alder", programs=("SDGT",)), ["affiliates_rule"]),
        (ListedEntry("SDN", "Alder", programs=("CUBA",)), []),
        (ListedEntry("EL", "Huawei Alder"), ["affiliates_rule", "tgl_huawei_2019"]),
        (ListedEntry("EL", "Alder", start_date="2019-10-09"), ["affiliates_rule", "savings_2019_10_09"]),
    ],
)
def test_a_dated_rule_stands_beside_the_entries_it_reaches(listed, keys):
    assert keys_for(listed) == keys


# --- as of -----------------------------------------------------------------------------------------------------------


def test_the_page_of_another_time_shows_the_text_of_then_and_the_way_back(entry, client_for, officer):
    load_rule([], title="Later", effective="2019-11-01", revise=[{"name": HIKVISION, "set": {"aliases": ["HIK2"]}}])

    page = page_of(client_for(officer), entry, at="2019-10-20")

    assert "As of Sun 20 Oct 2019" in page.replace('<time datetime="2019-10-20T00:00:00-04:00">', "")
    assert "Back to now" in page
    shown = client_for(officer).get(entry.get_absolute_url(), {"at": "2019-10-20"}).context["page"]
    assert (shown.listed.aliases, shown.pill.text) == (("HIK",), "In force then")


def test_what_was_not_known_yet_was_not_in_force_then(entry, client_for, officer):
    page = client_for(officer).get(entry.get_absolute_url(), {"at": "2019-10-20", "known": "2019-10-20"})

    assert page.context["page"].pill.text == "Not in force then"
    assert "No text of this entry was in force then." in page.content.decode()


@pytest.mark.parametrize("at", ["yesterday", "2019-02-30", "0001-01-01", "9999-12-31T23:59:59-12:00", "\u0660"])
def test_an_unreadable_time_is_refused_in_place(entry, client_for, officer, at):
    answer = client_for(officer).get(entry.get_absolute_url(), {"at": at})

    assert answer.status_code == 422
    assert "That time was not taken" in answer.content.decode()


# --- supplementary names ---------------------------------------------------------------------------------------------


def attach(client: Client, entry: Entry, **changes: str):
    form = {"text": CHINESE, "kind": "other_script", "source": "Company register", "source_date": "2019-10-01"}
    return client.post(reverse("lists:name_add", args=[entry.pk]), form | changes)


def test_a_name_is_attached_and_shown_apart_from_the_official_text(entry, client_for, officer):
    SupplementaryName.objects.all().delete()
    client = client_for(officer)

    assert attach(client, entry).status_code == 302

    page = page_of(client, entry)
    part = page.split('id="names"')[1].split("</section>")[0]
    assert CHINESE in part
    assert "Company register" in part
    assert CHINESE not in page.split("The entry as it reads")[1].split("</section>")[0]
    assert AuditEvent.objects.filter(action="lists.name_added").exists()


@pytest.mark.parametrize(
    "changes", [{"text": "..."}, {"source": ""}, {"source_date": "soon"}, {"source_date": "2999-01-01"}, {"kind": "x"}]
)
def test_a_name_without_its_facts_is_refused_and_what_was_typed_is_kept(entry, client_for, officer, changes):
    before = SupplementaryName.objects.count()

    answer = attach(client_for(officer), entry, **({"text": "Wei Shi", "source": "A letter of theirs"} | changes))

    assert (answer.status_code, SupplementaryName.objects.count()) == (422, before)
    assert (changes.get("text") or "Wei Shi") in answer.content.decode().split('id="names"')[1]


def test_a_name_is_taken_off_with_a_reason_and_stays_visible_struck(entry, client_for, officer):
    client = client_for(officer)
    name = names.add(
        entry=entry, text="Hai Kang", kind="trading", source="Site", source_date=date(2019, 1, 1), actor=officer
    )
    url = reverse("lists:name_withdraw", args=[name.pk])

    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "Another company"}).status_code == 302
    assert client.post(url, {"reason": "Again"}).status_code == 409

    page = page_of(client, entry)
    assert '<del><span class="sr">taken off: </span>Hai Kang</del>' in page
    assert "Another company" in page


def test_an_auditor_sees_names_and_no_form(entry, client_for, auditor):
    assert "Attach a name" not in page_of(client_for(auditor), entry)
    assert attach(client_for(auditor), entry).status_code == 403


def test_the_case_labels_evidence_that_no_list_prints(entry, officer):
    name = names.add(
        entry=entry, text="青山科技有限公司", kind="other_script", source="Register", source_date=date(2019, 1, 1),
        actor=officer,
    )  # fmt: skip
    party = make_counterparty("青山科技有限公司")
    screen_everything()
    match = Case.objects.get(counterparty=party).matches.get().match

    rows = {row.label: row for row in comparison(match, party)}

    said = "supplementary name, source Register, 2019-01-01"
    assert (rows["Name"].listed[0].text, rows["Name"].listed[0].source) == (name.text, said)
    assert name.text in [line.text for line in rows["Supplementary names"].listed]
    assert name.text not in [line.text for line in rows["Also known as"].listed]
    assert any(name.text in sentence and "the list does not print it" in sentence for sentence in in_words(match))


# --- whom it touches, identity ---------------------------------------------------------------------------------------


def test_every_counterparty_it_touches_has_its_score_case_and_decision(client_for, officer):
    case = make_case()

    row = entry_page(Entry.objects.get(), officer).touches[0]

    assert (row.party, row.case_match.case, row.stands) == (case.counterparty, case, True)
    assert "To decide" in page_of(client_for(officer), Entry.objects.get())


def test_counterparties_come_in_pages_at_a_constant_cost(officer, django_assert_max_num_queries):
    for number in range(27):
        make_counterparty(f"Hikvision Digital Tech B{number}")
    load_rule([HIKVISION])
    screen_everything()
    entry = Entry.objects.get()

    with django_assert_max_num_queries(14):
        page = entry_page(entry, officer)
    second = entry_page(entry, officer, number="2")

    assert (len(page.touches), len(second.touches), page.touched.paginator.count) == (25, 2, 27)


def test_a_split_is_told_from_both_sides(entry, officer):
    version = load_rule(["Hikvision Chengdu"], title="Split", effective="2020-01-01").version
    line = version.deltas.get()
    ListDelta.objects.filter(pk=line.pk).update(relation="split_from", related=entry)

    child, parent = entry_page(line.entry, officer), entry_page(entry, officer)

    assert [(row.words, row.entry) for row in child.related] == [("split from", entry)]
    assert [(row.words, row.entry) for row in parent.related] == [("gave rise, by a split, to", line.entry)]


def cosmetic_change(entry: Entry, version: ListVersion, name: str) -> None:
    """The version prints the entry with another look of its name."""
    before = entry.revisions.earliest("pk")
    ListDelta.objects.create(
        version=version, op=DeltaOp.COS, entry=entry, before=before, text=before.text | {"name": name},
        changes={"name": [before.name, name]},
    )  # fmt: skip
    ListVersion.objects.filter(pk=version.pk).update(cosmetic=1)


def test_a_cosmetic_change_shows_its_words_and_ends_no_text(entry, client_for, officer):
    version = load_rule(["Birch"], title="Cosmetic", effective="2020-01-01").version
    cosmetic_change(entry, version, HIKVISION.upper())

    page = entry_page(entry, officer)

    assert (page.listed.name, len(page.rows), page.small[0].changes[0].field) == (HIKVISION.upper(), 1, "name")
    assert "Cosmetic" in page_of(client_for(officer), entry)


# --- a version's tabs ------------------------------------------------------------------------------------------------


def test_cosmetic_lines_stay_folded_until_they_are_asked_for(entry, client_for, officer):
    version = load_rule(["Birch"], title="Cosmetic", effective="2020-01-01").version
    cosmetic_change(entry, version, HIKVISION.upper())
    client = client_for(officer)

    closed, opened = (client.get(version.get_absolute_url(), query) for query in ({}, {"tab": "cosmetic"}))

    assert HIKVISION.upper() not in closed.content.decode()
    assert "Cosmetic <b>1</b>" in closed.content.decode()
    assert HIKVISION.upper() in opened.content.decode()
    assert "no case is opened for them" in opened.content.decode()


def test_a_line_says_what_it_was_split_from(entry, client_for, officer):
    version = load_rule(["Hikvision Chengdu"], title="Split", effective="2020-01-01").version
    version.deltas.update(relation="split_from", related=entry)

    page = client_for(officer).get(version.get_absolute_url()).content.decode()

    assert f'split from <a href="{entry.get_absolute_url()}">{entry}</a>' in page


def test_the_notes_of_a_list_have_their_tab(entry, client_for, officer):
    row = printed_by_regulation(entry)

    page = client_for(officer).get(row.version.get_absolute_url(), {"tab": "notes"}).content.decode()

    assert "Foreign-produced items are meant too." in page


def test_names_that_ship_are_there_from_the_first_load(entry):
    assert names.of_entries([entry.pk])[entry.pk]


def test_a_notice_between_the_text_and_the_day_says_read_it_yourself(client_for, officer):
    entity = {
        "name": "Alder Optics", "citation": "84 FR 54002", "start_date": "2019-10-09",
        "license_requirement": "For all items subject to the EAR", "license_policy": "Presumption of denial",
    }  # fmt: skip
    loaded = load_rule([entity], effective="2019-10-09", citation="84 FR 54002")
    revision = EntryRevision.objects.get(version=loaded.version)
    text = {**revision.text, "citations": [["84 FR 54002", "2019-10-09"], ["85 FR 44161", "2020-07-22"]]}
    EntryRevision.objects.create(
        entry=revision.entry, version=revision.version, key=revision.key, fingerprint="later", name=revision.name,
        text=text, effective_from=moment("2026-03-25"), known_from=timezone.now(),
    )  # fmt: skip
    EntryRevision.objects.filter(pk=revision.pk).update(
        effective_to=moment("2026-03-25"), ended_by=revision.version, end_known_from=timezone.now()
    )
    client = client_for(officer)
    page = reverse("lists:entry", args=[revision.entry_id])

    before = client.get(page, {"item": "EAR99", "day": "2020-01-15"}).content.decode()
    after = client.get(page, {"item": "EAR99", "day": "2020-08-15"}).content.decode()

    assert "85 FR 44161 of 2020-07-22, between the text read here and that day" not in before
    assert "85 FR 44161 of 2020-07-22, between the text read here and that day" in after
