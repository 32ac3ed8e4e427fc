"""Reads the environment once, in types, and says in a sentence what is missing.

It is production when DATABASE_URL or REDIS_URL is set; then both, DJANGO_SECRET_KEY and
DJANGO_ALLOWED_HOSTS must be set. Otherwise everything lives under DATA_DIR and listens on this machine only.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parents[2]
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON; PRAGMA cache_size=-20000; "
    "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364;"
)
HOW_TO_SET = {
    "DATABASE_URL": "the PostgreSQL database, e.g. DATABASE_URL=postgresql://user:password@host:5432/entitydesk",
    "REDIS_URL": "the Redis that carries messages to the workers, e.g. REDIS_URL=redis://host:6379/0",
    "DJANGO_SECRET_KEY": "a long random string that stays the same, e.g. the output of `openssl rand -base64 48`",
    "DJANGO_ALLOWED_HOSTS": "the host names that people type, separated by commas, e.g. desk.example.com",
}


@dataclass(frozen=True)
class Environment:
    """What the settings need of the environment."""

    production: bool
    data_dir: Path
    database: dict[str, Any]
    redis_url: str
    secret_key: str
    allowed_hosts: list[str]
    https: bool
    list_fetching: bool
    list_addresses: dict[str, Any]


def read(environ: Mapping[str, str]) -> Environment:
    """The environment in types. Raises ImproperlyConfigured with a sentence that says what to set."""
    data_dir = Path(environ.get("DATA_DIR") or ROOT / "var").expanduser().resolve()
    production = bool(environ.get("DATABASE_URL") or environ.get("REDIS_URL"))
    if not production:
        data_dir.mkdir(parents=True, exist_ok=True)
        return Environment(
            production=False,
            data_dir=data_dir,
            database=sqlite(data_dir / "entitydesk.sqlite3"),
            redis_url="",
            secret_key=environ.get("DJANGO_SECRET_KEY") or secret_key_of(data_dir),
            allowed_hosts=hosts(environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")),
            https=False,
            list_fetching=environ.get("LIST_FETCHING", "0") == "1",
            list_addresses=addresses(environ.get("LIST_ADDRESSES", "")),
        )
    missing = [name for name in HOW_TO_SET if not environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            "This is a production start, because DATABASE_URL or REDIS_URL is set. Not set: "
            + "; ".join(f"{name} ({HOW_TO_SET[name]})" for name in missing)
            + ". Set them, or unset DATABASE_URL and REDIS_URL for the embedded demo."
        )
    return Environment(
        production=True,
        data_dir=data_dir,
        database=postgresql(environ["DATABASE_URL"]),
        redis_url=environ["REDIS_URL"],
        secret_key=environ["DJANGO_SECRET_KEY"],
        allowed_hosts=hosts(environ["DJANGO_ALLOWED_HOSTS"]),
        https=environ.get("DJANGO_HTTPS", "1") != "0",
        list_fetching=environ.get("LIST_FETCHING", "1") != "0",
        list_addresses=addresses(environ.get("LIST_ADDRESSES", "")),
    )


def hosts(text: str) -> list[str]:
    return [host.strip() for host in text.split(",") if host.strip()]


def addresses(text: str) -> dict[str, Any]:
    """LIST_ADDRESSES: a JSON object, source to address, or to addresses by file name. Raises ImproperlyConfigured."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ImproperlyConfigured(
            'LIST_ADDRESSES is not a JSON object. Set it like {"csl": "https://mirror.example.com/csl.csv", "un": ""}; '
            "an empty address means that the source is not fetched."
        )
    return found


def sqlite(path: Path) -> dict[str, Any]:
    """WAL with IMMEDIATE transactions: readers never wait, writers queue instead of failing."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS},
    }


def postgresql(url: str) -> dict[str, Any]:
    """Django's settings for a postgresql:// address; the query string becomes OPTIONS."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL starts with '{parts.scheme}://', but production runs on PostgreSQL. "
            f"Set {HOW_TO_SET['DATABASE_URL']}."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def secret_key_of(data_dir: Path) -> str:
    """The embedded key, made once. Two processes that start together agree: the first to link its file wins."""
    path = data_dir / "secret-key"
    if not path.exists():
        draft = data_dir / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")
