"""Sources fetched from a real server on this machine: what each answer does to what is in force, and what is kept."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit.models import AuditEvent
from compliance.config.beats import fetch_beats
from compliance.config.celery import app
from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.watchlists import attempts, fetching, gate, notices, schedule
from compliance.watchlists import services as lists
from compliance.watchlists.fetching import FETCH
from compliance.watchlists.models import FetchAttempt, ListSource, ListVersion, Notice, RawFile, VersionState
from compliance.watchlists.notices import NoticeFacts
from compliance.watchlists.parsers.bundle import members
from compliance.watchlists.schedule import Look, find_due_fetches, next_look
from compliance.watchlists.sources import REGISTER, SOURCES
from compliance.watchlists.times import WASHINGTON
from tests.factories import load_rule
from tests.watchlists.test_fetch import Server, answer, chunked, conditional
from tests.watchlists.test_services import NAMES, csl, in_force

pytestmark = pytest.mark.django_db

CSL = "/csl.csv"


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(running: Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that gives the CSL, with bounds of the gate that small lists pass."""
    running.asked.clear()
    running.plan.clear()
    settings.LIST_ADDRESSES = {key: "" for key, source in SOURCES.items() if source.is_fetched}
    settings.LIST_ADDRESSES |= {"csl": running.base + CSL, REGISTER.key: ""}
    settings.LIST_DOWNLOAD = {
        "max_bytes": 100_000, "timeout": (1, 0.3), "total_seconds": 3, "retries": 1, "backoff_seconds": 0.01,
    }  # fmt: skip
    for code in gate.BOUNDS:
        monkeypatch.setitem(gate.BOUNDS, code, gate.Bounds())
    return running


def fetch(key: str = "csl") -> FetchAttempt:
    """Do the job that looks at this source, and give the attempt it left."""
    job = schedule.ask(SOURCES.get(key, REGISTER))
    done = jobs.run(job.pk)
    assert done is not None
    assert done.state == JobState.SUCCEEDED, done.error
    return FetchAttempt.objects.get(pk=done.result["attempt"])


def tagged(body: bytes, etag: str) -> Callable[[Any], None]:
    """Answers 304 to its own entity tag alone."""
    return lambda handler: answer(
        *((b"", 304) if handler.headers.get("If-None-Match") == etag else (body, 200)), ETag=etag
    )(handler)


def source(key: str = "csl") -> ListSource:
    return ListSource.objects.get(key=key)


def looked_at(when: datetime, key: str = "csl") -> None:
    ListSource.objects.filter(key=key).update(checked_at=when)


def failures() -> list[dict[str, Any]]:
    return [event.data for event in AuditEvent.objects.filter(action="lists.fetch_failed").order_by("seq")]


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


# --- what comes back -------------------------------------------------------------------------------------------------


def test_a_new_file_is_in_force_at_once(server):
    server.at(CSL, conditional(csl()))

    attempt = fetch()

    assert (attempt.outcome, attempt.size, attempt.version.state) == ("new", len(csl()), VersionState.ACTIVE)
    assert (attempt.version.is_fetched, attempt.version.loaded_by) == (True, User.objects.system())
    assert in_force() == sorted(NAMES)
    assert source().checked_at is not None


def test_a_good_version_stays_ready_when_people_activate(server, settings):
    settings.LIST_AUTO_ACTIVATE = False
    server.at(CSL, answer(csl()))

    assert fetch().version.state == VersionState.READY
    assert in_force() == []


def test_a_source_that_says_nothing_changed_is_checked_and_sends_nothing(server):
    server.at(CSL, conditional(csl()))
    fetch()
    looked_at(LONG_AGO)

    attempt = fetch()

    assert (attempt.outcome, attempt.size, attempt.version) == ("unchanged", 0, None)
    assert server.headers(CSL)[-1]["If-None-Match"] == '"a1"'
    assert source().checked_at > LONG_AGO
    assert ListVersion.objects.count() == 1


def test_an_equal_file_without_a_validator_is_no_change(server):
    server.at(CSL, answer(csl()))
    fetch()
    looked_at(LONG_AGO)

    attempt = fetch()

    assert (attempt.outcome, attempt.size) == ("unchanged", len(csl()))
    assert source().checked_at > LONG_AGO
    assert RawFile.objects.count() == 1


