"""Socket.IO clients that cost next to nothing, many in one process; just enough of the protocol to listen."""

import asyncio
import base64
import json
import os
import ssl
import time
from collections.abc import Callable
from typing import Any

Heard = Callable[[str, Any, float], None]


class Client:
    """One WebSocket connection. `hear(event, payload, monotonic seconds)` is called for every event."""

    def __init__(
        self, port: int, hear: Heard, parse: bool = True, cookie: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        """`cookie` as a browser sends it; with `tls` the server calls itself localhost."""
        self._port, self._hear, self._parse, self._cookie, self._tls = port, hear, parse, cookie, tls
        self._writer: asyncio.StreamWriter | None = None
        self.connected = False
        self.dropped = False

    async def open(self) -> None:
        name = "localhost" if self._tls else "127.0.0.1"
        self._reader, writer = await asyncio.open_connection(name, self._port, ssl=self._tls)
        self._writer = writer
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {name}:{self._port}\r\n"
            f"Origin: http{'s' if self._tls else ''}://{name}:{self._port}\r\nCookie: {self._cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError(head.decode())
        await self._frame()
        self._send("40")
        await self._frame()
        self.connected = True

    def emit(self, event: str, payload: Any) -> None:
        self._send("42" + json.dumps([event, payload]))

    def _send(self, text: str) -> None:
        content = text.encode()
        assert self._writer
        assert len(content) < 126
        self._writer.write(bytes([0x81, 0x80 | len(content)]) + b"\0\0\0\0" + content)

    async def _frame(self) -> str:
        first, length = await self._reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self._reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await self._reader.readexactly(8), "big")
        content = await self._reader.readexactly(length)
        if first & 0x0F == 0x8:
            raise ConnectionError("closed by the server")
        return content.decode()

    async def listen(self) -> None:
        """Until the connection ends or the task is cancelled."""
        try:
            while True:
                text = await self._frame()
                heard_at = time.monotonic()
                if text == "2":
                    self._send("3")
                elif text.startswith("42"):
                    self._tell(text, heard_at)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.dropped = True

    def _tell(self, text: str, heard_at: float) -> None:
        if self._parse:
            event, *payload = json.loads(text[2:])
            self._hear(event, payload[0] if payload else None, heard_at)
        else:
            self._hear(text[4 : text.index('"', 4)], text, heard_at)

    def close(self) -> None:
        """At once, and without a word; also where it never came to be open."""
        if self._writer:
            self._writer.transport.abort()
