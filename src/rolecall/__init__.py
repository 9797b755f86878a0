"""Rolecall: AWS-compatible IAM and STS that you run yourself.

Imported as a library, it is the decision engine without the server: policies and requests come from the program's own
data, decisions and their reasons go back to it.

>>> import rolecall
>>> policies = rolecall.compile(
...     identity={
...         "Version": "2012-10-17",
...         "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::reports/${aws:username}/*"},
...     }
... )
>>> asked = rolecall.request(
...     "arn:aws:iam::111122223333:user/ann",
...     "s3:GetObject",
...     "arn:aws:s3:::reports/ann/may.pdf",
...     context={"aws:username": "ann"},
... )
>>> result = rolecall.evaluate(asked, policies)
>>> result.decision
<Decision.ALLOWED: 'allowed'>
>>> print(rolecall.explain(asked, result))
allowed: arn:aws:iam::111122223333:user/ann performs s3:GetObject on arn:aws:s3:::reports/ann/may.pdf
matched Allow in statement 1 of identity-based policy `identity`, line 1
asked: identity-based policy allowed

Only names that a program may rely on stand here; what they are is in the rooms.
"""

from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import explain
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy
from rolecall.decision.principal import (
    Anonymous,
    AssumedRole,
    FederatedUser,
    IamUser,
    Principal,
    RootUser,
    ServicePrincipal,
    WebIdentity,
)
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Decision, EvaluationResult
from rolecall.errors import PolicyError, RolecallError
from rolecall.language.document import PolicyDocument, PolicyType
from rolecall.questions.library import compile_policies as compile  # noqa: A004 - `rolecall.compile` reads well
from rolecall.questions.library import parse, request
from rolecall.questions.question_error import QuestionError

__version__ = "0.1.0"

__all__ = [
    "Anonymous",
    "ApplicablePolicies",
    "AppliedPolicy",
    "AssumedRole",
    "AuthorizationRequest",
    "Decision",
    "EvaluationResult",
    "FederatedUser",
    "IamUser",
    "PolicyDocument",
    "PolicyError",
    "PolicyType",
    "Principal",
    "QuestionError",
    "RolecallError",
    "RootUser",
    "ServicePrincipal",
    "WebIdentity",
    "__version__",
    "compile",
    "evaluate",
    "explain",
    "parse",
    "request",
]
