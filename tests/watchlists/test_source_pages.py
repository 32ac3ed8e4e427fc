"""Pages of the list sources: health, versions as a chart, looks, conflicts between sources, and the upload form."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.errors import Invalid, NotAllowed
from compliance.jobs.models import Job, JobState
from compliance.watchlists import checks
from compliance.watchlists.charts import day_label, marks, paired, scale_top, single
from compliance.watchlists.conflict_selectors import conflicts_page, sides
from compliance.watchlists.fetching import FETCH
from compliance.watchlists.models import (
    EntryRevision,
    FetchAttempt,
    FetchOutcome,
    ListSource,
    ListVersion,
    SourceConflict,
    VersionState,
)
from compliance.watchlists.parsers.form import COLUMN_HELP, template
from compliance.watchlists.source_selectors import CHARTED, place_of, source_page, versions_chart
from compliance.watchlists.source_table import source_rows
from compliance.watchlists.sources import SOURCES
from tests.desk.queries import queries
from tests.factories import load_rule

pytestmark = pytest.mark.django_db


def text(client, name: str, *args: object, **query: str) -> str:
    return client.get(reverse(name, args=args), query).content.decode()


def looked(outcome: str, sentence: str = "", *, key: str = "csl", code: str = "") -> FetchAttempt:
    """One finished look at a source."""
    source, _made = ListSource.objects.get_or_create(key=key, defaults={"title": SOURCES[key].title})
    now = timezone.now()
    return FetchAttempt.objects.create(
        source=source, started_at=now, finished_at=now, outcome=outcome, sentence=sentence, code=code
    )


def conflict(field: str, one: str, two: str) -> SourceConflict:
    """Two texts of the first entry of a rule, said to differ in a field."""
    revision = EntryRevision.objects.order_by("pk")[0]
    return SourceConflict.objects.create(
        entry=revision.entry, field=field, leading=revision, other=revision, leading_says=one, other_says=two,
        found_at=timezone.now(),
    )  # fmt: skip


# --- the table of sources --------------------------------------------------------------------------------------------


def test_every_known_source_stands_in_the_table(client_for, officer):
    load_rule(["Alder Optics"])

    page = text(client_for(officer), "lists:home")

    for key in SOURCES:
        assert reverse("lists:source", args=[key]) in page


def test_a_source_in_use_that_nobody_checked_within_its_period_is_stale(client_for, officer):
    load_rule(["Alder Optics"])
    ListSource.objects.filter(key="csl").update(checked_at=timezone.now() - timedelta(days=3))

    row = next(row for row in source_rows(officer) if row.health.key == "csl")

    assert (row.pill.text, row.pill.tone, row.age) == ("Stale, limit 2 d", "bad", "3 d")
    assert "Stale, limit 2 d" in text(client_for(officer), "lists:home")


def test_the_table_says_what_went_wrong_at_the_last_look(client_for, officer):
    load_rule(["Alder Optics"])
    looked(FetchOutcome.FAILED, "The server did not answer.", code="timeout")

    assert "The server did not answer." in text(client_for(officer), "lists:home")


def test_refused_and_held_versions_are_told_apart_by_file_and_reason(client_for, officer):
    load_rule(["Alder Optics"])
    version = load_rule(["Birch Avionics"], title="Other", activate=False).version
    ListVersion.objects.filter(pk=version.pk).update(state=VersionState.HELD, reasons=["The list EL is 60 % smaller."])

    page = text(client_for(officer), "lists:home")

    assert page.count("The list EL is 60 % smaller.") == 1
    assert "rule.json</span>: The list EL" in page


def test_the_table_of_sources_takes_the_same_queries_at_any_size(officer):
    load_rule(["Alder Optics"])
    looked(FetchOutcome.UNCHANGED)
    small = queries(lambda: source_rows(officer))
    for key in ("un", "uk", "dpl"):
        for _number in range(4):
            looked(FetchOutcome.FAILED, key=key)
    load_rule(["Birch Avionics"], title="Another")

    assert queries(lambda: source_rows(officer)) == small <= 6


# --- one source ------------------------------------------------------------------------------------------------------


def test_a_source_page_names_its_addresses_without_their_query(client_for, officer):
    page = text(client_for(officer), "lists:source", "ecfr744")

    assert "www.ecfr.gov/api/versioner/v1/full/{date}/title-15.xml" in page
    assert "part=744" not in page


def test_an_address_shows_neither_its_query_nor_its_credentials():
    assert place_of("https://me:secret@lists.example/full.csv?token=abc") == "lists.example/full.csv"


def test_a_source_that_nothing_knows_is_not_found(client_for, officer):
    assert client_for(officer).get(reverse("lists:source", args=["nonsense"])).status_code == 404


def test_a_data_set_that_was_never_loaded_has_a_page(client_for, officer):
    assert "us_bis_denied" in text(client_for(officer), "lists:source", "os-us_bis_denied")


def test_the_last_looks_stand_with_outcome_code_and_sentence(client_for, officer):
    for number in range(25):
        looked(FetchOutcome.FAILED, f"Sentence {number}.", code="http_status")

    page = text(client_for(officer), "lists:source", "csl")

    assert "Sentence 24." in page
    assert "Sentence 5." in page
    assert "Sentence 4." not in page
    assert "http_status" in page


def test_a_manager_asks_for_a_check_and_the_page_waits_for_it(client_for, manager):
    client = client_for(manager)

    answer = client.post(reverse("lists:check", args=["csl"]))

    job = Job.objects.get(kind=FETCH, key="csl")
    page = text(client, "lists:source", "csl")
    assert (answer.status_code, answer.url) == (302, reverse("lists:source", args=["csl"]))
    assert job.requested_by == manager.audit_name
    assert 'hx-trigger="every 2s"' in page


def test_once_the_look_is_over_the_waiting_part_asks_for_the_whole_page(client_for, manager):
    job = checks.check_now(key="csl", actor=manager)
    Job.objects.filter(pk=job.pk).update(state=JobState.SUCCEEDED)

    answer = client_for(manager).get(reverse("lists:source", args=["csl"]), headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"


def test_a_look_that_could_not_be_finished_says_why(client_for, manager):
    job = checks.check_now(key="csl", actor=manager)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="its worker was lost 5 times")

    page = text(client_for(manager), "lists:source", "csl")

    assert "its worker was lost 5 times" in page
    assert "every 2s" not in page


def test_asking_twice_while_one_waits_is_the_same_work(manager):
    assert checks.check_now(key="csl", actor=manager) == checks.check_now(key="csl", actor=manager)


def test_a_source_without_an_address_is_loaded_by_hand(client_for, manager):
    with pytest.raises(Invalid, match="load its file by hand"):
        checks.check_now(key="uflpa", actor=manager)
    page = text(client_for(manager), "lists:source", "uflpa")

    assert reverse("lists:check", args=["uflpa"]) not in page
    assert f"{reverse('lists:upload')}?source=uflpa" in page


def test_an_officer_asks_for_no_check(client_for, officer):
    with pytest.raises(NotAllowed):
        checks.check_now(key="csl", actor=officer)

    assert client_for(officer).post(reverse("lists:check", args=["csl"])).status_code == 403
    assert reverse("lists:check", args=["csl"]) not in text(client_for(officer), "lists:source", "csl")


def test_a_source_page_takes_the_same_queries_at_any_size(officer):
    load_rule(["Alder Optics"])
    load_rule(["Birch Avionics"], title="Second")
    looked(FetchOutcome.UNCHANGED)
    small = queries(lambda: source_page("csl", officer))
    for number in range(6):
        load_rule([f"Cedar {number}"], title=f"Rule {number}")
        looked(FetchOutcome.FAILED)

    assert queries(lambda: source_page("csl", officer)) == small <= 8


# --- the chart -------------------------------------------------------------------------------------------------------


def version(form: str = "change", **counts: int) -> ListVersion:
    return ListVersion(form=form, effective_at=timezone.now(), **counts)


def test_entries_are_those_of_the_whole_list_with_the_changes_put_on_it():
    chart = versions_chart(
        [version("whole", entries=100), version(added=28, removed=1), version("whole", entries=130, added=3)]
    )

    assert chart is not None
    assert [point.entries for point in chart.points] == [100, 127, 130]
    assert chart.entries_words == "Entries went from 100 to 130 over 3 versions."
    assert chart.changes_words.startswith("31 entries were added and 1 removed")


def test_what_lies_before_the_chart_is_not_guessed():
    chart = versions_chart([version(added=1)] * (CHARTED - 1) + [version("whole", entries=9)])

    assert chart is not None
    assert [point.entries for point in chart.points[-2:]] == [None, 9]
    assert len(chart.entries.bars) == 1


def test_one_version_is_no_chart():
    assert versions_chart([version("whole", entries=5)]) is None


def test_the_chart_says_its_finding_and_has_a_table_behind_it(client_for, officer):
    load_rule(["Alder Optics"], effective="2019-10-01")
    load_rule(["Birch Avionics", "Cedar Labs"], title="Second", effective="2019-10-09")

    page = text(client_for(officer), "lists:source", "csl")

    assert 'role="img" aria-label="Entries went from 1 to 3 over 2 versions."' in page
    assert "Show as table" in page
    assert " style=" not in page


def test_bars_keep_their_proportion_and_none_leaves_the_chart():
    chart = single([50, None, 100], height=120)

    heights = [float(bar.height) for bar in chart.bars]
    assert heights == [60.0, 120.0]
    assert all(float(bar.y) + float(bar.height) <= 120.0 for bar in chart.bars)
    assert [bar.kind for bar in chart.bars] == ["up", "now"]


def test_what_is_removed_hangs_below_the_line_on_the_same_scale():
    chart = paired([30, 0], [0, 10], height=80)

    up, down = chart.bars
    assert (up.y, up.height, down.y, down.height) == ("0.0", "60.0", "60.0", "20.0")
    assert [line.text for line in chart.grid] == ["0", "+30", "−10"]


def test_a_value_without_room_is_not_printed_over_another():
    assert paired([14_000], [1], height=80).grid[0].text == ""


def test_a_scale_ends_at_a_round_number():
    assert [scale_top(value) for value in (0, 3, 14_160, 40_001)] == [1, 4, 20_000, 50_000]
    assert (marks(1), marks(20)) == ((0, 1), (0, 10, 20))


def test_words_under_the_outer_bars_stay_within_the_chart():
    assert day_label(0, 60, "a")[:2] == ("0", "start")
    assert day_label(59, 60, "b")[:2] == ("100%", "end")
    assert day_label(0, 2, "c")[:2] == ("25.00%", "middle")


# --- conflicts -------------------------------------------------------------------------------------------------------


def test_listing_dates_come_first_with_the_days_between(client_for, officer):
    load_rule(["Alder Optics"])
    conflict("name", "Alder Optics", "Alder Optic")
    conflict("start_date", "2019-05-21", "2019-08-21")

    page = text(client_for(officer), "lists:conflicts")

    assert "Sources disagree in 2 places" in page
    assert "92 days apart" in page
    assert "Alder Optic</mark>" not in page


def test_only_the_words_that_differ_are_marked():
    load_rule(["Alder Optics"])
    one, two = sides(conflict("license_policy", "Policy of denial for all items.", "Presumption of Denial"))

    assert [(piece.kind, piece.text) for piece in one if piece.text.strip()] == [
        ("only", "Policy"), ("same", "of denial"), ("only", "for all items."),
    ]  # fmt: skip
    assert [(piece.kind, piece.text) for piece in two if piece.text.strip()] == [
        ("only", "Presumption"), ("same", "of Denial"),
    ]  # fmt: skip


def test_of_aliases_only_what_one_of_them_lacks_is_shown(client_for, officer):
    load_rule(["Alder Optics"])
    conflict("aliases", "Alder OOO", "")

    page = text(client_for(officer), "lists:conflicts", field="aliases")

    assert "Only in the leading source" in page
    assert "Alder OOO</mark>" in page
    assert "nothing more" in page


@pytest.mark.parametrize("query", [{}, {"field": "nonsense"}, {"page": "99"}, {"field": "name", "page": "x"}])
def test_an_odd_address_of_the_conflicts_still_gives_the_page(client_for, officer, query):
    assert client_for(officer).get(reverse("lists:conflicts"), query).status_code == 200


def test_the_page_of_conflicts_takes_two_queries_at_any_size(officer):
    load_rule([f"Name {number}" for number in range(30)])
    now = timezone.now()
    SourceConflict.objects.bulk_create(
        SourceConflict(
            entry=row.entry, field="start_date", leading=row, other=row, leading_says="2019-05-21",
            other_says="2020-05-21", found_at=now,
        )
        for row in EntryRevision.objects.select_related("entry")
    )  # fmt: skip

    assert queries(lambda: conflicts_page(officer)) == 2


# --- loading by hand -------------------------------------------------------------------------------------------------


def test_a_link_from_a_source_chooses_it_and_says_which_file_it_is(client_for, manager):
    page = text(client_for(manager), "lists:upload", source="un")

    assert '<option value="un" selected>' in page
    assert "The consolidated list as XML." in page


def test_a_link_from_a_data_set_fills_in_its_name(client_for, manager):
    page = text(client_for(manager), "lists:upload", source="os-us_bis_denied")

    assert '<option value="os" selected>' in page
    assert 'value="us_bis_denied"' in page


def test_the_form_says_what_each_column_holds_and_gives_the_template(client_for, manager):
    client = client_for(manager)
    page = text(client, "lists:upload")
    answer = client.get(reverse("lists:form_template"))

    assert all(f">{name}</th>" in page for name in COLUMN_HELP)
    assert answer.content == template()
    assert 'filename="list-template.csv"' in answer["Content-Disposition"]


def test_what_the_gate_noticed_and_when_stand_beside_the_version(client_for, manager):
    made = load_rule(["Alder Optics"], activate=False).version
    ListVersion.objects.filter(pk=made.pk).update(
        warnings=["The list EL has 1 entry; the official one has 1,000 to 12,000."], edition="2019-10-09",
        inspection_at=timezone.now(), savings_cutoff_at=timezone.now(), release_asked_by=manager,
        release_asked_at=timezone.now(), release_reason="Counted by hand", state=VersionState.HELD,
        reasons=["1 row cannot be read: line 7."],
    )  # fmt: skip

    page = text(client_for(manager), "lists:version", made.pk)

    for words in ("1,000 to 12,000.", "Edition", "On inspection", "no end given", "Counted by hand"):
        assert words in page


def test_a_version_that_two_released_says_so_and_keeps_its_reasons(client_for, manager):
    made = load_rule(["Alder Optics"]).version
    system = User.objects.system()
    ListVersion.objects.filter(pk=made.pk).update(
        release_asked_by=manager, released_by=system, reasons=["1 row cannot be read: line 7."]
    )

    page = text(client_for(manager), "lists:version", made.pk)

    assert "Held, then released" in page
    assert "1 row cannot be read: line 7." in page
