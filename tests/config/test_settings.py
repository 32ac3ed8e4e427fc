"""What the settings make of the environment, read in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCTION = {
    "DATABASE_URL": "postgresql://desk@localhost:1/desk",
    "REDIS_URL": "redis://localhost:1/0",
    "DJANGO_SECRET_KEY": "x" * 50,
    "DJANGO_ALLOWED_HOSTS": "desk.example.com",
}
READ = (
    "import django; django.setup(); from django.conf import settings as s; "
    "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.DEMO_ALLOWED, s.DEBUG)"
)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "False False False True False"),
        (PRODUCTION, "True True True False False"),
        ({**PRODUCTION, "DJANGO_HTTPS": "0"}, "False False False False False"),
    ],
    ids=["embedded, on this machine only", "production behind HTTPS", "production with HTTPS switched off"],
)
def test_cookies_are_secure_whenever_https_is_on_and_the_demo_is_for_the_embedded_set_up_alone(
    environ: dict[str, str], expected: str, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in {*PRODUCTION, "DJANGO_HTTPS"}}
    settings = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "compliance.config.settings"}

    done = subprocess.run(
        [sys.executable, "-c", READ], env={**kept, **settings, **environ}, capture_output=True, text=True, timeout=60
    )

    assert done.stdout.strip() == expected, done.stderr
