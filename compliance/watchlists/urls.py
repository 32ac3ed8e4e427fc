"""Addresses of the lists pages that need no later app; desk/list_urls.py adds the others and the name `lists`."""

from django.urls import path

from compliance.watchlists import notice_views, source_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("load/", views.upload, name="upload"),
    path("load/template.csv", source_views.form_template, name="form_template"),
    path("sources/<slug:key>/", source_views.source, name="source"),
    path("sources/<slug:key>/check/", source_views.check, name="check"),
    path("notices/", notice_views.notice_list, name="notices"),
    path("notices/new/", notice_views.notice_new, name="notice_new"),
    path("notices/<int:pk>/", notice_views.notice, name="notice"),
    path("notices/<int:pk>/close/", notice_views.notice_close, name="notice_close"),
    path("rules/", notice_views.rules, name="rules"),
    path("rules/record/", notice_views.rule_record, name="rule_record"),
    path("conflicts/", source_views.conflicts, name="conflicts"),
    path("versions/<int:pk>/activate/", views.activate, name="activate"),
    path("versions/<int:pk>/release/", views.release, name="release"),
    path("versions/<int:pk>/hold/", views.hold, name="hold"),
    path("versions/<int:pk>/file/", views.raw, name="raw"),
]
