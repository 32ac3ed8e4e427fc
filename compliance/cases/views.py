"""The officer's page: the queue, one case, and what a person does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from compliance.accounts.models import User
from compliance.cases import forms, queue, review_selectors, reviews, selectors
from compliance.cases import services as cases
from compliance.cases.models import OUTCOMES, Case, CaseMatch, Decision, Disposition, Hold, ListReview
from compliance.core.errors import ComplianceError, WrongState
from compliance.core.http import needs
from compliance.core.permissions import Permission


def person(request: HttpRequest) -> User:
    return cast(User, request.user)


def number(text: str | None) -> int | None:
    """A number from a query string; anything else is as good as nothing."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


@require_safe
@needs(Permission.DESK_READ)
def case_list(request: HttpRequest) -> HttpResponse:
    """The queue: straight to its first case, or a page that says it is empty. Reviews are listed."""
    user = person(request)
    show = queue.clean_show(request.GET.get("show", ""), user)
    if show == queue.REVIEWS:
        page = review_selectors.open_reviews(user, page=number(request.GET.get("page")) or 1)
        return render(request, "cases/reviews.html", {"queue": queue.queue(user, show=show), "page": page})
    url = queue.first_url(user, show)
    if url:
        return redirect(url)
    return render(request, "cases/empty.html", {"queue": queue.queue(user, show=show)})


