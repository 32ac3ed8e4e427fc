"""Supplementary names, attached to an entry and taken off again from its page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from compliance.accounts.views import person_of
from compliance.core.errors import ComplianceError
from compliance.core.http import needs
from compliance.core.permissions import Permission
from compliance.desk.list_forms import NameForm, WithdrawNameForm
from compliance.desk.list_views import entry_answer
from compliance.watchlists import names
from compliance.watchlists.models import Entry, SupplementaryName


@require_POST
@needs(Permission.LIST_NAME)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach a name to an entry."""
    entry = get_object_or_404(Entry, pk=pk)
    form = NameForm(request.POST, auto_id="name_%s")
    status = 422
    if form.is_valid():
        try:
            name = names.add(entry=entry, actor=person_of(request), **form.cleaned_data)
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.success(request, f"“{name.text}” is attached. Every counterparty is being screened against it.")
            return redirect(f"{entry.get_absolute_url()}#names")
    return entry_answer(request, entry, name_form=form, status=status)


@require_POST
@needs(Permission.LIST_NAME)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a name off its entry, with a reason."""
    name = get_object_or_404(SupplementaryName.objects.select_related("entry"), pk=pk)
    form = WithdrawNameForm(request.POST, auto_id=f"withdraw_{pk}_%s")
    status = 422
    if form.is_valid():
        try:
            names.withdraw(name=name, actor=person_of(request), **form.cleaned_data)
        except ComplianceError as error:
            form.add_error(None, error.sentence)
            status = error.status
        else:
            messages.success(
                request, f"“{name.text}” was taken off. Matches that rest on it stay until a person decides them."
            )
            return redirect(f"{name.entry.get_absolute_url()}#names")
    return entry_answer(request, name.entry, withdraw_form=form, withdrawing=pk, status=status)
