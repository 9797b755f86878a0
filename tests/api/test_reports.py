"""Reports through boto3 against a running server: what principals did is what the reports tell."""

from __future__ import annotations

import csv
import io
import json
import time

from api.refusals import denied, refused
from rolecall.names.arn import AccountId
from rolecall.state.organizations import Organization


def services(iam, arn: str, granularity: str = "SERVICE_LEVEL") -> dict:
    job_id = iam.generate_service_last_accessed_details(Arn=arn, Granularity=granularity)["JobId"]
    report = iam.get_service_last_accessed_details(JobId=job_id)
    assert report["JobStatus"] == "COMPLETED"
    return {service["ServiceNamespace"]: service for service in report["ServicesLastAccessed"]}


def test_calls_show_in_the_report_at_once_also_denied_ones(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": ["iam:GetUser", "iam:DeleteUser"], "Resource": "*"})
    before = services(account.iam, bob.arn)
    assert "LastAuthenticated" not in before["iam"]
    bob.iam.get_user()
    with denied("iam:CreateUser"):
        bob.iam.create_user(UserName="eve")
    iam = services(account.iam, bob.arn, "ACTION_LEVEL")["iam"]
    assert (iam["LastAuthenticatedEntity"], iam["TotalAuthenticatedEntities"]) == (bob.arn, 1)
    assert iam["LastAuthenticatedRegion"] == "us-east-1"
    assert abs(iam["LastAuthenticated"].timestamp() - time.time()) < 600
    used = {action["ActionName"]: "LastAccessedTime" in action for action in iam["TrackedActionsLastAccessed"]}
    assert used == {"DeleteUser": False, "GetUser": True}


def test_a_session_counts_for_its_role(account):
    bob = account.user("bob", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    trust = {"Effect": "Allow", "Principal": {"AWS": bob.arn}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = account.iam.create_role(RoleName="ops", AssumeRolePolicyDocument=document)["Role"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}})
    account.iam.put_role_policy(RoleName="ops", PolicyName="all", PolicyDocument=policy)
    keys = bob.sts.assume_role(RoleArn=role["Arn"], RoleSessionName="work")["Credentials"]
    session = account.client("iam", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    session.list_users()
    assert services(account.iam, role["Arn"])["iam"]["LastAuthenticatedEntity"] == role["Arn"]
    assert services(account.iam, bob.arn)["sts"]["LastAuthenticatedEntity"] == bob.arn
    job_id = session.generate_service_last_accessed_details(Arn=role["Arn"])["JobId"]
    assert session.get_service_last_accessed_details(JobId=job_id)["JobStatus"] == "COMPLETED"
    with refused("NoSuchEntity", 404, f"Job {job_id} does not exist."):
        account.iam.get_service_last_accessed_details(JobId=job_id)


def test_asking_takes_permission_on_the_entity(account):
    account.iam.create_user(UserName="eve", Path="/staff/")
    bob = account.user(
        "bob",
        {
            "Effect": "Allow",
            "Action": "iam:GenerateServiceLastAccessedDetails",
            "Resource": f"arn:aws:iam::{account.id}:user/staff/*",
        },
    )
    eve = f"arn:aws:iam::{account.id}:user/staff/eve"
    assert bob.iam.generate_service_last_accessed_details(Arn=eve)["JobId"]
    with denied("iam:GenerateServiceLastAccessedDetails on resource: ", bob.arn):
        bob.iam.generate_service_last_accessed_details(Arn=bob.arn)
    with denied("iam:ListPoliciesGrantingServiceAccess on resource: ", eve):
        bob.iam.list_policies_granting_service_access(Arn=eve, ServiceNamespaces=["iam"])


def test_the_credential_report_tells_of_keys_and_their_last_use(account):
    bob = account.user("bob")
    bob.sts.get_caller_identity()
    assert account.iam.generate_credential_report()["State"] == "STARTED"
    report = account.iam.get_credential_report()
    root, row = csv.DictReader(io.StringIO(report["Content"].decode()))
    assert (root["user"], root["access_key_1_active"]) == ("<root_account>", "true")
    assert (row["user"], row["access_key_1_last_used_service"]) == ("bob", "sts")
    with denied("iam:GetCredentialReport"):
        bob.iam.get_credential_report()


def test_an_organization_s_report_tells_of_the_calls_of_its_accounts(account, new_account, store):
    member = new_account()
    organization = Organization(
        account=AccountId(account.id),
        id=f"o-{account.id}",
        root_id="r-root",
        created_at=int(time.time()),
        member_accounts=(AccountId(member.id),),
    )
    store.write(lambda draft: draft.put(organization)).result()
    member.sts.get_caller_identity()
    path = f"{organization.id}/{organization.root_id}"
    job_id = account.iam.generate_organizations_access_report(EntityPath=path)["JobId"]
    first, second = account.iam.get_organizations_access_report(
        JobId=job_id, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", MaxItems=2
    )["AccessDetails"]
    assert (first["ServiceNamespace"], first["EntityPath"]) == ("sts", f"{path}/{member.id}")
    assert (first["TotalAuthenticatedEntities"], second["TotalAuthenticatedEntities"]) == (1, 0)
    with refused("AccessDenied", 403):
        member.iam.generate_organizations_access_report(EntityPath=path)


def test_the_services_of_a_policy_come_in_pages(account):
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    job_id = account.iam.generate_service_last_accessed_details(Arn=everything, Granularity="ACTION_LEVEL")["JobId"]
    names, marker = [], {}
    while True:
        page = account.iam.get_service_last_accessed_details(JobId=job_id, MaxItems=1000, **marker)
        names += [service["ServiceNamespace"] for service in page["ServicesLastAccessed"]]
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}
    assert names == sorted(set(names))
    assert {"iam", "s3", "sts"} <= set(names)
