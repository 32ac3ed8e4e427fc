"""All addresses under /lists/: those of watchlists, and the pages that draw on later apps."""

from django.urls import path

from compliance.desk import list_views
from compliance.watchlists import urls as watchlists

app_name = "lists"
urlpatterns = [
    *watchlists.urlpatterns,
    path("versions/<int:pk>/", list_views.version, name="version"),
    path("entries/<int:pk>/", list_views.entry, name="entry"),
]
