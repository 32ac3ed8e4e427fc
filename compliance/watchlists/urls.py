"""Addresses of the lists pages that need no later app; desk/list_urls.py adds the others and the name `lists`."""

from django.urls import path

from compliance.watchlists import views

urlpatterns = [
    path("", views.home, name="home"),
    path("load/", views.upload, name="upload"),
    path("versions/<int:pk>/activate/", views.activate, name="activate"),
    path("versions/<int:pk>/release/", views.release, name="release"),
    path("versions/<int:pk>/file/", views.raw, name="raw"),
]
