"""GetHumanReadableSummary: a delegation request in plain English.

AWS has a language model write it; here it is put together by rules (`policy_summaries`). Source: the model's
documentation of the operation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rolecall.errors import InvalidArn, InvalidInput, NoSuchEntity
from rolecall.iam.delegation.access import RESOURCE_TYPE, find_by_arn, on_entity
from rolecall.iam.delegation.answers import policy_document
from rolecall.iam.delegation.lifecycle import find_request
from rolecall.iam.delegation.policy_summaries import summarize
from rolecall.iam.registry import operation
from rolecall.names.arn import parse_arn
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction
from rolecall.state.delegation import DelegationRequest

DEFAULT_LOCALE = "en"
LONGEST_SUMMARY = 10_000
"""Characters; the model's limit."""

CUT = "… The summary is too long to be shown whole: read the permission policy of the request."

_ENGLISH = re.compile(r"en([-_][A-Za-z0-9]+)?", re.IGNORECASE)


@operation(
    "GetHumanReadableSummary",
    access=on_entity,
    differs="The summary is put together by rules, in English only; other locales are `NOT_SUPPORTED`.",
)
def get_human_readable_summary(tx: Transaction, *, entity_arn: str, locale: str = DEFAULT_LOCALE) -> Answer:
    """Say what a delegation request asks for. Raises `InvalidInput` for the ARN of anything else."""
    try:
        arn = parse_arn(entity_arn)
    except InvalidArn:
        raise InvalidInput(f"ARN {entity_arn} is not valid.") from None
    if (arn.service, arn.resource_type) != ("iam", RESOURCE_TYPE):
        raise InvalidInput(f"{entity_arn} is not the ARN of a delegation request.")
    request = find_by_arn(tx, arn)
    if request is None:
        raise NoSuchEntity(f"{entity_arn} cannot be found.")
    find_request(tx, request.request_id)  # one that expired long ago is not there any more
    if not _ENGLISH.fullmatch(locale):
        return {"SummaryContent": "", "Locale": locale, "SummaryState": "NOT_SUPPORTED"}
    return {"SummaryContent": _fitted("\n".join(_summary(request))), "Locale": locale, "SummaryState": "AVAILABLE"}


def _summary(request: DelegationRequest) -> Iterator[str]:
    account = request.owner_account or "that accepts the request"
    yield (
        f"{request.requestor_name} (account {request.account}) asks for access to the account {account} for "
        f"{_duration(request.session_duration)}. It gets no permission that whoever accepts the request does not have."
    )
    yield from summarize(policy_document(request))


def _duration(seconds: int) -> str:
    """Seconds in words: `1 hour 30 minutes`."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "hour"), (minutes, "minute"), (rest, "second"))
    return " ".join(f"{count} {noun}{'s' if count > 1 else ''}" for count, noun in parts if count)


def _fitted(text: str) -> str:
    return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - len(CUT)] + CUT
