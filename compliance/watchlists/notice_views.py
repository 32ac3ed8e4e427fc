"""Pages of early warnings and of dated rules: what is announced, what is stayed, and what people record of it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts.views import person_of
from compliance.core.errors import ComplianceError, Invalid
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.watchlists import later_rules, notices
from compliance.watchlists.forms import CloseNoticeForm, LaterRuleForm, NoticeForm, RuleDayForm
from compliance.watchlists.models import Notice
from compliance.watchlists.notice_selectors import notice_page, notices_page
from compliance.watchlists.rule_selectors import rule_rows
from compliance.watchlists.switches import SWITCHES


@require_safe
@needs(Permission.DESK_READ)
def notice_list(request: HttpRequest) -> HttpResponse:
    """Early warnings, those that bind first on top, the closed ones below."""
    page = notices_page(person_of(request), request.GET.get("page"))
    return render(request, "lists/notices.html", {"page": page})


@require_safe
@needs(Permission.DESK_READ)
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One early warning with its facts and its life."""
    return one_notice(request, pk, CloseNoticeForm())


def one_notice(request: HttpRequest, pk: int, form: CloseNoticeForm, status: int = 200) -> HttpResponse:
    found = get_object_or_404(Notice.objects.select_related("entered_by", "closed_by", "closed_by_version"), pk=pk)
    page = notice_page(found, person_of(request))
    return render(request, "lists/notice.html", {"page": page, "notice": found, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.NOTICE_WORK)
def notice_new(request: HttpRequest) -> HttpResponse:
    """Enter an announcement made elsewhere."""
    form = NoticeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "lists/notice_new.html", {"form": form})
    status = 422
    if form.is_valid():
        try:
            made = notices.enter(facts=form.facts, actor=person_of(request))
        except Invalid as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.success(request, "Entered. It stays open until a version that carries it is active.")
            return redirect(made)
    return render(request, "lists/notice_new.html", {"form": form}, status=status)


@require_POST
@needs(Permission.NOTICE_WORK)
def notice_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an early warning by name, with the reason."""
    form = CloseNoticeForm(request.POST)
    status = 422
    if form.is_valid():
        found = get_object_or_404(Notice, pk=pk)
        try:
            notices.close(notice=found, reason=form.cleaned_data["reason"], actor=person_of(request))
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.success(request, "Closed, with your reason in the trail.")
            return redirect(found)
    return one_notice(request, pk, form, status)


@require_safe
@needs(Permission.DESK_READ)
def rules(request: HttpRequest) -> HttpResponse:
    """Dated rules as they stand on a day, today unless another is asked for."""
    day, days = timezone.localdate(), RuleDayForm(request.GET if request.GET.get("day") else None)
    if days.is_bound and days.is_valid():
        day = days.cleaned_data["day"]
    wanted = request.GET.get("rule", "")
    form = LaterRuleForm(initial={"switch": wanted} if wanted in SWITCHES else None)
    return rules_page(request, day, days, form, status=422 if days.errors else 200)


def rules_page(request: HttpRequest, day: date, days: RuleDayForm, form: LaterRuleForm, status: int) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "rows": rule_rows(day), "day": day, "today": today, "days": days, "form": form,
        "day_value": days["day"].value() or day.isoformat(),
        "may_record": person_of(request).has_permission(Permission.LIST_LOAD),
    }  # fmt: skip
    return render(request, "lists/rules.html", context, status=status)


@require_POST
@needs(Permission.LIST_LOAD)
def rule_record(request: HttpRequest) -> HttpResponse:
    """Record a later rule on a dated rule, by its citation."""
    form = LaterRuleForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            made = later_rules.record(**form.cleaned_data, actor=person_of(request))
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.success(request, f"Recorded in your name: {made.citation}.")
            return redirect(f"{reverse('lists:rules')}?day={made.begins.isoformat()}#{made.switch}")
    return rules_page(request, timezone.localdate(), RuleDayForm(), form, status)
