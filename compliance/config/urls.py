"""All addresses. Every page needs a sign-in unless its view says @login_not_required."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

handler403 = "compliance.desk.views.forbidden"
handler404 = "compliance.desk.views.not_found"
handler500 = "compliance.desk.views.failed"

urlpatterns = [
    path("", include("compliance.desk.urls")),
    path("", include("compliance.accounts.urls")),
    path("cases/", include("compliance.cases.urls")),
    path("counterparties/", include("compliance.desk.counterparty_urls")),
    path("lists/", include("compliance.desk.list_urls")),
    path("runs/", include("compliance.runs.urls")),
    path("licenses/", include("compliance.licenses.urls")),
    path("audit/", include("compliance.audit.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("compliance.config.api_urls")),
]
