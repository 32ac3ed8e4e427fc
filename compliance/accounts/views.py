"""Sign-in, one's own account, and the people pages of administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.accounts import selectors, services
from compliance.accounts.forms import ActiveForm, PersonForm, RoleForm
from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.audit import services as audit
from compliance.core.errors import ComplianceError
from compliance.core.http import needs
from compliance.core.permissions import Permission


def person_of(request: HttpRequest) -> User:
    """The person who is signed in."""
    assert isinstance(request.user, User)  # noqa: S101 - every page but sign-in needs a person
    return request.user


@method_decorator(never_cache, name="dispatch")
class SignIn(LoginView):
    """User name and password. Success and failure are both kept in the trail."""

    template_name = "registration/login.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101
        services.sign_in(request=self.request, user=user)
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        services.sign_in_failed(username=self.request.POST.get("username", ""))
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo_accounts=selectors.demo_accounts(), **kwargs)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; by POST only, so that no link does it."""
    services.sign_out(request=request, user=person_of(request))
    messages.info(request, "You are signed out.")
    return redirect("login")


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """One's own role and token."""
    return render(request, "accounts/account.html", {"page": selectors.account_page(person_of(request))})


@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    form = PasswordChangeForm(person_of(request), request.POST if request.method == "POST" else None)
    if form.is_valid():
        new = form.cleaned_data["new_password1"]
        services.change_password(person=person_of(request), password=new, request=request)
        messages.success(request, "Your password is changed. Other sessions and your API token have ended.")
        return redirect("account")
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.is_bound else 200)


@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A new API token, shown this once."""
    key = services.make_token(person=person_of(request))
    context = {"page": selectors.account_page(person_of(request)), "token": key}
    return render(request, "accounts/account.html", context)


@require_safe
@needs(Permission.USER_ADMIN)
def people(request: HttpRequest) -> HttpResponse:
    """Everyone, with role and state."""
    return render(request, "accounts/people.html", {"page": selectors.people_page(request.GET.get("page"))})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.USER_ADMIN)
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person."""
    form = PersonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                person = services.create_person(**form.cleaned_data, actor=person_of(request))
            except ComplianceError as error:
                form.add_error(None, error.sentence)
                status = error.status
            else:
                messages.success(request, f"{person} was added as {person.get_role_display().lower()}.")
                return redirect("people")
    return render(request, "accounts/person_new.html", {"form": form}, status=status)


@require_safe
@needs(Permission.USER_ADMIN)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: role, state, trail."""
    return person_page(request, found(pk))


@require_POST
@needs(Permission.USER_ADMIN)
def person_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person another role."""
    subject, form = found(pk), RoleForm(request.POST)
    if not form.is_valid():
        return person_page(request, subject, role_form=form, status=422)
    try:
        services.change_role(person=subject, role=form.cleaned_data["role"], actor=person_of(request))
    except ComplianceError as error:
        form.add_error(None, error.sentence)
        return person_page(request, subject, role_form=form, status=error.status)
    messages.success(request, "The role was changed.")
    return redirect("person", pk=subject.pk)


@require_POST
@needs(Permission.USER_ADMIN)
def person_active(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate a person, or let them in again."""
    subject, form = found(pk), ActiveForm(request.POST)
    if not form.is_valid():
        return person_page(request, subject, active_form=form, status=422)
    active = request.POST.get("active") == "yes"
    try:
        services.set_active(person=subject, active=active, actor=person_of(request), **form.cleaned_data)
    except ComplianceError as error:
        form.add_error(None, error.sentence)
        return person_page(request, subject, active_form=form, status=error.status)
    messages.success(request, f"{subject} {'may sign in again' if active else 'can no longer sign in'}.")
    return redirect("person", pk=subject.pk)


def found(pk: int) -> User:
    return get_object_or_404(User.objects.exclude(role=Role.SYSTEM), pk=pk)


def person_page(
    request: HttpRequest,
    subject: User,
    *,
    role_form: RoleForm | None = None,
    active_form: ActiveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    subject = found(subject.pk)
    context = {
        "person": subject, "is_self": subject.pk == person_of(request).pk,
        "role_form": role_form or RoleForm(initial={"role": subject.role}), "active_form": active_form or ActiveForm(),
        "trail": [{"time": e.recorded_at, "text": e.sentence} for e in audit.about(subject).order_by("-seq")[:20]],
    }  # fmt: skip
    return render(request, "accounts/person.html", context, status=status)
