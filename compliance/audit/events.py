"""The catalogue of audit events: action → the fields it carries, and the sentence people read.

A sentence is filled from the event's data and `subject`. Adding an action here is the only way to record it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Action:
    """One kind of event. `fields` must be given exactly; `icon` is the mark in a trail."""

    fields: tuple[str, ...]
    sentence: str
    icon: str = "check"


def _action(sentence: str, *fields: str, icon: str = "check") -> Action:
    return Action(fields, sentence, icon)


CATALOGUE: dict[str, Action] = {
    # people
    "person.signed_in": _action("{subject} signed in", "method", icon="user"),
    "person.signed_out": _action("{subject} signed out", icon="user"),
    "person.sign_in_failed": _action("Sign-in failed for “{username}”: {reason}", "username", "reason", icon="alert"),
    "person.created": _action("{subject} was added as {role}", "role", icon="user"),
    "person.role_changed": _action("{subject} changed from {before} to {after}", "before", "after", icon="users"),
    "person.deactivated": _action("{subject} was deactivated: {reason}", "reason", icon="lock"),
    "person.reactivated": _action("{subject} was activated again: {reason}", "reason", icon="user"),
    "person.password_changed": _action("{subject} changed their password", icon="lock"),
    "person.token_made": _action("{subject} made a new API token; the one before is void", icon="hash"),
    # lists
    "list_version.received": _action(
        "{subject} was received: {entries} entries, file {sha256}",
        "source", "form", "entries", "sha256", "announced", "published", "effective", "problems", icon="download",
    ),
    "list_version.refused": _action("{subject} was refused: {reason}", "source", "sha256", "reason", icon="x"),
    "list_version.held": _action("{subject} is held: {reasons}", "source", "reasons", icon="pause"),
    "list_version.release_asked": _action("Release of {subject} was asked for: {reason}", "reason", icon="clock"),
    "list_version.released": _action("{subject} was released: {reason}", "reason", "asked_by", icon="check"),
    "list_version.scheduled": _action(
        "{subject} binds at {effective}: {added} added, {modified} modified, {removed} removed",
        "source", "effective", "added", "modified", "removed", "cosmetic", icon="clock",
    ),
    "list_version.activated": _action(
        "{subject} became active: {added} added, {modified} modified, {removed} removed",
        "source", "effective", "added", "modified", "removed", "cosmetic", "sha256", "delta_digest", icon="list",
    ),
    "list_version.superseded": _action("{subject} was superseded by {by}", "by", icon="list"),
    "lists.fetch_failed": _action("{source} could not be fetched: {reason}", "source", "code", "reason", icon="alert"),
    "lists.notice_found": _action(
        "{subject} was found: {added} added, {revised} revised, {removed} removed",
        "origin", "citation", "document", "lists", "added", "revised", "removed", "effective", "source", icon="flag",
    ),
    "lists.notice_changed": _action("{subject} was changed: {changes}", "changes", icon="pencil"),
    "lists.notice_closed": _action("{subject} was closed: {reason}", "reason", "by_version", icon="check"),
    "lists.name_added": _action(
        "“{text}” was attached to {subject} as {kind}, source {source} of {source_date}",
        "text", "kind", "source", "source_date", icon="plus",
    ),
    "lists.name_withdrawn": _action("“{text}” was taken off {subject}: {reason}", "text", "reason", icon="minus"),
    "lists.later_rule_recorded": _action(
        "{citation} was recorded: {switch} is {state} from {begins}",
        "switch", "state", "begins", "ends", "citation", "note", icon="file",
    ),
    # counterparties
    "counterparty.created": _action("{subject} was created", "changes", icon="plus"),
    "counterparty.updated": _action("{subject} was changed: {fields}", "fields", "changes", icon="pencil"),
    "counterparties.imported": _action(
        "{file}: {read} rows read, {created} created, {updated} updated, {unchanged} unchanged, {refused} refused",
        "file", "sha256", "read", "created", "updated", "unchanged", "refused", icon="upload",
    ),
    "counterparties.batch_imported": _action(
        "{file}: rows {first_line} to {last_line}, {created} created, {updated} updated",
        "file", "first_line", "last_line", "created", "updated", "digest", icon="upload",
    ),
    # runs
    "run.asked": _action("{subject} was asked for: {reason}", "reason", icon="play"),
    "job.retried": _action("{kind} was started again", "kind", icon="refresh"),
    "run.started": _action(
        "{subject} started: {trigger}, {entries} entries against {counterparties} counterparties",
        "trigger", "version", "entries", "counterparties", "engine", "fingerprint", "reason", icon="play",
    ),
    "run.finished": _action(
        "{subject} finished: {screened} screened, {matches} matches, {not_screenable} not screenable, {failed} failed",
        "screened", "matches", "not_screenable", "failed", "results_digest", icon="check",
    ),
    "run.failed": _action("{subject} failed: {reason}", "reason", icon="alert"),
    "run.matches_withdrawn": _action(
        "{subject} withdrew {count} matches of removed or changed entries", "count", "matches", icon="undo"
    ),
    # cases
    "cases.opened": _action(
        "{subject} opened {opened} cases, reopened {reopened}, added {matches} matches",
        "opened", "reopened", "matches", "cases", icon="flag",
    ),
    "cases.matches_withdrawn": _action(
        "{subject}: the entries of {count} matches left the list or no longer match", "count", "cases", icon="undo"
    ),
    "cases.reviews_asked": _action(
        "{subject}: {count} holds and clearances rest on entries that changed", "count", "cases", icon="flag"
    ),
    "case.review_closed": _action(
        "{kind} on {entry} was looked at again: {outcome}", "kind", "entry", "because", "outcome", "note", icon="check"
    ),
    "case.assigned": _action("{subject} was assigned to {to}", "to", icon="user"),
    "case.information_requested": _action(
        "Information was asked of {of}: {question}", "of", "question", icon="question"
    ),
    "case.information_received": _action("The answer came: {answer}", "answer", icon="info"),
    "case.escalated": _action("{subject} was escalated: {reason}", "reason", icon="alert"),
    "case.returned": _action("{subject} went back to the officer: {reason}", "reason", icon="undo"),
    "case.noted": _action("Note: {text}", "text", icon="pencil"),
    "case.match_decided": _action(
        "{entry}: {outcome}, {reason}",
        "match", "entry", "outcome", "reason", "note", "score", "band", "stage", "seen", icon="check",
    ),
    "case.second_review_agreed": _action(
        "Second review agreed on {entry}: {outcome}",
        "match", "entry", "outcome", "reason", "note", "first_by", "seen", icon="users",
    ),
    "case.second_review_disagreed": _action(
        "Second review disagreed on {entry}: {outcome} instead",
        "match", "entry", "outcome", "reason", "note", "first_by", "seen", icon="users",
    ),
    "case.awaits_second_review": _action("{subject} awaits second review", icon="users"),
    "case.decided": _action("{subject} is decided: {outcome}", "outcome", icon="check"),
    "case.closed": _action("{subject} was closed: {reason}", "reason", icon="check"),
    "hold.placed": _action(
        "Hold placed on {counterparty}: {effect}, binds from {binds_from}",
        "counterparty", "entry", "list", "effect", "binds_from", icon="pause",
    ),
    "hold.release_asked": _action("Release of the hold was asked for: {reason}", "reason", icon="clock"),
    "hold.released": _action("Hold released: {reason}", "reason", "asked_by", icon="check"),
    "hold.release_refused": _action("Release of the hold was refused: {reason}", "reason", "asked_by", icon="x"),
    # licenses
    "license_request.drafted": _action("{subject} was drafted from {case}", "case", "title", icon="file"),
    "license_request.changed": _action("{subject} was changed: {fields}", "fields", icon="pencil"),
    "license_request.submitted": _action("{subject} was submitted", "body", icon="arrow-right"),
    "license_request.approved_to_file": _action(
        "{subject} was approved to file: {reason}", "reason", "conditions", icon="check"
    ),
    "license_request.returned": _action("{subject} was returned: {reason}", "reason", icon="undo"),
    "license_request.rejected": _action("{subject} was rejected: {reason}", "reason", icon="x"),
    "license_request.withdrawn": _action("{subject} was withdrawn: {reason}", "reason", icon="x"),
    # trail and system
    "audit.exported": _action(
        "{count} events were exported, {first_seq} to {last_seq}",
        "filter", "count", "first_seq", "last_seq", "head_seq", "head_hash", "manifest_sha256", icon="download",
    ),
    "audit.verified": _action("The chain was verified: {result}", "result", "count", "head_seq", icon="shield"),
    "job.failed": _action("Job {kind} failed for good: {reason}", "kind", "reason", "attempts", icon="alert"),
    "demo.seeded": _action("The demo was seeded", "parts", icon="info"),
}  # fmt: skip


# How labels of our own things begin; names of others keep their own letters at the start of a sentence.
OUR_WORDS = ("case ", "hold ", "import ", "job ", "license request ", "list version ", "run ")


class _Missing(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "unknown"


def sentence(action: str, subject_label: str, data: Mapping[str, Any]) -> str:
    """The event in words. An action that is no longer in the catalogue still reads as its name."""
    known = CATALOGUE.get(action)
    if known is None:
        return f"{subject_label}: {action}"
    words = {key: _words(value) for key, value in data.items()}
    if known.sentence.startswith("{subject}") and subject_label.startswith(OUR_WORDS):
        subject_label = subject_label[:1].upper() + subject_label[1:]
    return known.sentence.format_map(_Missing(words, subject=subject_label))


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_words(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items()) or "none"
    text = str(value).replace("_", " ") if isinstance(value, str) and value.isidentifier() else str(value)
    return text if value not in (None, "") else "none"
