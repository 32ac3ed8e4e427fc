"""The pages of one list version, of one entry, and of what was in force as of an instant."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from compliance.accounts.views import person_of
from compliance.core.http import needs
from compliance.core.paging import whole_number
from compliance.core.permissions import Permission
from compliance.desk.as_of_selectors import as_of_page
from compliance.desk.entry_meaning import answer_for
from compliance.desk.entry_selectors import entry_page
from compliance.desk.impact import preview_card
from compliance.desk.list_forms import AsOfForm, ClocksForm, ItemForm, NameForm, WithdrawNameForm
from compliance.desk.list_selectors import version_page
from compliance.runs import previews
from compliance.runs.models import Match, RunState
from compliance.watchlists.forms import HoldForm, ReleaseForm
from compliance.watchlists.models import Entry, ListVersion


@require_safe
@needs(Permission.DESK_READ)
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its state, what may be done, and what it changes."""
    rows = ListVersion.objects.select_related("source", "raw_file", "loaded_by", "released_by")
    found = get_object_or_404(rows.defer("raw_file__content_gz"), pk=pk)
    page = version_page(
        found, person_of(request), tab=request.GET.get("tab", ""), number=request.GET.get("page"),
        opened=whole_number(request.GET.get("open", "")),
    )  # fmt: skip
    finished = page.run is not None and page.run.state == RunState.FINISHED
    settling = finished and Match.objects.standing().filter(in_case=None, revision__version=found).exists()
    if finished and not settling and request.headers.get("HX-Request"):  # the waiting part asked: all of it is new
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {
        "page": page, "version": found, "release_form": ReleaseForm(), "hold_form": HoldForm(), "settling": settling,
        "preview": preview_card(found, person_of(request)),
    }  # fmt: skip
    return render(request, "lists/version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.DESK_READ)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a waiting version would touch: the part that asks for itself while it is counted; POST asks for a count."""
    found = get_object_or_404(ListVersion.objects.defer("problems"), pk=pk)
    if request.method == "POST":
        previews.ask(found, person_of(request))
        return redirect(found)
    card = preview_card(found, person_of(request))
    if card is None:  # it binds by now, or was refused: the whole page is another
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "lists/_preview.html", {"preview": card})


@require_safe
@needs(Permission.DESK_READ)
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One listed party, as it reads now or read at an instant; and what it means for one item on one day."""
    return entry_answer(request, get_object_or_404(Entry, pk=pk))


def entry_answer(
    request: HttpRequest, found: Entry, *, name_form: NameForm | None = None,
    withdraw_form: WithdrawNameForm | None = None, withdrawing: int | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The entry's page. A form that was refused stands in it again, with what was typed and why."""
    given = request.GET
    clocks_form = ClocksForm(given) if given.get("at") or given.get("known") else None
    item_form = ItemForm(given) if "item" in given or "day" in given else None
    if (clocks_form and not clocks_form.is_valid()) or (item_form and not item_form.is_valid()):
        status = 422
    clocks = clocks_form.clocks if clocks_form and clocks_form.is_valid() else None
    page = entry_page(found, person_of(request), clocks=clocks, number=given.get("page"))
    if page is None:
        raise Http404
    answer = None
    if item_form and item_form.is_valid():
        answer = answer_for(found, item_form.cleaned_data["item"], item_form.cleaned_data["day"])
    context: dict[str, Any] = {
        "page": page, "entry": found, "clocks_form": clocks_form or ClocksForm(), "answer": answer,
        "item_form": item_form or ItemForm(), "name_form": name_form or NameForm(auto_id="name_%s"),
        "withdraw_form": withdraw_form or WithdrawNameForm(auto_id=False), "withdrawing": withdrawing,
    }  # fmt: skip
    return render(request, "lists/entry.html", context, status=status)


@require_safe
@needs(Permission.DESK_READ)
def as_of(request: HttpRequest) -> HttpResponse:
    """Which entries were in force at an instant, as it was known at another."""
    form = AsOfForm(request.GET)
    if not form.is_valid():
        return render(request, "lists/as_of.html", {"form": form, "page": None}, status=422)
    page = as_of_page(
        form.clocks, list_code=form.cleaned_data["list"], words=form.cleaned_data["q"], number=request.GET.get("page")
    )
    return render(request, "lists/as_of.html", {"form": form, "page": page})
