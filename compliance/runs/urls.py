"""Addresses of the runs pages."""

from django.urls import path

from compliance.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.run_list, name="list"),
    path("start/", views.start, name="start"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("jobs/<int:pk>/retry/", views.retry, name="retry"),
]
