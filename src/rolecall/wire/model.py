"""The service models of AWS as frozen values: operations, shapes, constraints, error codes.

They are read from botocore's data files; its client machinery is not used. This module says what a service looks like.
How a request is read (`decode`, `constraints`) and an answer is written (`xml`, `json_answer`) must not live here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from rolecall.errors import InvalidAction, MissingAction
from rolecall.wire.shapes import (
    BlobShape,
    BooleanShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)

ServiceName = Literal["iam", "sts"]

_API_VERSIONS: Mapping[ServiceName, str] = {"iam": "2010-05-08", "sts": "2011-06-15"}

# Traits that would change a member's name or place on the wire. Neither service has them and nothing here honours them:
# a model that brings one must not be served.
_UNSUPPORTED_TRAITS = frozenset({"flattened", "locationName", "queryName", "timestampFormat"})


# Compared and hashed by identity, like shapes.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OperationModel:
    """An operation: its input, its output and the codes of the errors that its model names."""

    service: ServiceName
    namespace: str
    name: str
    input: StructureShape | None
    output: StructureShape | None
    result_wrapper: str | None
    error_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ServiceModel:
    """A service: its operations by name, and the HTTP status of each error code that its model names."""

    name: ServiceName
    api_version: str
    namespace: str
    signing_name: str
    operations: Mapping[str, OperationModel]
    error_codes: Mapping[str, int]

    def find(self, action: str | None, version: str | None) -> OperationModel:
        """Return the operation that the parameters `Action` and `Version` name.

        Errors: `MissingAction`; `InvalidAction` when the version is missing or another one, or the operation is
        unknown. Texts: AWS's, as recorded in public reports.
        """
        if not action:
            raise MissingAction("Missing Action")
        operation = self.operations.get(action) if version == self.api_version else None
        if operation is None:
            raise InvalidAction(f"Could not find operation {action} for version {version or 'NO_VERSION_SPECIFIED'}")
        return operation


@cache
def load_service(name: ServiceName) -> ServiceModel:
    """Load the model of `iam` or `sts`; costs a tenth of a second once, then nothing.

    Errors: `ValueError` if the data holds a shape or trait that the query protocol here does not know.
    """
    # Importing botocore costs more than reading its data, so only those who load a model pay for it.
    from botocore.loaders import Loader

    # Only the installed package's own data: the default search path would let a file in the home directory or an
    # environment variable change what the server accepts.
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    return _service(name, loader.load_service_model(name, "service-2", _API_VERSIONS[name]))


def _service(name: ServiceName, raw: Mapping[str, Any]) -> ServiceModel:
    metadata = raw["metadata"]
    if metadata["protocol"] != "query":
        raise ValueError(f"the model of {name} speaks `{metadata['protocol']}`, not the query protocol")
    shapes = _Shapes(raw["shapes"])
    return ServiceModel(
        name=name,
        api_version=metadata["apiVersion"],
        namespace=metadata["xmlNamespace"],
        signing_name=metadata.get("signingName", metadata["endpointPrefix"]),
        operations=MappingProxyType(
            {
                operation: _operation(name, metadata["xmlNamespace"], description, shapes)
                for operation, description in raw["operations"].items()
            }
        ),
        error_codes=MappingProxyType(
            dict(_error(shape, shapes) for shape, description in raw["shapes"].items() if description.get("exception"))
        ),
    )


def _operation(service: ServiceName, namespace: str, raw: Mapping[str, Any], shapes: _Shapes) -> OperationModel:
    output = raw.get("output")
    return OperationModel(
        service=service,
        namespace=namespace,
        name=raw["name"],
        input=shapes.structure(raw["input"]["shape"]) if "input" in raw else None,
        output=shapes.structure(output["shape"]) if output else None,
        result_wrapper=output["resultWrapper"] if output else None,
        error_codes=tuple(_error(error["shape"], shapes)[0] for error in raw.get("errors", ())),
    )


def _error(shape: str, shapes: _Shapes) -> tuple[str, int]:
    # Some newer errors carry no `error` trait: their shape's name is the code, and 400 is what clients are told.
    trait = shapes.raw[shape].get("error", {})
    return trait.get("code", shape), trait.get("httpStatusCode", 400)


class _Shapes:
    """The shapes of one model, each built once."""

    def __init__(self, raw: Mapping[str, Mapping[str, Any]]) -> None:
        self.raw = raw
        self._built: dict[str, Shape] = {}

    def structure(self, name: str) -> StructureShape:
        shape = self.shape(name)
        if not isinstance(shape, StructureShape):
            raise ValueError(f"the model's shape `{name}` is not a structure")
        return shape

    def shape(self, name: str) -> Shape:
        if name not in self._built:
            self._built[name] = self._build(name, self.raw[name])
        return self._built[name]

    def _build(self, name: str, raw: Mapping[str, Any]) -> Shape:
        _refuse_unsupported_traits(name, raw)
        minimum, maximum = raw.get("min"), raw.get("max")
        match raw["type"]:
            case "structure":
                return self._structure(name, raw)
            case "list":
                _refuse_unsupported_traits(name, raw["member"])
                return ListShape(name=name, member=self.shape(raw["member"]["shape"]), minimum=minimum, maximum=maximum)
            case "map":
                _refuse_unsupported_traits(name, raw["key"])
                _refuse_unsupported_traits(name, raw["value"])
                key, value = self.shape(raw["key"]["shape"]), self.shape(raw["value"]["shape"])
                return MapShape(name=name, key=key, value=value, minimum=minimum, maximum=maximum)
            case "string":
                return StringShape(
                    name=name,
                    minimum=minimum,
                    maximum=maximum,
                    pattern=raw.get("pattern"),
                    enum=tuple(raw.get("enum", ())),
                    is_sensitive=raw.get("sensitive", False),
                )
            case "integer" | "long" as kind:
                bits = 32 if kind == "integer" else 64
                return IntegerShape(name=name, bits=bits, minimum=minimum, maximum=maximum)
            case "float" | "double":
                return FloatShape(name=name)
            case "boolean":
                return BooleanShape(name=name)
            case "timestamp":
                return TimestampShape(name=name)
            case "blob":
                return BlobShape(name=name)
            case unknown:
                raise ValueError(f"the model's shape `{name}` has the unknown type `{unknown}`")

    def _structure(self, name: str, raw: Mapping[str, Any]) -> StructureShape:
        from botocore import xform_name

        required = frozenset(raw.get("required", ()))
        members = []
        for member, reference in raw["members"].items():
            _refuse_unsupported_traits(f"{name}.{member}", reference)
            members.append(
                Member(
                    name=member,
                    path_name=member[0].lower() + member[1:],
                    python_name=xform_name(member),
                    shape=self.shape(reference["shape"]),
                    is_required=member in required,
                )
            )
        return StructureShape(name=name, members=tuple(members))


def _refuse_unsupported_traits(name: str, raw: Mapping[str, Any]) -> None:
    unsupported = _UNSUPPORTED_TRAITS.intersection(raw)
    if unsupported:
        raise ValueError(f"the model's shape `{name}` has traits that are not supported: {sorted(unsupported)}")
