"""The names under which browsers reach this machine, whatever a DNS server answers."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(host: str, port: int) -> bool:
    """Return whether a Host header names this machine, and `port` if it has a port.

    A page of any other name whose address becomes 127.0.0.1 (DNS rebinding) has the same origin as
    its requests, so only the name shows that the request is foreign. Browsers do not ask DNS for
    names below `localhost`: RFC 6761, section 6.3. The edge sends an origin its name without port.
    """
    name, given = parts(host)
    return given in ("", str(port)) and (name in LOOPBACK or name.endswith(".localhost"))


def parts(host: str) -> tuple[str, str]:
    """Return the name and the port of a Host header; "" without a port."""
    name, _colon, port = host.lower().rpartition(":")
    return (name, port) if port.isascii() and port.isdigit() else (host.lower(), "")
