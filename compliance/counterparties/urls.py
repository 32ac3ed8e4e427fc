"""Addresses of the counterparties pages."""

from django.urls import URLPattern

app_name = "counterparties"
urlpatterns: list[URLPattern] = []
