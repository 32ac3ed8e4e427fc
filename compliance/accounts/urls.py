"""Addresses of sign-in, account and people; `login` and `logout` are Django's own names, so there is no namespace."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from compliance.accounts import views

urlpatterns = [
    path("login/", login_not_required(views.SignIn.as_view()), name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="account_password"),
    path("account/token/", views.token, name="account_token"),
    path("people/", views.people, name="people"),
    path("people/new/", views.person_new, name="person_new"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/role/", views.person_role, name="person_role"),
    path("people/<int:pk>/active/", views.person_active, name="person_active"),
]