def test_a_changed_file_gives_a_version_with_its_changes(server):
    server.at(CSL, answer(csl()), answer(csl((*NAMES, "Fir Photonics"))))
    fetch()

    attempt = fetch()

    assert (attempt.outcome, attempt.version.added, attempt.version.removed) == ("new", 1, 0)
    assert "Fir Photonics" in in_force()


def test_validators_are_of_one_address_and_one_file(server, settings):
    server.at(CSL, conditional(csl()))
    fetch()
    settings.LIST_ADDRESSES = {**settings.LIST_ADDRESSES, "csl": server.at("/mirror.csv", conditional(csl()))}

    fetch()

    assert "If-None-Match" not in server.headers("/mirror.csv")[0]


def test_a_file_loaded_by_hand_since_is_not_taken_for_the_one_fetched(server):
    server.at(CSL, conditional(csl()))
    fetch()
    other = csl((*NAMES, "Fir Photonics"))
    lists.load(key="csl", data=other, filename="x.csv", actor=User.objects.system(), activate_now=True)

    attempt = fetch()

    assert (attempt.outcome, attempt.version.removed) == ("new", 1)


def test_a_rule_on_top_of_the_list_does_not_make_the_same_file_new(server):
    server.at(CSL, answer(csl()))
    fetch()
    load_rule(["Gum Tree Systems"])

    assert fetch().outcome == "unchanged"
    assert "Gum Tree Systems" in in_force()


# --- what fails ------------------------------------------------------------------------------------------------------


def silent(handler: Any) -> None:
    time.sleep(0.5)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (answer(b"", 500), "http_status"),
        (answer(b"", 404), "http_status"),
        (silent, "timeout"),
        (answer(csl(), Content_Length=str(len(csl()) + 1)), "truncated"),
        (chunked(b"ffff\r\n" + csl()), "truncated"),
        (answer(b""), "empty"),
        (answer(b"x" * 100_001), "too_large"),
    ],
    ids=["500", "404", "time-out", "cut off", "cut off in a chunk", "empty", "too large"],
)
def test_a_failed_check_leaves_everything_as_it_was_and_one_event(server, broken: Callable[[Any], None], code):
    server.at(CSL, conditional(csl()))
    fetch()
    looked_at(LONG_AGO)
    server.at(CSL, broken)

    attempt = fetch()

    assert (attempt.outcome, attempt.code, attempt.version) == ("failed", code, None)
    assert in_force() == sorted(NAMES)
    assert source().checked_at == LONG_AGO
    assert source().validators
    assert [(data["source"], data["code"]) for data in failures()] == [("Consolidated Screening List", code)]


def test_a_wrong_setting_fails_with_its_sentence_and_stops_no_other_source(server, settings):
    settings.LIST_ADDRESSES = {**settings.LIST_ADDRESSES, "csl": ["no", "address"]}
    settings.LIST_FETCHING = True

    find_due_fetches()
    attempt = fetch()

    assert attempt.code == "wrong_setting"
    assert "LIST_ADDRESSES" in attempt.sentence


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b"name,country\nAlder Optics,CN\n"])
def test_a_file_in_another_layout_is_refused_kept_and_asked_for_again(server, body):
    server.at(CSL, conditional(csl()))
    fetch()
    looked_at(LONG_AGO)
    server.at(CSL, tagged(body, '"b2"'))

    attempt = fetch()

    assert (attempt.outcome, attempt.version.state) == ("refused", VersionState.REFUSED)
    assert attempt.version.raw_file.content == body
    assert in_force() == sorted(NAMES)
    assert (source().checked_at, source().validators) == (LONG_AGO, {})
    fetch()
    assert "If-None-Match" not in server.headers(CSL)[-1]


def test_the_same_bad_file_is_kept_once(server):
    server.at(CSL, answer(b"<html>maintenance</html>"))
    first = fetch()

    again = fetch()

    assert (again.outcome, again.version) == ("refused", first.version)
    assert (ListVersion.objects.count(), RawFile.objects.count()) == (1, 1)


