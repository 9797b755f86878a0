"""The tables, as the steps by which they came to be. SQL that SQLite, PostgreSQL and their relatives all understand.

A step, once released, is never edited: a new one is added at the end. Engines run the steps that a database has not
seen, all in one transaction, and refuse a database that has seen more steps than they know.
"""

from __future__ import annotations

Migration = tuple[str, ...]
"""The statements of one step."""

MIGRATIONS: tuple[Migration, ...] = (
    (
        """
        CREATE TABLE change (
            seq BIGINT PRIMARY KEY,
            at BIGINT NOT NULL,
            account TEXT NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            body TEXT
        )
        """,
        """
        CREATE TABLE entity (
            account TEXT NOT NULL,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            body TEXT NOT NULL,
            seq BIGINT NOT NULL,
            PRIMARY KEY (kind, key)
        )
        """,
    ),
    (
        """
        CREATE TABLE last_use (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            at BIGINT NOT NULL,
            region TEXT NOT NULL,
            service TEXT NOT NULL,
            PRIMARY KEY (kind, key)
        )
        """,
    ),
    (
        """
        CREATE TABLE action_use (
            account TEXT NOT NULL,
            principal TEXT NOT NULL,
            service TEXT NOT NULL,
            action TEXT NOT NULL,
            at BIGINT NOT NULL,
            region TEXT NOT NULL,
            PRIMARY KEY (account, principal, service, action)
        )
        """,
    ),
)
"""Step 1: the log and the live rows. Step 2: last uses. Step 3: which actions principals last attempted."""

CREATE_VERSION = "CREATE TABLE schema_version (version BIGINT NOT NULL)"
INSERT_VERSION = "INSERT INTO schema_version (version) VALUES (0)"
READ_VERSION = "SELECT version FROM schema_version"
WRITE_VERSION = "UPDATE schema_version SET version = ?"

# Statements with `{rows}` take many rows at once, each in parentheses.
READ_HEAD = "SELECT (SELECT version FROM schema_version), (SELECT COALESCE(MAX(seq), 0) FROM change)"
READ_ENTRIES = "SELECT seq, at, account, kind, key, body FROM change WHERE seq > ? ORDER BY seq"
READ_ROWS = "SELECT account, kind, key, body, seq FROM entity"
APPEND_ENTRIES = "INSERT INTO change (seq, at, account, kind, key, body) VALUES {rows}"
PUT_ROWS = """
    INSERT INTO entity (account, kind, key, body, seq) VALUES {rows}
    ON CONFLICT (kind, key) DO UPDATE SET account = excluded.account, body = excluded.body, seq = excluded.seq
"""
DELETE_ROWS = "DELETE FROM entity WHERE (kind, key) IN (VALUES {rows})"
PUT_USES = """
    INSERT INTO last_use (kind, key, at, region, service) VALUES {rows}
    ON CONFLICT (kind, key) DO UPDATE SET at = excluded.at, region = excluded.region, service = excluded.service
    WHERE excluded.at >= last_use.at
"""
READ_USE = "SELECT kind, key, at, region, service FROM last_use WHERE kind = ? AND key = ?"
PUT_ACTION_USES = """
    INSERT INTO action_use (account, principal, service, action, at, region) VALUES {rows}
    ON CONFLICT (account, principal, service, action) DO UPDATE SET at = excluded.at, region = excluded.region
    WHERE excluded.at >= action_use.at
"""
READ_ACTION_USES = "SELECT account, principal, service, action, at, region FROM action_use WHERE account = ?"
FORGET_ACTION_USES = "DELETE FROM action_use WHERE at < ?"
