"""Tags: TagUser, UntagUser, ListUserTags and the same for everything else that has tags, from one table.

Also how the tags of a request become those of an entity, for the operations that make one. Source: identities.md §10,
and AWS's answers recorded in radkawar/stackd (tags_aws.json, resource_inputs.json) and localstack/localstack
(test_iam_policies.snapshot.json).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from rolecall.catalog.managed_policies import AwsManagedPolicy
from rolecall.errors import InvalidInput, LimitExceeded
from rolecall.iam.access import (
    on_instance_profile,
    on_mfa_device,
    on_oidc_provider,
    on_policy,
    on_role,
    on_saml_provider,
    on_server_certificate,
    on_user,
)
from rolecall.iam.answers import tag_element
from rolecall.iam.find import (
    find_instance_profile,
    find_mfa_device,
    find_oidc_provider,
    find_role,
    find_saml_provider,
    find_server_certificate,
    find_user,
)
from rolecall.iam.paging import page
from rolecall.iam.parameters import EntityKind, for_each
from rolecall.iam.policy_lookup import find_policy, not_customer_managed
from rolecall.iam.protected import describable
from rolecall.iam.quotas import TAGS_PER_RESOURCE
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import NamedEntity, Role, Tag, User

TagParameters = Sequence[Mapping[str, str]]
"""The model's `tagListType`, decoded: a `key` and a `value` each."""

CASE_INSENSITIVE_KINDS: tuple[type[NamedEntity], ...] = (User, Role)
"""On these, `dept` and `Dept` are the same key."""

RESERVED_PREFIX = "aws:"


class TaggableKind(EntityKind, frozen=True, kw_only=True):
    """A kind of entity that has tags.

    Parameters: `find` finds one by what `parameter` holds; `needs_keys_to_untag`, whether AWS refuses an empty list.
    """

    find: Callable[[Transaction, str], NamedEntity | AwsManagedPolicy]
    needs_keys_to_untag: bool = False

    def find_to_change(self, tx: Transaction, name: str, action: str) -> NamedEntity:
        """The entity, if its tags may be changed. Raises `UnmodifiableEntity` or `AccessDenied` for what is AWS's."""
        found = self.find(tx, name)
        if isinstance(found, AwsManagedPolicy):
            raise not_customer_managed(tx, found, action)
        return describable(found)


TAGGABLE_KINDS = (
    TaggableKind(noun="User", parameter="user_name", access=on_user, find=find_user),
    TaggableKind(noun="Role", parameter="role_name", access=on_role, find=find_role),
    TaggableKind(noun="Policy", parameter="policy_arn", access=on_policy, find=find_policy),
    TaggableKind(noun="MFADevice", parameter="serial_number", access=on_mfa_device, find=find_mfa_device),
    TaggableKind(
        noun="OpenIDConnectProvider",
        parameter="open_id_connect_provider_arn",
        access=on_oidc_provider,
        find=find_oidc_provider,
        needs_keys_to_untag=True,
    ),
    TaggableKind(
        noun="SAMLProvider",
        parameter="saml_provider_arn",
        access=on_saml_provider,
        find=find_saml_provider,
        needs_keys_to_untag=True,
    ),
    TaggableKind(
        noun="ServerCertificate",
        parameter="server_certificate_name",
        access=on_server_certificate,
        find=find_server_certificate,
        needs_keys_to_untag=True,
    ),
    TaggableKind(
        noun="InstanceProfile",
        parameter="instance_profile_name",
        access=on_instance_profile,
        find=find_instance_profile,
    ),
)


def new_tags(kind: type[NamedEntity], tags: TagParameters | None, existing: tuple[Tag, ...] = ()) -> tuple[Tag, ...]:
    """The tags of an entity after a request.

    Parameters: `kind`, of the entity, which decides whether the case of keys matters; `tags`, the request's;
    `existing`, those the entity has: one with the key of a new one is replaced.

    Raises `InvalidInput` for a key given twice or reserved, `LimitExceeded` for more than 50 in the end.
    """
    asked = tuple(Tag(tag["key"], tag["value"]) for tag in tags or ())
    new = {_fold(kind, tag.key): tag for tag in asked}
    if len(new) < len(asked):
        note = " Please note that Tag keys are case insensitive." if kind in CASE_INSENSITIVE_KINDS else ""
        raise InvalidInput(f"Duplicate tag keys found.{note}")
    if any(tag.key.lower().startswith(RESERVED_PREFIX) for tag in asked):
        raise InvalidInput(f"Tag keys beginning with {RESERVED_PREFIX} are reserved for system use.")
    merged = {_fold(kind, tag.key): tag for tag in existing} | new
    if len(merged) > TAGS_PER_RESOURCE:
        raise LimitExceeded("The number of tags has reached the maximum limit.")
    return tuple(merged.values())


@for_each(TAGGABLE_KINDS, "Tag{}", writes=True)
def tag_entity(kind: TaggableKind, tx: Transaction, *, name: str, tags: TagParameters) -> Answer:
    """Set tags; those with other keys stay. Raises `InvalidInput` if there are none to set.

    That text and the one about keys were recorded for server certificates (radkawar/stackd, certificates_aws.json).
    """
    if not tags:
        raise InvalidInput("The provided tag map must not be null/empty.")
    entity = kind.find_to_change(tx, name, f"iam:Tag{kind.noun}")
    tx.put(replace(entity, tags=new_tags(type(entity), tags, entity.tags)))
    return None


@for_each(TAGGABLE_KINDS, "Untag{}", writes=True)
def untag_entity(kind: TaggableKind, tx: Transaction, *, name: str, tag_keys: Sequence[str]) -> Answer:
    """Remove tags; keys that are not there do not matter. Raises `InvalidInput` if none are given, where AWS does."""
    if not tag_keys and kind.needs_keys_to_untag:
        raise InvalidInput("The provided tag keys must not be null/empty.")
    entity = kind.find_to_change(tx, name, f"iam:Untag{kind.noun}")
    gone = {_fold(type(entity), key) for key in tag_keys}
    tx.put(replace(entity, tags=tuple(tag for tag in entity.tags if _fold(type(entity), tag.key) not in gone)))
    return None


@for_each(TAGGABLE_KINDS, "List{}Tags")
def list_tags(
    kind: TaggableKind, tx: Transaction, *, name: str, marker: str | None = None, max_items: int | None = None
) -> Answer:
    """List the tags of an entity by key, where the case of keys counts the short keys first, as AWS does."""
    found = kind.find(tx, name)
    return page(
        () if isinstance(found, AwsManagedPolicy) else found.tags,
        order=lambda tag: _place(type(found), tag.key),
        member="Tags",
        render=tag_element,
        marker=marker,
        max_items=max_items,
    )


def _place(kind: type[NamedEntity | AwsManagedPolicy], key: str) -> str:
    return key if kind in CASE_INSENSITIVE_KINDS else f"{len(key):03} {key}"


def _fold(kind: type[NamedEntity], key: str) -> str:
    return key.lower() if kind in CASE_INSENSITIVE_KINDS else key
