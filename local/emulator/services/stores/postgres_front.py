"""The front of PostgreSQL: the start of its protocol, up to the password.

"Message Flow" and "Message Formats" in the documentation of PostgreSQL. The password, mostly a
token, is asked for in clear text within TLS, as by RDS for IAM logins.
"""

import asyncio
import struct

from .authority import ADDRESS, AUTHORITY
from .front import Front, Reader, Writer

_ENCRYPT, _GSS, _CANCEL = 80877103, 80877104, 80877102
_MAX_BYTES = 70_000
"""A token with a session token has some kilobytes."""


class PostgresFront(Front):
    """Listens without TLS at first, as the protocol has it, and refuses who stays there."""

    async def listen(self) -> asyncio.Server:
        self._tls = AUTHORITY.context()  # before clients are started, which read its file
        return await asyncio.start_server(self.serve, ADDRESS, self.port)

    async def login(self, reader: Reader, writer: Writer) -> tuple[Reader, Writer] | None:
        secure = False
        code, body = await _first_message(reader)
        if code == _GSS:
            writer.write(b"N")
            code, body = await _first_message(reader)
        if code == _ENCRYPT:
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(self._tls)
            secure = True
            code, body = await _first_message(reader)
        start = struct.pack("!II", len(body) + 8, code) + body
        if code == _CANCEL:
            _answers, upstream = await self.connect()
            upstream.write(start)
            await upstream.drain()
            upstream.close()
            return None
        fields = body.split(b"\0")
        user = dict(zip(fields[::2], fields[1::2], strict=False)).get(b"user", b"").decode()
        if not secure:
            text = f'no pg_hba.conf entry for user "{user}", no encryption'
            await _refuse(writer, "28000", text)
            return None
        password = await _asked_password(reader, writer)
        if await self.problem(user, password):
            text = f'PAM authentication failed for user "{user}"'
            await _refuse(writer, "28000", text)
            return None
        try:
            connected = await self.connect()
        except OSError:
            await _refuse(writer, "57P03", "the database system is starting up")
            return None
        connected[1].write(start)
        return connected


async def _first_message(reader: Reader) -> tuple[int, bytes]:
    length, code = struct.unpack("!II", await reader.readexactly(8))
    return code, await reader.readexactly(_checked(length) - 8)


async def _asked_password(reader: Reader, writer: Writer) -> str:
    writer.write(b"R" + struct.pack("!II", 8, 3))
    await writer.drain()
    kind = await reader.readexactly(1)
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    content = await reader.readexactly(_checked(length) - 4)
    return content.rstrip(b"\0").decode() if kind == b"p" else ""


def _checked(length: int) -> int:
    if not 4 <= length <= _MAX_BYTES:
        raise ValueError("not a message of PostgreSQL")
    return length


async def _refuse(writer: Writer, state: str, text: str) -> None:
    fields = f"SFATAL\0VFATAL\0C{state}\0M{text}\0\0".encode()
    writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
    await writer.drain()
