"""Addresses of the cases pages."""

from django.urls import path

from compliance.cases import views

app_name = "cases"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/assign/", views.assign, name="assign"),
    path("<int:pk>/ask/", views.ask, name="ask"),
    path("<int:pk>/answer/", views.answer, name="answer"),
    path("<int:pk>/escalate/", views.escalate, name="escalate"),
    path("<int:pk>/return/", views.return_case, name="return"),
    path("<int:pk>/note/", views.note, name="note"),
    path("matches/<int:pk>/decide/", views.decide, name="decide"),
    path("matches/<int:pk>/second-review/", views.second_review, name="second_review"),
    path("reviews/<int:pk>/close/", views.close_review, name="close_review"),
    path("holds/<int:pk>/ask-release/", views.ask_release, name="ask_release"),
    path("holds/<int:pk>/decide-release/", views.decide_release, name="decide_release"),
]
