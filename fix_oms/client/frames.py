"""Frames of the control socket and of the stream, read on an event loop."""

from __future__ import annotations

import asyncio

from fix_oms.model import protocol


async def read_frame(reader: asyncio.StreamReader) -> bytes | None:
    """The next frame's body; None where the peer closed between two frames.

    Raises FrameError for one that is cut or too large, OSError.
    """
    head = b""
    try:
        head = await reader.readexactly(protocol.HEAD_SIZE)
        return await reader.readexactly(protocol.body_size(head))
    except asyncio.IncompleteReadError as error:
        if not head and not error.partial:
            return None
        raise protocol.FrameError("the connection ended inside a frame") from None
