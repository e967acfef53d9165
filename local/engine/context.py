"""The resource that a creator works on, and its access to AWS."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidator

from local.emulator.clients import Clients
from local.engine import constraints
from local.engine.fit import Fit
from local.engine.values import Value

ACCOUNT = "000000000000"
"""The account of the emulator's administrator."""

Client = Any
"""A boto3 client: one type per service."""
PULUMI_ONLY = frozenset(
    ("region", "tagsAll", "forceDestroy", "forceDetachPolicies", "skipDestroy", "timeouts")
)
"""Inputs that are for the provider and not for AWS."""


@dataclass(frozen=True)
class Context:
    """One operation on a resource, or one call of a provider function."""

    type: str
    name: str
    urn: str
    region: str
    clients: Clients
    default_tags: Mapping[str, str]
    note: Callable[[str], None]
    """Tells the user that something is not emulated, once per message."""
    serve: Callable[[str, str], None]
    """(address of AWS, local address): sets where an address that programs build is served."""

    def client(self, service: str) -> Client:
        """Returns the boto3 client of a service in the resource's region."""
        return self.clients.get(service, self.region, {})

    def call(
        self,
        service: str,
        operation: str,
        inputs: Mapping[str, Any],
        rename: Mapping[str, str] | None = None,
        handled: tuple[str, ...] = (),
        **given: Value,
    ) -> dict[str, Any]:
        """Calls an operation with `inputs` fitted to its shape. `given` is passed unchanged.

        `rename` maps Pulumi paths to AWS members. `handled` names the inputs that the creator
        handles itself. An input without a matching member is shown to the user as not emulated.
        """
        fit = Fit(rename or {}, PULUMI_ONLY.union(handled))
        parameters = self._fitted(fit, self._model(service, operation), inputs) | given
        for path in fit.ignored:
            self.note(f"{self.type}: argument {path}")
        with constraints.naming(fit.arguments):
            return dict(getattr(self.client(service), operation)(**parameters))

    def check(
        self,
        service: str,
        operation: str,
        inputs: Mapping[str, Any],
        rename: Mapping[str, str] | None = None,
        handled: tuple[str, ...] = (),
        **given: Value,
    ) -> None:
        """Checks what `call` would send, for an operation that the emulator does not have.

        An input without a matching member is shown to the user as not checked.
        """
        model = self._model(service, operation)
        fit = Fit(rename or {}, PULUMI_ONLY.union(handled))
        try:
            parameters = self._fitted(fit, model, inputs) | given
        except AttributeError:  # an input in another form than that of AWS
            self.note(f"{self.type}: the arguments, which are not checked")
            return
        for path in fit.ignored:
            self.note(f"{self.type}: argument {path}, which is not checked")
        report = ParamValidator().validate(parameters, model.input_shape)
        # A required member may have an input of another name.
        if report.has_errors() and not fit.ignored:
            raise ParamValidationError(report=report.generate_report())
        with constraints.naming(fit.arguments):
            constraints.check(model, parameters)

    def _model(self, service: str, operation: str) -> Any:
        meta = self.client(service).meta
        return meta.service_model.operation_model(meta.method_to_api_mapping[operation])

    def _fitted(self, fit: Fit, model: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        shape = model.input_shape
        return dict(fit(shape, self._tagged(inputs, shape.members)))

    def _tagged(self, inputs: Mapping[str, Any], members: Mapping[str, Any]) -> Mapping[str, Any]:
        shape = members.get("Tags") or members.get("tags")
        if not self.default_tags or shape is None:
            return inputs
        tags = {**self.default_tags, **inputs.get("tags", {})}
        # IoT expects the tags as text in a header.
        return {**inputs, "tags": urlencode(tags) if shape.type_name == "string" else tags}

    def named(
        self, inputs: Mapping[str, Any], key: str = "name", limit: int = 255, suffix: str = ""
    ) -> str:
        """Returns the physical name: the given one, or the logical name and 7 hex digits.

        Raises ValueError if it exceeds the service's `limit`, as a deployment to AWS would.
        """
        if inputs.get(key):
            return str(inputs[key])
        unique = hashlib.sha256(self.urn.encode()).hexdigest()
        if inputs.get(f"{key}Prefix"):
            return f"{inputs[f'{key}Prefix']}{unique[:26]}"
        name = f"{self.name}-{unique[:7]}{suffix}"
        if len(name) > limit:
            raise ValueError(
                f"{key} would be '{name}', {len(name)} characters where AWS allows {limit}; "
                f"shorten the resource's name or give it a {key}"
            )
        return name

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """Returns the ARN of a resource of this account. `region=""` is for global services."""
        where = self.region if region is None else region
        return f"arn:aws:{service}:{where}:{ACCOUNT}:{resource}"
