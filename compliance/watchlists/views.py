"""Pages of the lists: what is in force, loading, releasing, activating. Version and entry pages stand in desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.audit import services as audit
from compliance.core.errors import ComplianceError
from compliance.core.http import needs, signed_in
from compliance.core.permissions import Permission, check_permission
from compliance.watchlists import services as lists
from compliance.watchlists.forms import ReleaseForm, UploadForm
from compliance.watchlists.models import ListVersion, VersionState
from compliance.watchlists.selectors import lists_home
