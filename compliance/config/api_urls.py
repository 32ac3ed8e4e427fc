"""Addresses of the REST API under /api/v1/."""

from django.urls import path

from compliance.accounts import api as accounts
from compliance.audit import api as audit
from compliance.cases import api as cases
from compliance.desk import api as desk
from compliance.licenses import api as licenses
from compliance.runs import api as runs
from compliance.watchlists import api as watchlists
from compliance.watchlists import entry_api as entries

app_name = "api"
urlpatterns = [
    path("token/", accounts.TokenView.as_view(), name="token"),
    path("screen/", desk.ScreenName.as_view(), name="screen"),
    path("counterparties/", desk.CounterpartyList.as_view(), name="counterparties"),
    path("counterparties/<path:external_id>/", desk.CounterpartyDetail.as_view(), name="counterparty"),
    path("cases/", cases.CaseList.as_view(), name="cases"),
    path("cases/<int:pk>/", cases.CaseDetail.as_view(), name="case"),
    path("cases/<int:pk>/assign/", cases.Assign.as_view(), name="case_assign"),
    path("case-matches/<int:pk>/decide/", cases.Decide.as_view(), name="decide"),
    path("case-matches/<int:pk>/second-review/", cases.SecondReview.as_view(), name="second_review"),
    path("case-reviews/<int:pk>/close/", cases.CloseReview.as_view(), name="close_review"),
    path("license-requests/", licenses.RequestList.as_view(), name="license_requests"),
    path("license-requests/<int:pk>/", licenses.RequestDetail.as_view(), name="license_request"),
    path("license-requests/<int:pk>/submit/", licenses.Submit.as_view(), name="license_submit"),
    path("license-requests/<int:pk>/decide/", licenses.DecideRequest.as_view(), name="license_decide"),
    path("license-requests/<int:pk>/withdraw/", licenses.Withdraw.as_view(), name="license_withdraw"),
    path("list-versions/", watchlists.VersionList.as_view(), name="list_versions"),
    path("list-versions/<int:pk>/", watchlists.VersionDetail.as_view(), name="list_version"),
    path("list-versions/<int:pk>/delta/", watchlists.VersionDelta.as_view(), name="list_delta"),
    path("list-versions/<int:pk>/impact/", desk.VersionImpact.as_view(), name="list_impact"),
    path("list-entries/", entries.ListEntries.as_view(), name="list_entries"),
    path("list-entries/<int:pk>/", entries.ListEntryDetail.as_view(), name="list_entry"),
    path("list-entries/<int:pk>/determination/", entries.EntryDetermination.as_view(), name="list_determination"),
    path("runs/", runs.RunList.as_view(), name="runs"),
    path("runs/<int:pk>/", runs.RunDetail.as_view(), name="run"),
    path("audit-events/", audit.EventList.as_view(), name="audit_events"),
    path("audit-events/<int:seq>/", audit.EventDetail.as_view(), name="audit_event"),
]
