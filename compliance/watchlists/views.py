"""Pages of the lists: what is in force, loading, releasing, activating. Version and entry pages stand in desk."""

from __future__ import annotations

import gzip
import io

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.views import person_of
from compliance.core.errors import ComplianceError, NotAllowed, WrongState
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.watchlists import services as lists
from compliance.watchlists.forms import OPEN_SANCTIONS, HoldForm, ReleaseForm, UploadForm
from compliance.watchlists.models import ListVersion, VersionState
from compliance.watchlists.parsers.form import COLUMN_HELP
from compliance.watchlists.selectors import lists_home
from compliance.watchlists.source_selectors import upload_hints
from compliance.watchlists.source_table import source_rows
from compliance.watchlists.sources import OPEN_SANCTIONS as OPEN_SANCTIONS_KEYS
from compliance.watchlists.sources import SOURCES, source_for_key


@require_safe
@needs(Permission.DESK_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Every version with its state, and what of each list is in force."""
    person = person_of(request)
    sources = source_rows(person)
    context = {
        "page": lists_home(person, request.GET.get("page")), "sources": sources,
        "unused": sum(not row.is_used for row in sources),
        "may_load": person.has_permission(Permission.LIST_LOAD), "fetching": settings.LIST_FETCHING,
    }  # fmt: skip
    return render(request, "lists/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.LIST_LOAD)
def upload(request: HttpRequest) -> HttpResponse:
    """Take in one file. A refused one is kept with its reason, and the form stays for the next try."""
    if request.method != "POST":
        return upload_page(request, UploadForm(initial=chosen_source(request.GET.get("source", ""))))
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return upload_page(request, form, status=422)
    values = form.cleaned_data
    try:
        loaded = lists.load(
            key=values["source"], data=form.data_sent, filename=form.filename, times=form.times,
            activate_now=values["activate_now"], actor=person_of(request),
        )  # fmt: skip
    except ComplianceError as error:
        form.add_error(None, error.sentence)
        return upload_page(request, form, status=error.status)
    if loaded.state == VersionState.REFUSED or loaded.version is None:
        return upload_page(request, form, status=422, loaded=loaded)
    say = messages.warning if loaded.state == VersionState.HELD else messages.info
    say(request, told(loaded))
    if loaded.state != "unchanged":
        for warning in loaded.version.warnings:
            messages.warning(request, f"The gate noticed, and holds nothing for it: {warning}")
    return redirect(loaded.version)


def chosen_source(key: str) -> dict[str, str]:
    """What the form begins with when a source's page leads to it."""
    if key.startswith(OPEN_SANCTIONS_KEYS) and source_for_key(key):
        return {"source": OPEN_SANCTIONS, "dataset": key.removeprefix(OPEN_SANCTIONS_KEYS)}
    return {"source": key} if key in SOURCES else {}


def upload_page(
    request: HttpRequest, form: UploadForm, *, status: int = 200, loaded: lists.Loaded | None = None
) -> HttpResponse:
    hints = upload_hints()
    chosen = next((hint for hint in hints if hint.key == form["source"].value()), None)
    context = {"form": form, "loaded": loaded, "hints": hints, "chosen": chosen, "columns": COLUMN_HELP.items()}
    return render(request, "lists/upload.html", context, status=status)


QUIET = "Active. It changes no entry in a word that counts, so nobody has to be screened again."


def told(loaded: lists.Loaded) -> str:
    """What came of a load, in one or two sentences."""
    version = loaded.version
    if loaded.state == "unchanged" or version is None:
        return f"{loaded.sentence} Nothing new was stored."
    if loaded.state == VersionState.ACTIVE and version.changes_nothing:
        return QUIET
    words = {
        VersionState.HELD: f"Held, not active: {loaded.sentence} Two people can release it by name.",
        VersionState.READY: "The file is good and waits as ready. Activate it when it should take effect.",
        VersionState.PENDING: "Activated: it binds by itself at its effective time, and is screened already.",
        VersionState.ACTIVE: "Active. Every stored counterparty is being screened against the change.",
    }
    return words.get(VersionState(loaded.state), loaded.sentence)


@require_POST
@needs(Permission.LIST_LOAD)
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a ready version in force from its effective time."""
    version = get_object_or_404(ListVersion, pk=pk)
    version = lists.activate(version=version, actor=person_of(request))
    if version.state == VersionState.HELD:
        messages.warning(request, f"Held, and nothing of it is in force: {' '.join(version.reasons)}")
    elif version.state_now == VersionState.ACTIVE and version.changes_nothing:
        messages.success(request, QUIET)
    elif version.state_now == VersionState.ACTIVE:
        messages.success(request, "Active. Every stored counterparty is being screened against the change.")
    else:
        messages.success(
            request, "Activated: it binds by itself at its effective time. Screening against it begins now."
        )
    return redirect(version)


@require_POST
@needs(Permission.LIST_LOAD)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """The first of two people asks for the release of a held version, the second agrees; each with a reason."""
    version = get_object_or_404(ListVersion.objects.select_related("source", "loaded_by", "release_asked_by"), pk=pk)
    form = ReleaseForm(request.POST)
    status = 422
    if form.is_valid():
        first = version.release_asked_by_id is None
        act = lists.ask_release if first else lists.release
        try:
            if not first and form.cleaned_data["move"] == "ask":  # the form was drawn before a colleague asked
                raise WrongState(
                    f"{version.release_asked_by} asked for the release meanwhile: “{version.release_reason}”. Nothing "
                    "was recorded. Send it again if you agree."
                )
            version = act(version=version, actor=person_of(request), reason=form.cleaned_data["reason"])
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            words = (
                "Release asked for. It stays held until another person agrees."
                if first
                else "Released by two. The version is ready and can be activated."
            )
            messages.success(request, words)
            return redirect(version)
    return render(request, "lists/release.html", {"version": version, "form": form}, status=status)


@require_POST
@needs(Permission.LIST_LOAD)
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold a version that is ready or coming, with a reason. What is in force stays."""
    version = get_object_or_404(ListVersion.objects.select_related("source", "loaded_by"), pk=pk)
    form = HoldForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            version = lists.hold(version=version, actor=person_of(request), **form.cleaned_data)
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.warning(request, "Held. What is in force stays as it is; two people can release this version.")
            return redirect(version)
    return render(request, "lists/hold.html", {"version": version, "form": form}, status=status)


@require_safe
def raw(request: HttpRequest, pk: int) -> FileResponse:
    """The file as it was received, for those who load lists and those who audit."""
    person = person_of(request)
    if not (person.has_permission(Permission.LIST_LOAD) or person.has_permission(Permission.AUDIT_READ)):
        raise NotAllowed("Your role may not take away list files. Ask a manager or an auditor.")
    file = get_object_or_404(ListVersion.objects.select_related("raw_file"), pk=pk).raw_file
    name = file.filename.removesuffix(".gz") or "list"
    content = gzip.GzipFile(fileobj=io.BytesIO(bytes(file.content_gz)))
    return FileResponse(content, as_attachment=True, filename=name, content_type="application/octet-stream")
