"""The ports of tasks and instances, which several emulators share."""

import itertools
import socket

from local.emulator.services import processes


def _reserved(monkeypatch) -> socket.socket:
    """Reserve a port as another emulator would that begins at the same number."""
    monkeypatch.setattr(processes, "_numbers", itertools.count())
    return processes.reserve_port()


def test_two_emulators_reserve_different_ports(monkeypatch):
    with _reserved(monkeypatch) as first, _reserved(monkeypatch) as second:
        assert first.getsockname() != second.getsockname()


def test_the_server_of_a_reserved_port_can_bind_it(monkeypatch):
    with _reserved(monkeypatch) as reserved, socket.socket() as server:
        server.bind(reserved.getsockname())
        server.listen()
        with _reserved(monkeypatch) as other:
            assert other.getsockname() != reserved.getsockname()
