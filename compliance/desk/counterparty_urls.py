"""All addresses under /counterparties/: those of counterparties, and the pages that draw on later apps."""

from django.urls import path

from compliance.counterparties import urls as counterparties
from compliance.desk import counterparty_views

app_name = "counterparties"
urlpatterns = [
    path("", counterparty_views.counterparty_list, name="list"),
    path("<int:pk>/", counterparty_views.detail, name="detail"),
    *counterparties.urlpatterns,
]
