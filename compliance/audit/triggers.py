"""The database's own refusal to change the trail, for SQLite and PostgreSQL.

On SQLite `INSERT OR REPLACE` passes the delete trigger unless `recursive_triggers` is on for that connection
(our settings turn it on), so there the chain is the last guard. A test-only flush removes and installs them again.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("audit_auditevent", "audit_auditmention")
MESSAGE = "the audit trail is append-only"


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers on this database. Safe to call twice."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            for table in TABLES:
                cursor.execute(
                    f"CREATE TRIGGER {table}_refuse_row BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()"
                )
                cursor.execute(
                    f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()"
                )
        else:
            for table in TABLES:
                for verb in ("UPDATE", "DELETE"):
                    cursor.execute(
                        f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                    )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers (a reversed migration, and the flush between tests)."""
    with connection.cursor() as cursor:
        for name, table in expected(connection):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def expected(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """(trigger, table) pairs that must exist on this kind of database."""
    verbs = ("row", "truncate") if connection.vendor == "postgresql" else ("update", "delete")
    return [(f"{table}_refuse_{verb}", table) for table in TABLES for verb in verbs]


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that should be there and are not."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {row[0] for row in cursor.fetchall()}
    return [name for name, _table in expected(connection) if name not in present]
