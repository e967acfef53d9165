"""Runs the transforms of a program: functions that change the inputs of resources.

The SDK serves them over gRPC to the engine.
"""

import threading
from typing import Any

import grpc  # type: ignore[import-untyped]
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from local.engine.values import Message

TIMEOUT_SECONDS = 60.0


class Transforms:
    """The transforms of each resource, which apply to it and its descendants."""

    def __init__(self) -> None:
        self._stack: list[Message] = []
        self._own: dict[str, list[Message]] = {}
        self._above: dict[str, str] = {}
        self._channels: dict[str, Any] = {}
        self._lock = threading.Lock()

    def of_stack(self, callback: Message) -> None:
        """Adds a transform for all resources."""
        self._stack.append(callback)

    def apply(self, urn: str, request: Message) -> None:
        """Changes the properties of a registration: own transforms first, the stack's last."""
        self._own[urn] = list(request.transforms)
        self._above[urn] = request.parent
        at = urn
        callbacks: list[Message] = []
        while at in self._own:
            callbacks += self._own[at]
            at = self._above[at]
        for callback in [*callbacks, *self._stack]:
            request.object.CopyFrom(self._call(callback, request))

    def _call(self, callback: Message, request: Message) -> Message:
        asked = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=request.object,
        )
        invoke = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=asked.SerializeToString()
        )
        try:
            answer = self._stub(callback.target).Invoke(invoke, timeout=TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            reason = str(error.details()).splitlines()[0].split(" error: ", 1)[-1].removesuffix(":")
            raise ValueError(f"a transform failed: {reason}") from None
        return resource_pb2.TransformResponse.FromString(answer.response).properties

    def _stub(self, target: str) -> Any:
        with self._lock:
            if target not in self._channels:
                self._channels[target] = grpc.insecure_channel(target)
            return callback_pb2_grpc.CallbacksStub(self._channels[target])
