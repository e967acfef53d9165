"""IoT things with their certificates, and their connections to the broker."""

import ssl
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from local.errors import LocalError

_CONNECT_SECONDS = 20.0
_INFLIGHT = 100
_DETACHING_SECONDS = (0.5, 1, 2, 4, 8, 15)


@dataclass(frozen=True)
class Broker:
    """The broker that devices connect to."""

    host: str
    port: int
    authority: str
    """The CA certificate of the broker, as PEM. Empty for the authorities of this machine."""

    @classmethod
    def of(cls, endpoint: str, iot_endpoint: str) -> "Broker":
        """Return the broker of a system.

        Args:
            endpoint: address of the emulator; not used on AWS.
            iot_endpoint: the system's output of that name. On AWS it has no port.
        """
        host, colon, port = iot_endpoint.partition(":")
        if not colon:
            # https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html
            return cls(host, 8883, "")
        with urllib.request.urlopen(f"{endpoint}/_ministack/iot/ca.pem") as answer:
            return cls(host, int(port), answer.read().decode())


@dataclass(frozen=True)
class Credentials:
    """Certificate and key of one device, as PEM."""

    certificate: str
    key: str


def register(iot: Any, name: str, policy: str) -> Credentials:
    """Create a thing and its certificate with a policy. The key never leaves this process.

    Args:
        iot: boto3 client of IoT.
        name: name of the thing.
        policy: name of the policy.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    text = request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    iot.create_thing(thingName=name)
    made = iot.create_certificate_from_csr(certificateSigningRequest=text, setAsActive=True)
    iot.attach_thing_principal(thingName=name, principal=made["certificateArn"])
    iot.attach_policy(policyName=policy, target=made["certificateArn"])
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Credentials(made["certificatePem"], private.decode())


def unregister(iot: Any, name: str) -> None:
    """Delete a thing with its certificates, if it exists.

    A certificate with a policy or a thing cannot be deleted, nor one that is active, and a policy
    with a certificate blocks the deletion of the stack. Detaching takes AWS some seconds.
    https://docs.aws.amazon.com/iot/latest/apireference/API_DeleteCertificate.html
    """
    try:
        arns = iot.list_thing_principals(thingName=name)["principals"]
    except iot.exceptions.ResourceNotFoundException:
        return
    for arn in arns:
        for policy in iot.list_attached_policies(target=arn)["policies"]:
            iot.detach_policy(policyName=policy["policyName"], target=arn)
        certificate = arn.rsplit("/", 1)[-1]
        iot.update_certificate(certificateId=certificate, newStatus="INACTIVE")
        iot.detach_thing_principal(thingName=name, principal=arn)
        _when_detached(iot, partial(iot.delete_certificate, certificateId=certificate))
    _when_detached(iot, partial(iot.delete_thing, thingName=name))


def _when_detached(iot: Any, delete: Callable[[], Any]) -> None:
    conflicts = iot.exceptions.DeleteConflictException, iot.exceptions.InvalidRequestException
    for pause in _DETACHING_SECONDS:
        try:
            delete()
        except conflicts:
            time.sleep(pause)
        else:
            return
    delete()


class Device:
    """One connected device."""

    def __init__(self, name: str, credentials: Credentials, broker: Broker) -> None:
        """Prepare the client; `connect` connects it."""
        self.name = name
        self._broker = broker
        self._connected = threading.Event()
        self._refusal = ""
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=name)
        self._client.tls_set_context(_context(credentials, broker))
        self._client.max_inflight_messages_set(_INFLIGHT)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect

    def connect(self) -> None:
        """Connect, and wait until the broker accepts.

        Raises:
            LocalError: the broker rejects the device or does not answer.
        """
        self._client.connect(self._broker.host, self._broker.port, keepalive=60)
        self._client.loop_start()
        if not self._connected.wait(_CONNECT_SECONDS) or self._refusal:
            self.disconnect()
            raise LocalError(f"device {self.name} was rejected: {self._refusal or 'no answer'}")

    def publish(self, topic: str, payload: bytes) -> MQTTMessageInfo:
        """Send a message with QoS 1: the broker confirms it."""
        info = self._client.publish(topic, payload, qos=1)
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_QUEUE_SIZE):
            raise LocalError(f"device {self.name} has lost its connection")
        return info

    def disconnect(self) -> None:
        """Disconnect. Messages that are not confirmed are lost."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        self._refusal = str(reason) if reason.is_failure else ""
        self._connected.set()

    def _on_disconnect(self, *_about: Any) -> None:
        if not self._connected.is_set():  # AWS closes the connection of an unknown device
            self._refusal = "the broker closed the connection"
            self._connected.set()


@contextmanager
def fleet(
    iot: Any, names: Sequence[str], policy: str, broker: Broker
) -> Iterator[dict[str, Device]]:
    """Register and connect devices; yield them by name; disconnect them at the end."""
    with ThreadPoolExecutor(8) as pool:
        credentials = list(pool.map(lambda name: register(iot, name, policy), names))
    devices = {
        name: Device(name, own, broker) for name, own in zip(names, credentials, strict=True)
    }
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Device.connect, devices.values()))
        yield devices
    finally:
        for device in devices.values():
            device.disconnect()


def _context(credentials: Credentials, broker: Broker) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=broker.authority)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads only files
        file = Path(folder, "device.pem")
        file.touch(mode=0o600)
        file.write_text(credentials.certificate + credentials.key, "utf-8")
        context.load_cert_chain(file)
    return context