def test_the_good_file_after_a_bad_one_is_no_change(server):
    server.at(CSL, answer(csl()), answer(b"<html>"), answer(csl()))
    fetch()
    fetch()

    assert fetch().outcome == "unchanged"
    assert source().checked_at is not None


def test_a_fetched_list_far_too_small_is_held_and_the_last_one_stays(server, monkeypatch):
    server.at(CSL, answer(csl()), answer(csl((*NAMES, "Fir Photonics"))))
    fetch()
    monkeypatch.setitem(gate.BOUNDS, "EL", gate.Bounds(least=1000))

    attempt = fetch()

    assert (attempt.outcome, attempt.code, attempt.version.state) == ("new", "held", VersionState.HELD)
    assert in_force() == sorted(NAMES)


# --- killed, and two at once -----------------------------------------------------------------------------------------


def lost(job: Job) -> None:
    """As if the worker of this job died a while ago."""
    long_ago = timezone.now() - jobs.lease_time() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=long_ago)


def test_a_check_killed_while_it_keeps_its_file_is_closed_and_done_once(server, monkeypatch):
    server.at(CSL, answer(csl()))
    job = schedule.ask(SOURCES["csl"])
    with monkeypatch.context() as patched:
        patched.setattr(attempts, "close", killed)
        with pytest.raises(SystemExit):
            jobs.run(job.pk)
    assert (FetchAttempt.objects.get().outcome, ListVersion.objects.count()) == ("running", 0)
    lost(job)

    jobs.run(job.pk)

    assert list(FetchAttempt.objects.order_by("pk").values_list("outcome", "code")) == [
        ("failed", "interrupted"),
        ("new", ""),
    ]
    assert ListVersion.objects.count() == 1
    assert failures() == []


def killed(*args: Any, **values: Any) -> None:
    raise SystemExit


def test_what_was_taken_over_by_another_worker_is_not_kept(server):
    server.at(CSL, answer(csl()))
    job = schedule.ask(SOURCES["csl"])
    first = jobs.claim(job.pk)
    attempt = attempts.begin(SOURCES["csl"], first)
    lost(job)
    jobs.run(job.pk)

    with pytest.raises(jobs.LeaseLost), attempts.closing(attempt, first):
        pytest.fail("a lost lease must not come here")
    assert ListVersion.objects.count() == 1


def test_a_source_that_is_being_fetched_is_left_to_who_does_it(server):
    server.at(CSL, answer(csl()))
    job = schedule.ask(SOURCES["csl"])
    attempts.begin(SOURCES["csl"], jobs.claim(job.pk))

    other = jobs.run(schedule.ask(SOURCES["csl"]).pk)

    assert "being fetched already" in other.result["note"]
    assert FetchAttempt.objects.get().outcome == "running"


def test_a_long_download_keeps_its_lease(server, settings):
    settings.JOB_LEASE_SECONDS = 0.2
    beats: list[int] = []
    job = schedule.ask(SOURCES["csl"])
    context = jobs.claim(job.pk)
    keep = context.progress
    context.progress = lambda *args, **values: (beats.append(1), keep(*args, **values))

    assert attempts.kept_alive(lambda: time.sleep(0.3) or "done", context) == "done"
    assert len(beats) >= 3


# --- several files, moving addresses ---------------------------------------------------------------------------------


def test_when_one_of_two_files_changes_both_make_the_version(server, settings):
    names = ("SDN.CSV", "ALT.CSV", "ADD.CSV", "SDN_COMMENTS.CSV")
    row = '{0},"{1}",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
    sdn = (row.format(36, "ALDER AIR") + row.format(37, "BIRCH BANK")).encode()
    alt = b'36,12,"aka","ALDER AIRWAYS",-0- \r\n'
    add = b'36,25,"1 Road","Havana","Cuba",-0- \r\n'
    bodies = dict(zip(names, (sdn, alt, add, b""), strict=True))
    settings.LIST_ADDRESSES = {
        **settings.LIST_ADDRESSES,
        "ofac_sdn": {
            name: server.at(f"/{name}", tagged(bodies[name], f'"{name}"')) if bodies[name] else "" for name in names
        },
    }
    first = fetch("ofac_sdn")
    assert first.outcome == "new", first.sentence
    server.at("/ALT.CSV", tagged(b'36,12,"aka","ALDER AIR LINES",-0- \r\n', '"new"'))

    attempt = fetch("ofac_sdn")

    assert (attempt.outcome, attempt.version.modified) == ("new", 1)
    kept = members(attempt.version.raw_file.content, "files")
    assert (kept["SDN.CSV"], b"LINES" in kept["ALT.CSV"]) == (sdn, True)
    assert fetch("ofac_sdn").outcome == "unchanged"


