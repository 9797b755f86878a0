"""AWS's managed policies (`arn:aws:iam::aws:policy/…`), from data that the build hook takes out of a pinned package."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from types import MappingProxyType

import msgspec

from rolecall.names.arn import AWS_ACCOUNT, Arn, iam_arn
from rolecall.names.ids import ALPHABET, IdPrefix

DATA_FILE = "data/managed_policies.json.gz"


class AwsManagedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """One policy of AWS. Only its default version is known. Times are whole seconds since the epoch.

    `id` is derived from the name: AWS's own ids are not in the data.
    """

    id: str
    name: str
    path: str
    default_version_id: str
    created_at: int
    updated_at: int
    document: str

    @property
    def arn(self) -> Arn:
        return iam_arn(AWS_ACCOUNT, "policy", self.path, self.name)

    @property
    def is_attachable(self) -> bool:
        """Can it be attached to anything but a service-linked role?"""
        return not self.path.startswith("/aws-service-role/")


@cache
def aws_managed_policies() -> Mapping[str, AwsManagedPolicy]:
    """All of them by ARN, in the order of their names."""
    packed = resources.files("rolecall.catalog").joinpath(DATA_FILE).read_bytes()
    records = json.loads(gzip.decompress(packed))
    policies = (_policy(name, record) for name, record in sorted(records.items()))
    return MappingProxyType({str(policy.arn): policy for policy in policies})


def find_aws_managed_policy(arn: str) -> AwsManagedPolicy | None:
    """The policy of that ARN, or None if AWS has none."""
    return aws_managed_policies().get(arn)


def _policy(name: str, record: Mapping[str, str]) -> AwsManagedPolicy:
    return AwsManagedPolicy(
        id=_derived_id(name),
        name=name,
        path=record["Path"],
        default_version_id=record["DefaultVersionId"],
        created_at=_epoch(record["CreateDate"]),
        updated_at=_epoch(record["UpdateDate"]),
        document=json.dumps(record["Document"], indent=4),
    )


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _derived_id(name: str) -> str:
    digest = hashlib.sha256(name.encode()).digest()
    return IdPrefix.MANAGED_POLICY + "".join(ALPHABET[byte & 31] for byte in digest[:17])