@require_safe
@needs(Permission.DESK_READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One case with the match in question."""
    return review_page(request, pk)


def review_page(
    request: HttpRequest,
    pk: int,
    *,
    match: int | None = None,
    bound: forms.CaseForm | None = None,
    bound_to: int | None = None,
    notice: ComplianceError | None = None,
    status: int = 200,
) -> HttpResponse:
    """The case page; with a form that was not taken, its words kept and the reason beside them."""
    user = person(request)
    review = selectors.review(
        user,
        pk,
        match=match or number(request.GET.get("match")),
        show=request.POST.get("show") or request.GET.get("show", ""),
        page=number(request.GET.get("page")) or 1,
        whole_trail=request.GET.get("trail") == "all",
    )
    blank: list[forms.CaseForm] = [
        forms.DecisionForm(initial=chosen(request)), forms.AssignForm(), forms.AskForm(), forms.AnswerForm(),
        forms.EscalateForm(), forms.ReturnForm(), forms.NoteForm(),
    ]  # fmt: skip
    own = {form.name: form for form in blank} | ({bound.name: bound} if bound else {})
    release_forms = [(row, release_form(row, bound if bound_to == row.hold.pk else None)) for row in review.holds]
    review_forms = [
        (
            row,
            bound
            if isinstance(bound, forms.ListReviewForm) and bound_to == row.review.pk
            else list_review_form(row.review),
        )
        for row in review.list_reviews
    ]
    context = {
        "review": review, "case": review.case, "forms": own, "release_forms": release_forms, "notice": notice,
        "review_forms": review_forms,
        "outcomes": OUTCOMES, "open_form": bound.name if bound else request.GET.get("do", ""),
    }  # fmt: skip
    return render(request, "cases/detail.html", context, status=status)


def chosen(request: HttpRequest) -> dict[str, str]:
    """An answer that a link chose beforehand; it is signed on the page all the same."""
    answer = request.GET.get("answer", "")
    return {"outcome": answer} if answer in Disposition.values else {}


def release_form(row: selectors.HoldRow, bound: forms.CaseForm | None = None) -> forms.CaseForm:
    """The form that fits the hold now; the one that was sent only if it still does."""
    kind = forms.DecideReleaseForm if row.mode == "decide" else forms.AskReleaseForm
    if isinstance(bound, kind):
        return bound
    return kind(auto_id=f"hold_{row.hold.pk}_%s")


def refused(form: forms.CaseForm, error: ComplianceError) -> int:
    """Put a service's refusal on the form; returns the answer's status."""
    field = {"note_required": "note", "does_not_fit": "outcome"}.get(error.code)
    form.add_error(field if field in form.fields else None, error.sentence)
    return error.status


# --- decide ----------------------------------------------------------------------------------------------------------

Decide = Callable[..., Decision]


@require_POST
@needs(Permission.CASE_DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """A first decision on one match."""
    return answer_match(request, pk, cases.decide)


@require_POST
@needs(Permission.CASE_REVIEW)
def second_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person's decision on a match that waits for it."""
    return answer_match(request, pk, cases.second_review)


def answer_match(request: HttpRequest, pk: int, service: Decide) -> HttpResponse:
    """Take a decision form; go on to the next question, or show the page again with what stood in the way."""
    user = person(request)
    case_match = get_object_or_404(
        CaseMatch.objects.select_related("case__counterparty").filter(case__in=Case.objects.visible_to(user)), pk=pk
    )
    form = forms.DecisionForm(request.POST)
    if not form.is_valid():
        return review_page(request, case_match.case_id, match=pk, bound=form, status=422)
    try:
        decision = service(case_match=case_match, verdict=form.verdict(), actor=user)
    except WrongState as moved:
        # The question may be another one now: the words are kept, the answer is chosen anew.
        kept = forms.DecisionForm(initial={name: form.cleaned_data[name] for name in ("reason", "note")})
        return review_page(request, case_match.case_id, match=pk, bound=kept, notice=moved, status=moved.status)
    except ComplianceError as error:
        status = refused(form, error)
        return review_page(request, case_match.case_id, match=pk, bound=form, status=status)
    show = queue.clean_show(request.POST.get("show", ""), user)
    case = case_match.case
    messages.success(
        request,
        format_html(
            'Decision recorded for <a href="{}">{}</a>: {}.',
            queue.address_of(case, show, case_match), case.counterparty, recorded(decision),
        ),
    )  # fmt: skip
    return redirect(queue.next_stop(user, case, show))


def recorded(decision: Decision) -> str:
    """What a decision led to, in words."""
    words = decision.get_outcome_display().lower()
    if decision.reviews is None:
        return f"{words}, sent to second review" if decision.needs_second else words
    return f"{words}, both agree" if decision.agrees else f"{words}; you disagree, so a manager decides"


# --- work on a case --------------------------------------------------------------------------------------------------


def work(
    request: HttpRequest, pk: int, form: forms.CaseForm, done: str, service: Callable[[Case, Mapping[str, Any]], object]
) -> HttpResponse:
    """Take a small form on a case and come back to its page."""
    case = get_object_or_404(Case.objects.visible_to(person(request)).select_related("counterparty"), pk=pk)
    match = number(request.POST.get("match"))
    if not form.is_valid():
        return review_page(request, pk, match=match, bound=form, status=422)
    try:
        service(case, form.cleaned_data)
    except WrongState as moved:
        return review_page(request, pk, match=match, bound=form, notice=moved, status=moved.status)
    except ComplianceError as error:
        return review_page(request, pk, match=match, bound=form, status=refused(form, error))
    messages.success(request, f"{done} {case.number}, {case.counterparty}.")
    return redirect(back_to(request, case, match))


def back_to(request: HttpRequest, case: Case, match: int | None) -> str:
    show = queue.clean_show(request.POST.get("show", ""), person(request))
    return queue.address_of(case, show, case.matches.filter(pk=match).first() if match else None)


@require_POST
@needs(Permission.CASE_WORK)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the case, or give it to somebody."""
    user = person(request)
    data = request.POST if request.POST.get("to") else {"to": user.pk}
    form = forms.AssignForm(data)
    return work(
        request, pk, form, "Assigned:", lambda case, said: cases.assign(case=case, to=said["to"], actor=user)
    )  # fmt: skip


@require_POST
@needs(Permission.CASE_WORK)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask somebody for facts."""
    user = person(request)
    return work(
        request, pk, forms.AskForm(request.POST), "Question recorded:",
        lambda case, said: cases.ask_information(case=case, of=said["of"], question=said["question"], actor=user),
    )  # fmt: skip


@require_POST
@needs(Permission.CASE_WORK)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what came back."""
    user = person(request)
    return work(
        request, pk, forms.AnswerForm(request.POST), "Answer recorded:",
        lambda case, said: cases.answer_information(case=case, answer=said["answer"], actor=user),
    )  # fmt: skip


@require_POST
@needs(Permission.CASE_WORK)
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the case to the managers."""
    user = person(request)
    return work(
        request, pk, forms.EscalateForm(request.POST), "Escalated:",
        lambda case, said: cases.escalate(case=case, reason=said["reason"], actor=user),
    )  # fmt: skip


@require_POST
@needs(Permission.CASE_ASSIGN)
def return_case(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an escalated case back to the officer."""
    user = person(request)
    return work(
        request, pk, forms.ReturnForm(request.POST), "Returned:",
        lambda case, said: cases.return_case(case=case, reason=said["reason"], actor=user),
    )  # fmt: skip


@require_POST
@needs(Permission.CASE_WORK)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note on the case."""
    user = person(request)
    return work(
        request, pk, forms.NoteForm(request.POST), "Note kept:",
        lambda case, said: cases.note(case=case, text=said["text"], actor=user),
    )  # fmt: skip


# --- holds -----------------------------------------------------------------------------------------------------------


def on_hold(
    request: HttpRequest, pk: int, kind: type[forms.CaseForm], service: Callable[[Hold, Mapping[str, Any]], str]
) -> HttpResponse:
    """Take a form on a hold and come back to its case."""
    cases_seen = Case.objects.visible_to(person(request))
    hold = get_object_or_404(
        Hold.objects.filter(case_match__case__in=cases_seen).select_related("case_match__case__counterparty"), pk=pk
    )
    case = hold.case_match.case
    form = kind(request.POST, auto_id=f"hold_{pk}_%s")
    page: dict[str, Any] = {"match": hold.case_match_id, "bound": form, "bound_to": pk}
    if not form.is_valid():
        return review_page(request, case.pk, **page, status=422)
    try:
        done = service(hold, form.cleaned_data)
    except WrongState as moved:
        return review_page(request, case.pk, **page, notice=moved, status=moved.status)
    except ComplianceError as error:
        return review_page(request, case.pk, **page, status=refused(form, error))
    messages.success(request, f"{done} {case.number}, {case.counterparty}.")
    return redirect(back_to(request, case, hold.case_match_id))


@require_POST
@needs(Permission.HOLD_RELEASE)
def ask_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that a hold be released."""
    user = person(request)

    def service(hold: Hold, said: Mapping[str, Any]) -> str:
        cases.ask_release(hold=hold, reason=said["reason"], actor=user)
        return "Release asked for; the hold stands until another person decides:"

    return on_hold(request, pk, forms.AskReleaseForm, service)


@require_POST
@needs(Permission.HOLD_RELEASE)
def decide_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Release a hold, or refuse."""
    user = person(request)

    def service(hold: Hold, said: Mapping[str, Any]) -> str:
        release = said["release"] == "yes"
        cases.decide_release(hold=hold, release=release, reason=said["reason"], actor=user)
        return "Hold released:" if release else "Release refused; the hold stands:"

    return on_hold(request, pk, forms.DecideReleaseForm, service)


# --- reviews after list changes --------------------------------------------------------------------------------------


def list_review_form(review: ListReview, data: Mapping[str, Any] | None = None) -> forms.ListReviewForm:
    return forms.ListReviewForm(data, kind=review.kind, auto_id=f"review_{review.pk}_%s")


@require_POST
@needs(Permission.CASE_DECIDE)
def close_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the review of a hold or clearance that a list change touched."""
    user = person(request)
    review = get_object_or_404(
        ListReview.objects.visible_to(user).select_related("case_match__case__counterparty", "case_match__entry"), pk=pk
    )
    case, form = review.case_match.case, list_review_form(review, request.POST)
    page: dict[str, Any] = {"match": review.case_match_id, "bound": form, "bound_to": pk}
    if not form.is_valid():
        return review_page(request, case.pk, **page, status=422)
    try:
        closed = reviews.close(review=review, actor=user, **form.cleaned_data)
    except WrongState as moved:
        return review_page(request, case.pk, **page, notice=moved, status=moved.status)
    except ComplianceError as error:
        return review_page(request, case.pk, **page, status=refused(form, error))
    done = f"Review closed, {closed.get_outcome_display().lower()}:"
    messages.success(request, f"{done} {case.number}, {case.counterparty}.")
    show = queue.clean_show(request.POST.get("show", ""), user)
    if show == queue.REVIEWS and not review_selectors.reviews_of(case, user):
        return redirect(queue.next_stop(user, case, show))
    return redirect(back_to(request, case, review.case_match_id))