def test_the_regulation_is_not_downloaded_again_for_the_same_day(server, settings, monkeypatch):
    titles = {"titles": [{"number": 15, "latest_issue_date": "2026-07-18"}]}
    settings.LIST_ADDRESSES = {
        **settings.LIST_ADDRESSES,
        "ecfr744": server.base + "/full/{date}/title-15.xml",
        "ecfr744-index": server.at("/titles.json", answer(json.dumps(titles).encode())),
    }
    server.at("/full/2026-07-18/title-15.xml", answer(csl()))
    real = fetching.parse
    monkeypatch.setattr(fetching, "parse", lambda key, data, name: real("csl", data, name))
    assert fetch("ecfr744").outcome == "new"

    assert fetch("ecfr744").outcome == "unchanged"

    assert server.count("/full/2026-07-18/title-15.xml") == 1


def test_an_index_page_that_changed_is_a_failed_check(server, settings):
    settings.LIST_ADDRESSES = {
        **settings.LIST_ADDRESSES,
        "ecfr744": server.base + "/full/{date}/title-15.xml",
        "ecfr744-index": server.at("/titles.json", answer(b"{}")),
    }

    assert fetch("ecfr744").code == "no_issue_date"


# --- when ------------------------------------------------------------------------------------------------------------


def test_nothing_is_asked_of_the_network_by_itself_while_fetching_is_off(server):
    assert find_due_fetches() == 0
    assert not schedule.ask_at_beat("csl")
    assert Job.objects.count() == 0


def test_the_sweep_asks_once_for_what_was_never_looked_at(server, settings):
    settings.LIST_FETCHING = True

    assert (find_due_fetches(), find_due_fetches()) == (1, 0)
    assert not schedule.ask_at_beat("csl")
    assert Job.objects.get().key == "csl"


def test_the_sweep_asks_again_when_the_time_has_come(server, settings):
    settings.LIST_FETCHING = True
    server.at(CSL, answer(csl()))
    fetch()
    assert find_due_fetches() == 0

    FetchAttempt.objects.update(started_at=timezone.now() - timedelta(days=1, minutes=1))

    assert find_due_fetches() == 1


def test_a_failed_check_is_made_again_after_a_pause(server, settings):
    settings.LIST_FETCHING = True
    server.at(CSL, answer(b"", 500))
    fetch()
    assert find_due_fetches() == 0

    FetchAttempt.objects.update(started_at=timezone.now() - timedelta(minutes=16))

    assert find_due_fetches() == 1


START = datetime(2026, 3, 2, 12, tzinfo=WASHINGTON)
OFAC = SOURCES["ofac_sdn"]  # every four hours


@pytest.mark.parametrize(
    ("failing_for", "pause"),
    [
        (timedelta(), timedelta(minutes=15)),
        (timedelta(minutes=15), timedelta(minutes=15)),
        (timedelta(minutes=30), timedelta(minutes=30)),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=9), timedelta(hours=4)),
    ],
)
def test_the_pauses_after_failures_double_up_to_the_rhythm(failing_for, pause):
    assert next_look(OFAC, Look(1, START, START - failing_for)) == START + pause


def test_a_daily_source_is_due_at_its_hour_in_washington_in_winter_and_summer():
    eve = datetime(2026, 3, 7, 12, tzinfo=WASHINGTON)  # clocks change in the night

    due = next_look(SOURCES["csl"], Look(1, eve, None))

    assert due == datetime(2026, 3, 8, 5, 45, tzinfo=WASHINGTON)
    assert next_look(SOURCES["csl"], Look(1, due, None)) == datetime(2026, 3, 9, 5, 45, tzinfo=WASHINGTON)


