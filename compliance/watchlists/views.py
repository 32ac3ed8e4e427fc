"""Pages of the lists: what is in force, loading, releasing, activating. Version and entry pages stand in desk."""

from __future__ import annotations

import gzip
import io

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.views import person_of
from compliance.core.errors import ComplianceError, NotAllowed
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.watchlists import services as lists
from compliance.watchlists.forms import ReleaseForm, UploadForm
from compliance.watchlists.models import ListVersion, VersionState
from compliance.watchlists.selectors import lists_home


@require_safe
@needs(Permission.DESK_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Every version with its state, and what of each list is in force."""
    person = person_of(request)
    page = lists_home(person, request.GET.get("page"))
    return render(
        request, "lists/home.html", {"page": page, "may_load": person.has_permission(Permission.LIST_LOAD)}
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.LIST_LOAD)
def upload(request: HttpRequest) -> HttpResponse:
    """Take in one file. A refused one is kept with its reason, and the form stays for the next try."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return render(request, "lists/upload.html", {"form": UploadForm()})
    if not form.is_valid():
        return render(request, "lists/upload.html", {"form": form}, status=422)
    values = form.cleaned_data
    try:
        loaded = lists.load(
            key=values["source"], data=form.data_sent, filename=form.filename, times=form.times,
            activate_now=values["activate_now"], actor=person_of(request),
        )  # fmt: skip
    except ComplianceError as error:
        form.add_error(None, error.sentence)
        return render(request, "lists/upload.html", {"form": form}, status=error.status)
    if loaded.state == VersionState.REFUSED or loaded.version is None:
        return render(request, "lists/upload.html", {"form": form, "loaded": loaded}, status=422)
    say = messages.warning if loaded.state == VersionState.HELD else messages.info
    say(request, told(loaded))
    return redirect(loaded.version)


def told(loaded: lists.Loaded) -> str:
    """What came of a load, in one or two sentences."""
    version = loaded.version
    if loaded.state == "unchanged" or version is None:
        return f"{loaded.sentence} Nothing new was stored."
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
            version = act(version=version, actor=person_of(request), **form.cleaned_data)
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
