"""Addresses of the audit pages."""

from django.urls import path

from compliance.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="list"),
    path("verify/", views.verify, name="verify"),
    path("export/", views.export, name="export"),
    path("<int:seq>/", views.event, name="event"),
]
