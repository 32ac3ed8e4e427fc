"""All addresses under /lists/: those of watchlists, and the pages that draw on later apps."""

from django.urls import path

from compliance.desk import list_views, name_views
from compliance.watchlists import urls as watchlists

app_name = "lists"
urlpatterns = [
    *watchlists.urlpatterns,
    path("as-of/", list_views.as_of, name="as_of"),
    path("versions/<int:pk>/", list_views.version, name="version"),
    path("versions/<int:pk>/preview/", list_views.preview, name="preview"),
    path("entries/<int:pk>/", list_views.entry, name="entry"),
    path("entries/<int:pk>/names/", name_views.add, name="name_add"),
    path("names/<int:pk>/withdraw/", name_views.withdraw, name="name_withdraw"),
]
