"""The front of Valkey: AUTH and HELLO, after which the client talks to the server.

"RESP protocol spec" in the documentation of Valkey.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from .authority import ADDRESS, AUTHORITY
from .front import Check, Front, Reader, Writer

_REFUSED = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
_MAX_PARTS, _MAX_BYTES = 16, 70_000
Words = list[bytes]


class ValkeyFront(Front):
    """Listens with TLS."""

    def __init__(self, socket: Path, check: Check, rules: Callable[[str], Sequence[str]]) -> None:
        """Start listening.

        Args:
            socket: Where the server listens.
            check: Decides about a login.
            rules: Returns the access string of a user, which the server applies.
        """
        self._rules = rules
        super().__init__(socket, check)

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self.serve, ADDRESS, self.port, ssl=AUTHORITY.context())

    async def login(self, reader: Reader, writer: Writer) -> tuple[Reader, Writer] | None:
        while True:
            words = await _command(reader)
            name = words[0].upper() if words else b"QUIT"
            if name == b"QUIT":
                return None
            user, secret, rest = _credentials(name, words)
            if user is None:
                writer.write(b"-NOAUTH Authentication required.\r\n")
            elif await self.problem(user.decode(), secret.decode()):
                writer.write(_REFUSED)
            else:
                connected = await self._connect_as(user.decode())
                if rest:  # HELLO, which the server answers
                    connected[1].write(_encoded(rest))
                else:
                    writer.write(b"+OK\r\n")
                await writer.drain()
                return connected
            await writer.drain()

    async def _connect_as(self, user: str) -> tuple[Reader, Writer]:
        """Connect to the server as a user, with the rights of its access string."""
        answers, upstream = await self.connect()
        rules = [each.encode() for each in self._rules(user)]
        name = user.encode()
        for words in (
            [b"ACL", b"SETUSER", name, b"reset", b"nopass", *rules],
            [b"AUTH", name, b"-"],
        ):
            upstream.write(_encoded(words))
            answer = await answers.readline()
            if not answer.startswith(b"+OK"):
                raise ValueError(f"the server refuses {user}: {answer!r}")
        return answers, upstream


def _credentials(name: bytes, words: Words) -> tuple[bytes | None, bytes, Words]:
    """Return user, password, and what is left for the server."""
    if name == b"AUTH" and len(words) == 2:
        return b"default", words[1], []
    if name == b"AUTH" and len(words) == 3:
        return words[1], words[2], []
    upper = [each.upper() for each in words]
    if name == b"HELLO" and b"AUTH" in upper and len(words) > upper.index(b"AUTH") + 2:
        at = upper.index(b"AUTH")
        return words[at + 1], words[at + 2], words[:at] + words[at + 3 :]
    return None, b"", []


async def _command(reader: Reader) -> Words:
    line = await reader.readline()
    if not line.startswith(b"*"):
        return line.split()
    count = int(line[1:])
    if count > _MAX_PARTS:
        raise ValueError("not a login")
    words = []
    for _ in range(count):
        length = int((await reader.readline())[1:])
        if length > _MAX_BYTES:
            raise ValueError("not a login")
        words.append((await reader.readexactly(length + 2))[:-2])
    return words


def _encoded(words: Words) -> bytes:
    parts = b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in words)
    return b"*%d\r\n%s" % (len(words), parts)
