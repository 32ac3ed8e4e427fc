"""Addresses of the lists pages."""

from django.urls import URLPattern

app_name = "lists"
urlpatterns: list[URLPattern] = []
