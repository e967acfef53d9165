"""Pulumi's provider protocol over the creators of local mode."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from local.emulator.clients import Clients
from local.engine import failures, lifecycle
from local.engine.addresses import Addresses
from local.engine.context import Context
from local.engine.values import Message, decoded, merged, plain
from local.provider.changes import changed, comparable

DEFAULT_REGION = "us-east-1"


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One instance of the provider: the default one, or an explicit one of a program."""

    def __init__(
        self, clients: Clients, addresses: Addresses, note: Callable[[str, str], None]
    ) -> None:
        """`note` receives a URN and a message for what is not emulated."""
        self._note = note
        self._clients = clients
        self._addresses = addresses
        self._config: dict[str, Any] = {}

    def CheckConfig(self, request: Message, _context: Any) -> Message:
        """Accepts any configuration."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Message, _context: Any) -> Message:
        """A provider is never replaced."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Message, _context: Any) -> Message:
        """Stores the region and the default tags."""
        self._config = decoded(plain(request.args))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def GetPluginInfo(self, _request: Message, _context: Any) -> Message:
        """Returns the version of the SDK that programs use."""
        return plugin_pb2.PluginInfo(version=version("pulumi-aws"))

    def Cancel(self, _request: Message, _context: Any) -> Message:
        """Does nothing: running operations finish."""
        return empty_pb2.Empty()

    def Check(self, request: Message, _context: Any) -> Message:
        """Accepts any inputs; creators reject what is invalid."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Message, _context: Any) -> Message:
        """Compares the inputs. What cannot change in place is deleted and created again."""
        keys = changed(request.old_inputs, request.news, request.ignoreChanges)
        replaced = lifecycle.replacing(request.type, keys)
        answer = provider_pb2.DiffResponse
        return answer(
            changes=answer.DIFF_SOME if keys else answer.DIFF_NONE,
            diffs=keys,
            replaces=replaced,
            deleteBeforeReplace=bool(replaced),  # physical names stay the same
        )

    def Create(self, request: Message, context: Any) -> Message:
        """Creates the resource. In a preview, everything except its inputs is unknown."""
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        resource = self._resource(request)
        inputs = self._addresses.here(plain(request.properties))
        id_, outputs = self._attempt(context, lifecycle.create, resource, inputs)
        state = merged(
            request.properties, lifecycle.defaults(resource, inputs) | outputs, frozenset()
        )
        return provider_pb2.CreateResponse(id=id_, properties=state)

    def Update(self, request: Message, context: Any) -> Message:
        """Changes the resource in place. In a preview, outputs that may change are unknown."""
        state = struct_pb2.Struct()
        state.CopyFrom(request.olds)
        for key in request.old_inputs:
            if key not in request.news and key in state:
                del state[key]
        for key in lifecycle.volatile(request.type) if request.preview else ():
            if key in state:
                del state[key]
        outputs: dict[str, Any] = {}
        resource = self._resource(request)
        if not request.preview:
            inputs = self._addresses.here(plain(request.news))
            keys = changed(request.old_inputs, request.news, request.ignoreChanges)
            outputs = self._attempt(context, lifecycle.update, resource, request.id, inputs, keys)
            outputs = lifecycle.defaults(resource, inputs) | outputs
        state.MergeFrom(request.news)
        return provider_pb2.UpdateResponse(properties=merged(state, outputs, frozenset()))

    def Delete(self, request: Message, context: Any) -> Message:
        """Deletes the resource. One that does not exist any more counts as deleted."""
        self._attempt(
            context,
            lifecycle.delete,
            self._resource(request),
            request.id,
            comparable(request.properties),
        )
        return empty_pb2.Empty()

    def Read(self, request: Message, _context: Any) -> Message:
        """Returns the state unchanged: only Pulumi changes the emulator."""
        return provider_pb2.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs
        )

    def Invoke(self, request: Message, context: Any) -> Message:
        """Answers a provider function such as `aws.get_region`."""
        arguments = plain(request.args)
        function = self._context(request.tok, "", "", arguments)
        result = struct_pb2.Struct()
        result.update(self._attempt(context, lifecycle.answer, function, arguments))
        return provider_pb2.InvokeResponse(**{"return": result})

    def _attempt(self, context: Any, work: Any, *arguments: Any) -> Any:
        try:
            return work(*arguments)
        except Exception as error:  # any error is reported for this resource
            context.abort(grpc.StatusCode.UNKNOWN, failures.describe(error))

    def _resource(self, request: Message) -> Context:
        properties = request.news if hasattr(request, "news") else request.properties
        return self._context(request.type, request.name, request.urn, comparable(properties))

    def _context(self, type_: str, name: str, urn: str, inputs: dict[str, Any]) -> Context:
        return Context(
            type=type_,
            name=name,
            urn=urn,
            region=inputs.get("region") or self._config.get("region", DEFAULT_REGION),
            clients=self._clients,
            default_tags=self._config.get("defaultTags", {}).get("tags", {}),
            note=lambda message: self._note(urn, message),
            serve=self._addresses.serve,
        )
