"""Addresses of the licenses pages."""

from django.urls import path

from compliance.licenses import views

app_name = "licenses"
urlpatterns = [
    path("", views.request_list, name="list"),
    path("new/<int:case_pk>/", views.request_new, name="new"),
    path("<int:pk>/", views.request_detail, name="detail"),
    path("<int:pk>/edit/", views.request_edit, name="edit"),
    path("<int:pk>/submit/", views.request_submit, name="submit"),
    path("<int:pk>/decide/", views.request_decide, name="decide"),
    path("<int:pk>/withdraw/", views.request_withdraw, name="withdraw"),
]
