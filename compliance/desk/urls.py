"""Addresses of the pages that draw on several apps."""

from django.urls import path

from compliance.desk import views

urlpatterns = [
    path("", views.today, name="today"),
    path("search/", views.find, name="search"),
    path("screen/", views.screen, name="screen"),
    path("healthz", views.healthz, name="healthz"),
]
