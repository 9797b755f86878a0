"""Entities and log entries for the store's tests: any will do, so the plainest that differ."""

from __future__ import annotations

from rolecall.names.arn import AccountId
from rolecall.state.credentials import AccessKey
from rolecall.state.entities import Account, Entity, User
from rolecall.state.log import LogEntry
from rolecall.state.records import encode

ACCOUNT = AccountId("111122223333")
NOW = 1_700_000_000


def account() -> Account:
    return Account(account=ACCOUNT, created_at=NOW)


def user(number: int, path: str = "/") -> User:
    return User(account=ACCOUNT, id=f"AIDA{number:017d}", name=f"user-{number}", path=path, created_at=NOW)


def access_key(number: int, sealed_secret: bytes) -> AccessKey:
    return AccessKey(account=ACCOUNT, access_key_id=f"AKIA{number:016d}", sealed_secret=sealed_secret, created_at=NOW)


def entry(seq: int, entity: Entity, *, stands: bool = True) -> LogEntry:
    body = encode(entity) if stands else None
    return LogEntry(seq=seq, at=NOW, account=entity.account, kind=entity.kind, key=entity.key, body=body)