def test_beat_has_an_entry_for_each_source_that_is_fetched():
    beats = fetch_beats()

    fetched = {key for key, each in SOURCES.items() if each.is_fetched} | {REGISTER.key}
    assert {beat["args"][0] for beat in beats.values()} == fetched
    assert {beat["task"] for beat in beats.values()} <= set(app.tasks)


# --- the Federal Register --------------------------------------------------------------------------------------------


DOCUMENTS = "/api/documents.json"
INSPECTION = "/api/public-inspection-documents/current.json"
BIS = [{"name": "Industry and Security Bureau"}]
FILED = {
    "document_number": "2019-22210", "title": None, "toc_subject": "Addition of Certain Entities to the Entity List",
    "toc_doc": "", "type": "Rule", "filed_at": "2019-10-08T08:45:00-04:00", "publication_date": "2019-10-09",
    "agencies": BIS,
}  # fmt: skip
PRINTED = {
    "document_number": "2019-22210", "title": "Addition of Certain Entities to the Entity List", "type": "Rule",
    "citation": "84 FR 54002", "publication_date": "2019-10-09", "effective_on": "2019-10-09", "agencies": BIS,
    "abstract": "This rule amends the EAR by adding twenty-eight entities to the Entity List.",
    "html_url": "https://www.federalregister.gov/d/2019-22210",
}  # fmt: skip
OTHER = {**PRINTED, "document_number": "2019-33333", "title": "Export fees", "abstract": "Fees.", "citation": ""}


def page_of(*documents: dict[str, Any], **more: Any) -> Callable[[Any], None]:
    return answer(json.dumps({"count": len(documents), "results": documents, **more}).encode())


@pytest.fixture
def register(server: Server, settings: Any) -> Server:
    settings.LIST_ADDRESSES = {**settings.LIST_ADDRESSES, REGISTER.key: server.base + "/api"}
    server.at(INSPECTION, page_of())
    server.at(DOCUMENTS, page_of())
    return server


def test_a_document_about_a_list_raises_one_notice_with_what_its_abstract_says(register):
    register.at(DOCUMENTS, page_of(PRINTED, OTHER))

    attempt = fetch(REGISTER.key)
    fetch(REGISTER.key)

    notice = Notice.objects.get()
    assert (notice.lists, notice.citation, notice.added, notice.revised) == (["EL"], "84 FR 54002", 28, None)
    assert notice.effective_at == datetime(2019, 10, 9, tzinfo=WASHINGTON)
    assert attempt.outcome == "new"
    assert AuditEvent.objects.filter(action="lists.notice_changed").count() == 0
    assert source(REGISTER.key).checked_at is not None


def test_a_document_on_public_inspection_is_completed_when_it_is_printed(register):
    register.at(INSPECTION, page_of(FILED, {**FILED, "document_number": "2019-44444", "agencies": []}))
    fetch(REGISTER.key)
    assert (Notice.objects.get().citation, Notice.objects.get().added) == ("", None)
    register.at(INSPECTION, page_of())
    register.at(DOCUMENTS, page_of(PRINTED))

    fetch(REGISTER.key)

    notice = Notice.objects.get()
    assert (notice.citation, notice.added) == ("84 FR 54002", 28)
    assert notice.inspection_at == datetime(2019, 10, 8, 8, 45, tzinfo=WASHINGTON)


def test_a_notice_closes_when_a_version_that_carries_it_is_active(register):
    register.at(DOCUMENTS, page_of(PRINTED))
    fetch(REGISTER.key)

    version = load_rule(["Alder Optics"]).version

    assert Notice.objects.get().closed_by_version == version
    fetch(REGISTER.key)
    assert Notice.objects.count() == 1


def test_a_notice_closes_when_its_citation_is_known_after_the_list_took_it_up(register):
    register.at(INSPECTION, page_of(FILED))
    fetch(REGISTER.key)
    cited = {"Alder Optics": {"federal_register_notice": "84 FR 54002", "start_date": "2019-10-09"}}
    register.at(CSL, answer(csl(changes=cited)))
    version = fetch().version
    assert Notice.objects.get().closed_at is None
    register.at(DOCUMENTS, page_of(PRINTED))

    fetch(REGISTER.key)

    assert Notice.objects.get().closed_by_version == version


