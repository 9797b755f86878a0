"""The texts of a file of an account, as IAM takes them: policy documents, and the ARNs of the account's own policies.

Nothing is checked here but that a document is one; what it says is judged by the operations that take it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec

from rolecall.errors import InvalidArn
from rolecall.iam.transfer.details import AccountFileError
from rolecall.names.arn import AccountId, iam_arn, parse_arn
from rolecall.state.entities import ManagedPolicy


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """How the texts of a file read in the account that it is imported into.

    Parameters
    ----------
    source: the account in the file's ARNs; None if there are none.
    target: the account that the file is imported into.
    rewrites_account: whether documents shall name `target` where they name `source`.
    """

    source: AccountId | None
    target: AccountId
    rewrites_account: bool

    def document(self, raw: msgspec.Raw) -> str:
        """The text of a policy document that is written as an object, or as text like the API's answers show it.

        Raises `AccountFileError` for anything else.
        """
        content = bytes(raw)
        if content.startswith(b"{"):
            text = compact(content.decode())
        elif content.startswith(b'"'):
            text = _plain(msgspec.json.decode(content, type=str))
        else:
            raise AccountFileError("a policy document must be a JSON object")
        if not self.rewrites_account or self.source is None:
            return text
        # A number within a name, as in `logs-111122223333`, names no account for IAM.
        return re.sub(rf'(?<=[":]){self.source}(?=[":])', self.target, text)

    def policy_arn(self, arn: str) -> str:
        """The ARN of a policy to attach: the file's own policies have come along, AWS's are there already."""
        try:
            parsed = parse_arn(arn)
        except InvalidArn:
            return arn  # the operation refuses it in AWS's words
        if parsed.account != self.source or (parsed.service, parsed.resource_type) != ("iam", "policy"):
            return arn
        return str(iam_arn(self.target, ManagedPolicy.arn_kind, parsed.resource_path, parsed.resource_name))


def compact(document: str) -> str:
    """The JSON text without white space between its tokens, by which two documents are told apart.

    A text that is no JSON stays as it is.
    """
    try:
        return msgspec.json.format(document, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        return document


def _plain(text: str) -> str:
    """`text` without URL encoding, if it has that. A JSON object begins with `{`, an encoded one with `%7B`."""
    if not text.lstrip().startswith("%"):
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise AccountFileError("a policy document is URL-encoded, but not as UTF-8") from None
