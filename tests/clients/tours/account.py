"""Tours of the `aws` command line: providers, service-linked roles, settings, reports, delegation."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

from clients.aws_session import Aws
from clients.tours.documents import ANYTHING, ARN
from iam.template_samples import TOPIC, permissions
from serving import ACCOUNT, Server, rolecall


def tour_oidc_providers(aws: Aws, home: Path, server: Server) -> None:
    made = aws.iam(
        f"create-open-id-connect-provider --url https://idp.example.com --thumbprint-list {'a' * 40} "
        "--client-id-list one two --tags Key=a,Value=b Key=c,Value=d"
    )
    arn = made["OpenIDConnectProviderArn"]
    aws.iam(
        "add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn $arn --client-id three",
        "remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn $arn --client-id one",
        f"update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn $arn --thumbprint-list {'b' * 40}",
        "tag-open-id-connect-provider --open-id-connect-provider-arn $arn --tags Key=e,Value=f",
        "untag-open-id-connect-provider --open-id-connect-provider-arn $arn --tag-keys a c",
        arn=arn,
    )
    provider = aws.iam("get-open-id-connect-provider --open-id-connect-provider-arn $arn", arn=arn)
    assert (sorted(provider["ClientIDList"]), provider["ThumbprintList"]) == (["three", "two"], ["b" * 40])
    tags = aws.iam("list-open-id-connect-provider-tags --open-id-connect-provider-arn $arn", arn=arn)["Tags"]
    assert tags == [{"Key": "e", "Value": "f"}]
    assert aws.iam("list-open-id-connect-providers")["OpenIDConnectProviderList"] == [{"Arn": arn}]
    aws.iam("delete-open-id-connect-provider --open-id-connect-provider-arn $arn", arn=arn)


def tour_saml_providers(aws: Aws, home: Path, server: Server) -> None:
    made = aws.iam("create-saml-provider --name staff --saml-metadata-document file://metadata.xml")
    arn = made["SAMLProviderArn"]
    aws.iam(
        "update-saml-provider --saml-provider-arn $arn --saml-metadata-document file://newer.xml",
        "tag-saml-provider --saml-provider-arn $arn --tags Key=a,Value=b Key=c,Value=d",
        "untag-saml-provider --saml-provider-arn $arn --tag-keys a",
        arn=arn,
    )
    shown = aws.iam("get-saml-provider --saml-provider-arn $arn", arn=arn)["SAMLMetadataDocument"]
    assert shown == (home / "newer.xml").read_text()
    assert aws.iam("list-saml-provider-tags --saml-provider-arn $arn --query Tags[].Key", arn=arn) == ["c"]
    assert aws.iam("list-saml-providers --query SAMLProviderList[].Arn") == [arn]
    aws.iam("delete-saml-provider --saml-provider-arn $arn", arn=arn)


def tour_service_linked_roles(aws: Aws, home: Path, server: Server) -> None:
    create = "create-service-linked-role --aws-service-name autoscaling.amazonaws.com --custom-suffix cli"
    name = aws.iam(create)["Role"]["RoleName"]
    task = aws.iam(f"delete-service-linked-role --role-name {name}")["DeletionTaskId"]
    status = aws.iam("get-service-linked-role-deletion-status --deletion-task-id $task", task=task)["Status"]
    assert (name, status) == ("AWSServiceRoleForAutoScaling_cli", "SUCCEEDED")


def tour_the_account(aws: Aws, home: Path, server: Server) -> None:
    aws.iam("create-account-alias --account-alias rolecall-cli")
    assert aws.iam("list-account-aliases --query AccountAliases") == ["rolecall-cli"]
    aws.iam(
        "delete-account-alias --account-alias rolecall-cli",
        "set-security-token-service-preferences --global-endpoint-token-version v2Token",
    )
    assert aws.iam("get-account-summary --query SummaryMap.GlobalEndpointTokenVersion") == 2
    issuer = aws.iam("enable-outbound-web-identity-federation")["IssuerIdentifier"]
    assert aws.iam("get-outbound-web-identity-federation-info")["IssuerIdentifier"] == issuer
    aws.iam("disable-outbound-web-identity-federation")


def tour_the_organization(aws: Aws, home: Path, server: Server) -> None:
    create = "organization", "create", "--management-account", ACCOUNT, "--json", "--data-dir", str(server.data_dir)
    created = rolecall(*create)
    assert created.returncode == 0, created.stderr
    made = json.loads(created.stdout)
    aws.iam("enable-organizations-root-credentials-management", "enable-organizations-root-sessions")
    features = {"RootCredentialsManagement", "RootSessions"}
    assert set(aws.iam("list-organizations-features")["EnabledFeatures"]) == features
    aws.iam("disable-organizations-root-credentials-management")
    assert aws.iam("disable-organizations-root-sessions")["EnabledFeatures"] == []
    path = f"{made['OrganizationId']}/{made['RootId']}/{ACCOUNT}"
    job = aws.iam("generate-organizations-access-report --entity-path $path", path=path)["JobId"]
    assert aws.iam(f"get-organizations-access-report --job-id {job} --query JobStatus") == "COMPLETED"


def tour_reports(aws: Aws, home: Path, server: Server) -> None:
    aws.iam("generate-credential-report", "generate-credential-report")
    report = aws.text("iam get-credential-report --query Content --output text")
    assert base64.b64decode(report).splitlines()[1].startswith(b"<root_account>,")
    aws.iam(
        "create-user --user-name bob",
        "put-user-policy --user-name bob --policy-name all --policy-document file://anything.json",
    )
    bob = f"{ARN}:user/bob"
    job = aws.iam("generate-service-last-accessed-details --arn $arn", arn=bob)["JobId"]
    assert aws.iam(f"get-service-last-accessed-details --job-id {job} --query JobStatus") == "COMPLETED"
    readers = f"get-service-last-accessed-details-with-entities --job-id {job} --service-namespace iam"
    assert aws.iam(f"{readers} --query EntityDetailsList[].EntityInfo.Name") == ["bob"]
    granting = "PoliciesGrantingServiceAccess[].Policies[].PolicyName"
    listed = f"list-policies-granting-service-access --arn $arn --service-namespaces s3 --query {granting}"
    assert aws.iam(listed, arn=bob) == ["all"]
    simulate = "simulate-principal-policy --policy-source-arn $arn --action-names s3:GetObject"
    decision = "--query EvaluationResults[].EvalDecision"
    assert aws.iam(f"{simulate} {decision}", arn=bob) == ["allowed"]
    simulate = "simulate-custom-policy --policy-input-list $policy --action-names s3:GetObject"
    assert aws.iam(f"{simulate} {decision}", policy=ANYTHING) == ["allowed"]
    keys = "get-context-keys-for-custom-policy --policy-input-list $policy"
    with_tls = ANYTHING.replace('"Resource"', '"Condition": {"Bool": {"aws:SecureTransport": "true"}}, "Resource"')
    assert aws.iam(keys, policy=with_tls) == {"ContextKeyNames": ["aws:SecureTransport"]}
    assert aws.iam("get-context-keys-for-principal-policy --policy-source-arn $arn", arn=bob) == {"ContextKeyNames": []}
    aws.iam("delete-user-policy --user-name bob --policy-name all", "delete-user --user-name bob")


def tour_delegation(aws: Aws, home: Path, server: Server) -> None:
    put = rolecall("template", "put", str(home / "template.json"), "--data-dir", str(server.data_dir))
    assert put.returncode == 0, put.stderr
    asked = {
        "Description": "Set up reports",
        "Permissions": permissions(),
        "NotificationChannel": TOPIC,
        "SessionDuration": 3600,
    }
    requests = []
    for workflow in ("first", "second"):
        asked["RequestorWorkflowId"] = workflow
        made = aws.iam("create-delegation-request --cli-input-json $asked", asked=json.dumps(asked))
        requests.append(f"--delegation-request-id {made['DelegationRequestId']}")
        aws.iam(
            f"associate-delegation-request {requests[-1]}",
            f"update-delegation-request {requests[-1]} --notes please",
            f"accept-delegation-request {requests[-1]}",
        )
    aws.iam(f"send-delegation-token {requests[0]}", f"reject-delegation-request {requests[1]}")
    states = aws.iam("list-delegation-requests --query DelegationRequests[].State")
    assert sorted(states) == ["FINALIZED", "REJECTED"]
    shown = aws.iam(f"get-delegation-request {requests[0]} --query DelegationRequest")
    assert (shown["State"], shown["Notes"]) == ("FINALIZED", "please")
    arn = f"{ARN}:delegation-request/{requests[0].split()[1]}"
    assert "s3" in aws.iam("get-human-readable-summary --entity-arn $arn --query SummaryContent", arn=arn)


TOURS: tuple[Callable[[Aws, Path, Server], None], ...] = (
    tour_oidc_providers,
    tour_saml_providers,
    tour_service_linked_roles,
    tour_the_account,
    tour_the_organization,
    tour_reports,
    tour_delegation,
)
