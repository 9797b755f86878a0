"""Hypothesis strategies for inputs and outputs of AWS operations, made from botocore's own shapes.

Shared by the differential tests of the wire; it knows nothing of Rolecall, so that both sides stay independent.
"""

from __future__ import annotations

from datetime import UTC, datetime

import botocore.loaders
import botocore.model
from hypothesis import strategies as st

SERVICES = ("iam", "sts")


def service_model(name):
    raw = botocore.loaders.Loader().load_service_model(name, "service-2")
    return botocore.model.ServiceModel(raw, name)


MODELS = {name: service_model(name) for name in SERVICES}
OPERATIONS = [(service, name) for service in SERVICES for name in MODELS[service].operation_names]

texts = st.text(st.characters(codec="utf-8"), max_size=12)
# What XML 1.0 can hold.
xml_texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=12
)


def values(shape, text=texts):
    """A strategy for the Python values that botocore takes for `shape`, or gives."""
    match shape.type_name:
        case "structure":
            members = {name: values(member, text) for name, member in shape.members.items()}
            return st.fixed_dictionaries({}, optional=members)
        case "list":
            # An empty structure leaves no trace in a form, so it cannot be a member of a list.
            return st.lists(values(shape.member, text).filter(lambda value: value not in ({}, [])), max_size=3)
        case "map":
            keys = values(shape.key, text)
            return st.dictionaries(
                keys, values(shape.value, text).filter(lambda value: value not in ({}, [])), max_size=3
            )
        case "integer" | "long":
            return st.integers(-(2**31), 2**31 - 1)
        case "boolean":
            return st.booleans()
        case "timestamp":
            return st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
        case "blob":
            return st.binary(max_size=12)
        case "string":
            return text
        case unknown:
            raise ValueError(f"no values for a shape of type {unknown}")
