"""The Pulumi resource monitor that creates every resource of a program with boto3."""

from collections.abc import Mapping
from typing import Any, cast

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2

from local.emulator.clients import Clients
from local.engine import failures, lifecycle
from local.engine.addresses import Addresses
from local.engine.context import Context
from local.engine.graph import STACK, Graph, Invoke, Registration, provider_urn
from local.engine.registry import Created
from local.engine.reports import Reports
from local.engine.transforms import Transforms
from local.engine.values import (
    Message,
    decoded,
    merged,
    plain,
    reportable,
    secret_paths,
    unknown_paths,
)

PROVIDER = "pulumi:providers:"


class LocalMonitor(MockMonitor):
    """Answers the SDK as Pulumi's engine does, with the emulator in place of providers.

    If a resource fails, its dependents are skipped and the run continues, so that one run shows
    every independent failure. An output that no creator returns is unknown, and using it is an
    error: `None` in its place would go unnoticed.
    """

    def __init__(
        self, graph: Graph, clients: Clients, reports: Reports, config: Mapping[str, Any]
    ) -> None:
        """`config` is that of the default AWS provider: `region` and `defaultTags`."""
        super().__init__(mocks=cast(Any, None))
        self.graph = graph
        self.clients = clients
        self.addresses = Addresses(clients.endpoint)
        self.reports = reports
        self.provider_config = config
        self.transforms = Transforms()
        self.stack_outputs: dict[str, Any] = {}
        self.secret_outputs: list[str] = []

    def RegisterResource(self, request: Message) -> Message:
        """Creates a resource; see the class for failures."""
        urn = self.graph.urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        made = Registration(
            type=request.type,
            name=request.name,
            urn=urn,
            parent=request.parent,
            custom=request.custom,
            inputs={},
            dependencies=list(request.dependencies),
            aliases=self.graph.aliases(request),
            protect=request.protect,
            provider=provider_urn(request.provider),
            retain_on_delete=request.retainOnDelete,
            ignore_changes=list(request.ignoreChanges),
            replace_on_changes=list(request.replaceOnChanges),
        )
        try:
            self.graph.add(made)
            self._report(made)
            if self.graph.blocked(made):
                self.reports("skipped", urn=urn)
                return self._failure(urn)
            self.transforms.apply(urn, request)
            made.secrets = list(secret_paths(request.object))
            made.inputs = self.addresses.here(plain(request.object))
            self._make(made, request)
        except Exception as error:  # any error of a creator is a failure of this resource
            self.reports("failed", urn=urn, message=failures.describe(error))
            return self._failure(urn)
        self.reports("created", urn=urn)
        return resource_pb2.RegisterResourceResponse(
            urn=urn,
            id=made.id,
            object=merged(request.object, made.outputs, frozenset(request.additionalSecretOutputs)),
            unknown=True,  # applies only to outputs that are missing from `object`
        )

    def _report(self, made: Registration) -> None:
        self.reports(
            "registered",
            urn=made.urn,
            type=made.type,
            name=made.name,
            parent=made.parent,
            custom=made.custom,
        )

    def _failure(self, urn: str) -> Message:
        self.graph.failed.add(urn)
        return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)

    def _make(self, made: Registration, request: Message) -> None:
        if request.remote:
            raise ValueError("components of other languages do not run in local mode")
        if request.importId:
            raise ValueError("local mode cannot import resources; remove `import_`")
        missing = list(unknown_paths(made.inputs))
        if missing:
            raise ValueError(f"{missing[0]} uses an output that has no local value")
        if made.type.startswith(PROVIDER):
            made.id = made.name
        elif made.custom:
            context = self._context(made.type, made.name, made.urn, request.provider, made.inputs)
            made.id, outputs = self._create(context, made.inputs)
            made.outputs = lifecycle.defaults(context, made.inputs) | outputs

    def _create(self, context: Context, inputs: dict[str, Any]) -> Created:
        return lifecycle.create(context, inputs)

    def _context(
        self, type_: str, name: str, urn: str, provider: str, inputs: Mapping[str, Any]
    ) -> Context:
        explicit = self.graph.registrations.get(provider_urn(provider))
        config = decoded(explicit.inputs) if explicit else self.provider_config
        return Context(
            type=type_,
            name=name,
            urn=urn,
            region=inputs.get("region") or config.get("region") or self.provider_config["region"],
            clients=self.clients,
            default_tags=config.get("defaultTags", {}).get("tags", {}),
            note=self.reports.not_emulated,
            serve=self.addresses.serve,
        )

    def ReadResource(self, request: Message) -> Message:
        """Fails: the emulator starts empty, so there is nothing to read."""
        raise LookupError(
            f"{request.type} '{request.name}': an existing resource ('{request.id}') cannot be read"
            " in local mode, which starts empty"
        )

    def Invoke(self, request: Message) -> Message:
        """Answers a provider function such as `aws.get_region`."""
        self.graph.invokes.append(Invoke(request.tok, provider_urn(request.provider)))
        arguments = plain(request.args)
        context = self._context(request.tok, "", "", request.provider, arguments)
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").update(self._answer(context, arguments))
        return response

    def _answer(self, context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        return lifecycle.answer(context, arguments)

    def RegisterStackTransform(self, request: Message) -> Message:
        """Adds a transform for all resources of the stack."""
        self.transforms.of_stack(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, _request: Message) -> Message:
        """Fails: local mode does not support these transforms and must not ignore them silently."""
        raise LookupError("transforms of functions do not run in local mode")

    def RegisterResourceOutputs(self, request: Message) -> Message:
        """Stores the outputs of components and of the stack."""
        outputs = self.addresses.here(plain(request.outputs))
        made = self.graph.registrations.get(request.urn)
        if made:
            made.outputs = reportable(outputs)
        else:
            self.stack_outputs = outputs
            self.secret_outputs = list(secret_paths(request.outputs))
        return empty_pb2.Empty()
