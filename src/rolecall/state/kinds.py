"""Every kind of record of the world, by its word in the log."""

from __future__ import annotations

from rolecall.state.credentials import (
    AccessKey,
    LoginProfile,
    MfaDevice,
    ServiceSpecificCredential,
    SigningCertificate,
    SshPublicKey,
)
from rolecall.state.delegation import DelegationRequest, ExchangeToken, PolicyTemplate, RoleTemplate
from rolecall.state.deletion_tasks import DeletionTask
from rolecall.state.entities import Account, Entity, Group, InstanceProfile, ManagedPolicy, Role, SealedKey, User
from rolecall.state.organizations import Organization
from rolecall.state.providers import OidcProvider, SamlPrivateKey, SamlProvider, ServerCertificate
from rolecall.state.reports import CredentialReport, OrganizationsAccessReport, ServiceAccessReport

KINDS: dict[str, type[Entity]] = {
    record.kind: record
    for record in (
        Account,
        User,
        Group,
        Role,
        ManagedPolicy,
        InstanceProfile,
        AccessKey,
        LoginProfile,
        MfaDevice,
        SigningCertificate,
        SshPublicKey,
        ServiceSpecificCredential,
        OidcProvider,
        SamlProvider,
        SamlPrivateKey,
        ServerCertificate,
        Organization,
        DelegationRequest,
        ExchangeToken,
        PolicyTemplate,
        RoleTemplate,
        DeletionTask,
        CredentialReport,
        ServiceAccessReport,
        OrganizationsAccessReport,
        SealedKey,
    )
}
