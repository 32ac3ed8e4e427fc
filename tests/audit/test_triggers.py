"""The database itself refuses to change the trail."""

from __future__ import annotations

import pytest
from django.db import Error, connection, transaction

from compliance.audit import triggers
from compliance.audit.models import AuditEvent, AuditMention

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")


def refused(action) -> None:
    with pytest.raises(Error, match=triggers.MESSAGE), transaction.atomic():
        action()


def sql(statement: str):
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


@pytest.mark.parametrize("model", [AuditEvent, AuditMention])
def test_the_orm_can_not_update(trail, model):
    refused(lambda: model.objects.update(subject_type="x"))


@pytest.mark.parametrize("model", [AuditEvent, AuditMention])
def test_the_orm_can_not_delete(trail, model):
    refused(lambda: model.objects.all()._raw_delete("default"))


def test_an_event_can_not_be_saved_again(trail):
    trail[0].actor_name = "Somebody else"

    refused(trail[0].save)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET actor_name = 'x' WHERE seq = 2",
        "UPDATE audit_auditmention SET subject_id = '0'",
        "DELETE FROM audit_auditevent WHERE seq = 5",
        "DELETE FROM audit_auditmention",
    ],
)
def test_raw_sql_can_not_change_the_trail(trail, statement):
    refused(sql(statement))

    assert AuditEvent.objects.count() == 5


@on_postgresql
@pytest.mark.parametrize("table", triggers.TABLES)
def test_truncate_is_refused(db, table):
    refused(sql(f"TRUNCATE {table} CASCADE"))


@on_sqlite
def test_insert_or_replace_is_refused(trail):
    refused(sql("INSERT OR REPLACE INTO audit_auditevent SELECT * FROM audit_auditevent WHERE seq = 2"))


def test_missing_triggers_are_named(db):
    triggers.remove(connection)
    gone = triggers.missing(connection)
    triggers.install(connection)

    assert gone == [name for name, _table in triggers.expected(connection)]
    assert triggers.missing(connection) == []
