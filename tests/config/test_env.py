"""The environment: what makes it production, what is then missing, and the embedded set-up's own key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from compliance.config import env

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "DATABASE_URL": "postgresql://desk:p%40ss@db.example.com:5433/entitydesk?sslmode=require",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "DJANGO_SECRET_KEY": "a-secret-for-tests",
    "DJANGO_ALLOWED_HOSTS": "desk.example.com, www.example.com",
}


@pytest.mark.parametrize(
    ("given", "production"),
    [
        ({}, False),
        ({"DATABASE_URL": "", "REDIS_URL": ""}, False),
        ({"DJANGO_SECRET_KEY": "x", "DJANGO_ALLOWED_HOSTS": "desk.example.com"}, False),
        (COMPLETE, True),
    ],
)
def test_it_is_production_when_a_database_or_redis_is_named(given, production, tmp_path):
    assert env.read(given | {"DATA_DIR": str(tmp_path)}).production is production


@pytest.mark.parametrize("only", ["DATABASE_URL", "REDIS_URL"])
def test_one_of_the_two_is_already_production_and_asks_for_the_rest(only, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="production start") as refused:
        env.read({only: COMPLETE[only], "DATA_DIR": str(tmp_path)})

    named = {name for name in COMPLETE if f"{name} (" in str(refused.value)}
    assert named == set(COMPLETE) - {only}


@pytest.mark.parametrize("absent", sorted(COMPLETE))
def test_each_missing_variable_is_named_with_how_to_set_it(absent, tmp_path):
    given = {name: value for name, value in COMPLETE.items() if name != absent} | {"DATA_DIR": str(tmp_path)}

    with pytest.raises(ImproperlyConfigured) as refused:
        env.read(given)

    assert f"{absent} ({env.HOW_TO_SET[absent]})" in str(refused.value)
    assert not any(f"{other} (" in str(refused.value) for other in COMPLETE if other != absent)


def test_production_reads_every_part_of_the_addresses(tmp_path):
    read = env.read(COMPLETE | {"DATA_DIR": str(tmp_path)})

    assert read.database["ENGINE"] == "django.db.backends.postgresql"
    assert (read.database["HOST"], read.database["PORT"], read.database["NAME"]) == (
        "db.example.com",
        "5433",
        "entitydesk",
    )
    assert (read.database["USER"], read.database["PASSWORD"]) == ("desk", "p@ss")
    assert read.database["OPTIONS"] == {"sslmode": "require"}
    assert read.redis_url == COMPLETE["REDIS_URL"]
    assert read.secret_key == "a-secret-for-tests"
    assert read.allowed_hosts == ["desk.example.com", "www.example.com"]
    assert read.https is True


def test_https_can_be_off_in_production(tmp_path):
    assert env.read(COMPLETE | {"DATA_DIR": str(tmp_path), "DJANGO_HTTPS": "0"}).https is False


def test_production_makes_no_folder_and_no_key(tmp_path):
    env.read(COMPLETE | {"DATA_DIR": str(tmp_path / "absent")})

    assert not (tmp_path / "absent").exists()


def test_a_database_that_is_not_postgresql_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="starts with 'mysql://'"):
        env.read(COMPLETE | {"DATABASE_URL": "mysql://host/desk", "DATA_DIR": str(tmp_path)})


def test_embedded_keeps_everything_in_its_data_folder(tmp_path):
    read = env.read({"DATA_DIR": str(tmp_path / "new")})

    assert read.data_dir == tmp_path / "new"
    assert read.database["NAME"] == str(tmp_path / "new" / "entitydesk.sqlite3")
    assert read.database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert read.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert read.https is False


def test_the_key_is_made_once_and_is_private(tmp_path):
    first = env.read({"DATA_DIR": str(tmp_path)}).secret_key

    assert env.read({"DATA_DIR": str(tmp_path)}).secret_key == first
    assert len(first) >= 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_processes_that_start_together_share_one_key(tmp_path):
    code = "import sys; from pathlib import Path; from compliance.config import env; "
    code += "print(env.secret_key_of(Path(sys.argv[1])))"
    together = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    keys = [process.communicate(timeout=60)[0].strip() for process in together]

    assert len(set(keys)) == 1
    assert keys[0]


@pytest.mark.parametrize(
    ("given", "fetches"),
    [({}, False), ({"LIST_FETCHING": "1"}, True), (COMPLETE, True), ({**COMPLETE, "LIST_FETCHING": "0"}, False)],
)
def test_lists_are_fetched_by_themselves_in_production_and_where_it_is_asked_for(given, fetches, tmp_path):
    assert env.read(given | {"DATA_DIR": str(tmp_path)}).list_fetching is fetches


def test_addresses_of_lists_are_a_json_object(tmp_path):
    given = {"DATA_DIR": str(tmp_path), "LIST_ADDRESSES": '{"un": ""}'}
    assert env.read(given).list_addresses == {"un": ""}

    with pytest.raises(ImproperlyConfigured, match="JSON object"):
        env.read(given | {"LIST_ADDRESSES": "https://example.com"})
