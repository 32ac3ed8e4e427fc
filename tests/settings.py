"""Settings of the tests: a data folder of their own, fast password hashes, no collected static files."""

import os
import tempfile

SCRATCH = tempfile.mkdtemp(prefix="entitydesk-tests-")
os.environ["DATA_DIR"] = SCRATCH
os.environ["LIST_FETCHING"] = "0"  # no test reaches the network, in processes it starts neither
if os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
    os.environ.setdefault("DJANGO_SECRET_KEY", "tests-only-tests-only-tests-only-tests-only-tests-only")
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
    os.environ.setdefault("DJANGO_HTTPS", "0")

from compliance.config.settings import *  # noqa: E402, F403
from compliance.config.settings import ALLOWED_HOSTS  # noqa: E402

ALLOWED_HOSTS += ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
DEMO_ALLOWED = True  # the stories play the demo on PostgreSQL too; what production forbids is tested by setting it
# In-process tests wake no worker; the tests that start real processes use the project's own settings.
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
