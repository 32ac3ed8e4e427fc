"""A party printed by two sources is one question: the leading text speaks, and each text is asked about once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.cases import opening
from compliance.cases import services as cases
from compliance.cases.models import Case, CaseMatch, CaseState, Disposition, Hold
from compliance.cases.selectors import review as case_page
from compliance.runs.models import Match, WithdrawnBecause
from compliance.watchlists.models import EntryRevision, SourceConflict
from tests.cases.test_services import HIKVISION, change_record, confirm, decide, delist, pair_of, review, state
from tests.factories import load_rule, make_counterparty, screen_everything

pytestmark = pytest.mark.django_db

FALSE, TRUE = Disposition.FALSE_POSITIVE, Disposition.TRUE_MATCH
ENTRY = {
    "name": HIKVISION, "kind": "organization", "aliases": ["Birch Surveillance"],
    "addresses": [{"text": "555 Qianmo Road, Hangzhou", "country": "CN"}],
}  # fmt: skip
OURS = {"addresses": [{"text": "555 Qianmo Road, Hangzhou", "country": "CN"}]}


def load(source: str, effective: str, **changes: Any) -> None:
    load_rule([ENTRY | changes], source=source, title=f"By {source}", effective=effective)
    screen_everything()


def copy(**changes: Any) -> None:
    load("csl", "2019-10-09", **changes)


def regulation(**changes: Any) -> None:
    load("ecfr744", "2019-10-10", **changes)


def revise(source: str = "csl", **changes: Any) -> None:
    line = {"name": HIKVISION, "country": "CN", "set": changes}
    load_rule([], effective="2019-11-01", title="A revision", source=source, revise=[line])
    screen_everything()


@pytest.fixture
def case() -> Case:
    """A counterparty that matches the entry as the regulation prints it."""
    party = make_counterparty("Hikvision Digital Tech", **OURS)
    regulation()
    return Case.objects.get(counterparty=party)


def clear(case: Case, first: User, second: User) -> CaseMatch:
    decide(case, FALSE, first)
    review(case, FALSE, second)
    return pair_of(case)


def speaking(case: Case) -> str:
    return pair_of(case).match.revision.version.source.key


# --- one line --------------------------------------------------------------------------------------------------------


def test_two_sources_give_one_pair_with_both_matches(case):
    copy()

    assert pair_of(case).history.count() == 2


def test_the_leading_source_speaks_though_the_other_came_later(case):
    copy()

    assert speaking(case) == "ecfr744"


def test_the_leading_source_speaks_though_the_other_came_first():
    party = make_counterparty("Hikvision Digital Tech", **OURS)
    copy()
    regulation()

    assert speaking(Case.objects.get(counterparty=party)) == "ecfr744"


def test_the_same_words_in_another_order_leave_a_clearance_quiet(case, officer, second_officer):
    clear(case, officer, second_officer)

    copy(addresses=[{"text": "Hangzhou; 555 QIANMO Road", "country": "CN"}])

    assert (state(case), pair_of(case).disposition) == (CaseState.CLOSED, FALSE)


def test_the_same_words_in_another_order_leave_a_first_decision_waiting(case, officer, second_officer):
    decide(case, TRUE, officer)

    copy(addresses=[{"text": "Hangzhou; 555 QIANMO Road", "country": "CN"}])
    review(case, TRUE, second_officer)

    assert pair_of(case).disposition == TRUE


def test_a_new_alias_of_the_second_source_brings_a_clearance_back(case, officer, second_officer):
    clear(case, officer, second_officer)

    copy(aliases=["Hikvision Digital Tech"])

    assert (pair_of(case).disposition, speaking(case)) == (Disposition.PENDING, "csl")
    case.refresh_from_db()
    assert case.reopened_because == "Consolidated Screening List prints the entry with texts that were not seen yet"


def test_texts_of_two_sources_are_asked_about_once_each(case, officer, second_officer):
    clear(case, officer, second_officer)
    copy(aliases=["Hikvision Digital Tech"])
    clear(case, officer, second_officer)

    change_record(case, identifiers=[{"kind": "vat", "value": "DE123456789"}])

    assert pair_of(case).disposition == FALSE
    assert speaking(case) == "ecfr744"


def test_a_question_of_the_second_source_stays_on_its_text(case, officer, second_officer):
    clear(case, officer, second_officer)
    copy(aliases=["Hikvision Digital Tech"])

    change_record(case, identifiers=[{"kind": "vat", "value": "DE123456789"}])

    assert speaking(case) == "csl"


# --- a source that drops or changes the entry ------------------------------------------------------------------------


def test_when_one_source_drops_the_entry_the_other_speaks(case, officer, second_officer):
    copy()
    hold = confirm(case, officer, second_officer)
    events = AuditEvent.objects.filter(action="cases.matches_withdrawn").count()

    load_rule([], title="Out", effective="2019-11-05", source="ecfr744", remove=[{"name": HIKVISION, "country": "CN"}])
    screen_everything()

    pair = pair_of(case)
    assert (speaking(case), pair.entry_left_at, pair.disposition) == ("csl", None, TRUE)
    assert AuditEvent.objects.filter(action="cases.matches_withdrawn").count() == events
    assert hold.case_match == pair


def test_a_clearance_comes_back_when_only_the_unseen_text_is_left(case, officer, second_officer):
    clear(case, officer, second_officer)
    copy(aliases=["Hikvision Digital Tech"])
    pair = CaseMatch.objects.get()
    CaseMatch.objects.update(
        disposition=FALSE, match=pair.history.get(match__revision__version__source__key="ecfr744").match
    )

    load_rule([], title="Out", effective="2019-11-05", source="ecfr744", remove=[{"name": HIKVISION, "country": "CN"}])
    screen_everything()

    assert (pair_of(case).disposition, speaking(case)) == (Disposition.PENDING, "csl")


def test_passing_pairs_on_costs_the_same_number_of_reads_for_many(case):
    copy()
    rows = list(CaseMatch.objects.select_related("case__counterparty", "match__revision__version__source"))

    with CaptureQueriesContext(connection) as captured:
        opening.other_matches(rows)

    assert len(captured) == 1


CEDAR, ALDER = "Cedar Laser Works", "Alder Optics Ltd."


@pytest.fixture
def cedar() -> Case:
    """A counterparty that matches an entry to which no supplementary name is attached."""
    party = make_counterparty("Cedar Laser Work")
    regulation(name=CEDAR)
    return Case.objects.get(counterparty=party)


def rename(old: str, new: str, effective: str) -> None:
    line = {"name": old, "country": "CN", "set": {"name": new}}
    load_rule([], effective=effective, title=f"Renamed {effective}", source="ecfr744", revise=[line])
    screen_everything()


def test_a_pair_that_a_changed_entry_no_longer_matches_says_so(cedar):
    rename(CEDAR, ALDER, "2019-11-01")

    pair = pair_of(cedar)
    assert (pair.disposition, pair.match.withdrawn_because) == (Disposition.WITHDRAWN, WithdrawnBecause.CHANGED)
    assert pair.departure == "The entry was changed and no longer matches"


def test_a_pair_that_matches_again_after_such_a_change_is_asked_with_the_reason(cedar):
    rename(CEDAR, ALDER, "2019-11-01")

    rename(ALDER, CEDAR, "2019-11-02")

    cedar.refresh_from_db()
    assert cedar.reopened_because == "the entry was changed and matches again"


def test_a_confirmed_party_stays_confirmed_when_its_entry_is_only_changed(cedar, officer, second_officer):
    hold = confirm(cedar, officer, second_officer)

    rename(CEDAR, ALDER, "2019-11-01")

    pair = pair_of(cedar)
    assert (pair.disposition, pair.entry_left_at, hold.binds_now) == (TRUE, None, True)
    assert "The pair no longer matches." in pair.list_reviews.get().because


def test_a_decision_on_a_match_that_ended_is_refused_in_its_own_words(case, officer):
    Match.objects.update(withdrawn_at=timezone.now(), withdrawn_because=WithdrawnBecause.CHANGED)

    with pytest.raises(cases.WrongState, match="the entry was changed and no longer matches"):
        decide(case, FALSE, officer)


# --- what resets a first decision ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "because"),
    [
        (lambda case: revise("ecfr744", aliases=["Hikvision Digital Tech"]),
         "the listed entry changed before the second review"),
        (lambda case: change_record(case, name="Hangzhou Hikvision Digital Technology"),
         "our record changed before the second review"),
    ],
)  # fmt: skip
def test_the_page_says_why_a_waiting_decision_was_taken_back(
    case, officer, client_for: Callable[[User], Client], act: Callable[[Case], None], because
):
    decide(case, TRUE, officer)

    act(case)

    case.refresh_from_db()
    assert (pair_of(case).awaiting_id, case.reopened_because) == (None, because)
    assert because in client_for(officer).get(case.get_absolute_url()).content.decode()


# --- effects of the entry itself -------------------------------------------------------------------------------------


def with_effect(case: Case, code: str) -> None:
    for revision in EntryRevision.objects.all():
        revision.text["effect"] = code
        revision.save(update_fields=["text"])


@pytest.mark.parametrize(("effect", "holds"), [("own_stop", ["own_stop"]), ("warning", []), ("expired_order", [])])
def test_the_entrys_own_effect_says_whether_a_hold_is_placed(case, officer, second_officer, effect, holds):
    with_effect(case, effect)
    decide(case, TRUE, officer)
    review(case, TRUE, second_officer)

    assert list(Hold.objects.values_list("effect", flat=True)) == holds


def test_the_panel_says_what_the_entrys_own_effect_does(case, officer):
    with_effect(case, "warning")

    texts = [item.text for item in case_page(officer, case.pk).panel.consequences]

    assert "No hold is placed: warning" in texts


def test_every_effect_is_shown_side_by_side(case, officer, client_for: Callable[[User], Client]):
    for revision in EntryRevision.objects.all():
        revision.text["footnotes"] = ["1"]
        revision.save(update_fields=["text"])

    page = client_for(officer).get(case.get_absolute_url()).content.decode()

    assert "Foreign-made items: footnote 1" in page
    assert "License required" in page


# --- both sources on the page ----------------------------------------------------------------------------------------


def test_one_source_is_not_called_out(case, officer):
    assert case_page(officer, case.pk).printed.by == []


def test_the_page_names_both_sources_the_leading_one_first_and_what_they_disagree_on(
    case, officer, client_for: Callable[[User], Client]
):
    copy(aliases=["Elm Cameras"])
    SourceConflict.objects.all().delete()
    first, second = EntryRevision.objects.watched().order_by("-version__source__key")
    for field in ("start_date", "addresses"):
        SourceConflict.objects.create(
            entry=first.entry, field=field, leading=first, other=second, found_at=timezone.now()
        )

    printed = case_page(officer, case.pk).printed
    page = " ".join(client_for(officer).get(case.get_absolute_url()).content.decode().split())

    assert [title.split(",")[0] for title, _version in printed.by] == ["15 CFR part 744", "Consolidated Screening List"]
    assert printed.disagree_on == ["listing date", "addresses"]
    assert "Sources disagree on:" in page


def test_the_page_of_an_entry_of_two_sources_costs_one_query_more(case, officer):
    with CaptureQueriesContext(connection) as one:
        case_page(officer, case.pk)
    copy()

    with CaptureQueriesContext(connection) as two:
        case_page(officer, case.pk)

    assert len(two) == len(one) + 1


def test_the_last_listing_gone_ends_the_question(case):
    copy()
    load_rule([], title="Out", effective="2019-11-05", source="ecfr744", remove=[{"name": HIKVISION, "country": "CN"}])
    screen_everything()

    delist(effective="2019-11-06")

    assert (pair_of(case).disposition, state(case)) == (Disposition.WITHDRAWN, CaseState.CLOSED)
