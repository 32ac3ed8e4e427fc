"""Addresses that load and change counterparties; desk/counterparty_urls.py adds the others and the name."""

from django.urls import path

from compliance.counterparties import views

urlpatterns = [
    path("new/", views.new, name="new"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("imports/new/", views.import_new, name="import_new"),
    path("imports/<int:pk>/", views.import_detail, name="import"),
    path("imports/<int:pk>/refused/", views.import_refused, name="import_refused"),
]