def test_a_rule_that_an_older_version_brought_raises_no_notice(register):
    cited = {"Alder Optics": {"federal_register_notice": "84 FR 54002", "start_date": "2019-10-09"}}
    register.at(CSL, answer(csl(changes=cited)), answer(csl((*NAMES, "Fir Photonics"), changes=cited)))
    fetch()
    assert fetch().outcome == "new"
    register.at(DOCUMENTS, page_of(PRINTED))

    fetch(REGISTER.key)

    assert Notice.objects.count() == 0


def test_next_pages_are_read_and_one_on_another_server_is_not(register):
    register.at("/api/page2.json", page_of({**PRINTED, "document_number": "2019-55555", "citation": "84 FR 60000"}))
    register.at(DOCUMENTS, page_of(PRINTED, next_page_url=register.base + "/api/page2.json"))
    fetch(REGISTER.key)
    assert Notice.objects.count() == 2
    register.at(DOCUMENTS, page_of(PRINTED, next_page_url="http://127.0.0.2/api/page2.json"))

    assert fetch(REGISTER.key).code == "wrong_layout"


def test_pages_without_end_are_given_up(register):
    register.at(DOCUMENTS, page_of(PRINTED, next_page_url=register.base + DOCUMENTS))

    assert fetch(REGISTER.key).code == "too_many_pages"
    assert Notice.objects.count() == 0


def test_a_look_that_failed_does_not_count_as_one(register):
    register.at(DOCUMENTS, answer(b"<html>"))

    attempt = fetch(REGISTER.key)

    assert attempt.outcome == "failed"
    assert source(REGISTER.key).checked_at is None
    assert failures()[0]["source"] == REGISTER.title


def test_the_next_look_goes_back_a_week_behind_the_last_good_one(register):
    fetch(REGISTER.key)
    looked_at(datetime(2026, 3, 20, 12, tzinfo=WASHINGTON), REGISTER.key)
    asked: list[str] = []
    register.plan[DOCUMENTS] = lambda handler, count: (asked.append(handler.path), page_of()(handler))[1]

    fetch(REGISTER.key)

    assert "%5Bgte%5D=2026-03-13" in asked[0]


def test_a_link_that_is_no_web_address_is_not_kept(register):
    register.at(DOCUMENTS, page_of({**PRINTED, "html_url": "javascript:alert(1)"}))

    fetch(REGISTER.key)

    assert Notice.objects.get().url == ""


def test_an_announcement_by_hand_lives_like_a_document(officer):
    facts = NoticeFacts(
        title="BIS announces additions", lists=("EL",), citation="84 FR 54002", source="Press release",
        announced_at=datetime(2019, 10, 7, tzinfo=WASHINGTON),
    )  # fmt: skip
    notice = notices.enter(facts=facts, actor=officer)
    assert notice.closed_at is None

    version = load_rule(["Alder Optics"]).version

    notice.refresh_from_db()
    assert (notice.closed_by_version, notice.entered_by) == (version, officer)


# --- the command -----------------------------------------------------------------------------------------------------


def said(*args: str) -> str:
    out = io.StringIO()
    call_command("fetch_lists", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_the_command_fetches_what_has_an_address_and_says_what_came(server):
    server.at(CSL, conditional(csl()))

    first, again = said(), said()

    assert first == f"csl: new version {ListVersion.objects.get().pk}: +5 ~0 -0, active"
    assert again == "csl: not changed"


def test_the_command_fails_when_a_source_failed_and_still_prints_all(server):
    server.at(CSL, answer(b"", 500))
    out = io.StringIO()

    with pytest.raises(CommandError, match="csl"):
        call_command("fetch_lists", "--json", stdout=out)

    (row,) = json.loads(out.getvalue())["sources"]
    assert (row["source"], row["outcome"], row["code"]) == ("csl", "failed", "http_status")


@pytest.mark.parametrize("key", ["nonsense", "un", "watchlist", "rule"])
def test_the_command_names_what_it_cannot_fetch(server, key):
    with pytest.raises(CommandError, match=r"no list source|no address"):
        said(key)


def test_the_command_waits_for_the_screening(server):
    server.at(CSL, answer(csl()))

    said("csl", "--wait")

    assert not Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()
    assert Job.objects.filter(kind=FETCH).count() == 1
