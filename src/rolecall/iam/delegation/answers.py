"""What answers show of a delegation request."""

from __future__ import annotations

from rolecall.iam.delegation.policies import permissions_boundaries
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.operations.transaction import Transaction
from rolecall.state.delegation import DelegationRequest
from rolecall.state.policy_sets import parsed


def policy_document(request: DelegationRequest) -> PolicyDocument:
    """The policy that the request asks for."""
    return parsed(request.policy, PolicyType.IDENTITY)


def shown_request(tx: Transaction, request: DelegationRequest) -> dict[str, object]:
    """The model's `DelegationRequest`."""
    return {
        "DelegationRequestId": request.request_id,
        "OwnerAccountId": request.owner_account,
        "Description": request.description,
        "RequestMessage": request.request_message,
        "Permissions": {
            "PolicyTemplateArn": request.template_arn,
            "Parameters": [
                {"Name": parameter.name, "Values": list(parameter.values), "Type": parameter.type}
                for parameter in request.parameters
            ],
        },
        "PermissionPolicy": request.policy,
        "RolePermissionRestrictionArns": list(permissions_boundaries(policy_document(request))) or None,
        "OwnerId": request.owner.arn if request.owner is not None else None,
        "ApproverId": request.approver.arn if request.approver is not None else None,
        "State": request.state(tx.now),
        "ExpirationTime": request.expires_at,
        "RequestorId": request.account,
        "RequestorName": request.requestor_name,
        "CreateDate": request.created_at,
        "SessionDuration": request.session_duration,
        "RedirectUrl": request.redirect_url,
        "Notes": request.notes,
        "RejectionReason": request.rejection_reason,
        "OnlySendByOwner": request.only_send_by_owner,
        "UpdatedTime": request.updated_at,
    }
