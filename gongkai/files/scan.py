"""Asking clamd whether a file carries a virus, over its INSTREAM command.

`GONGKAI_CLAMD` names the daemon: `host:port` or the path of a Unix socket; empty, nothing is scanned.
"""

from __future__ import annotations

import logging
import socket
import struct
from pathlib import Path

from django.conf import settings

from gongkai.files.models import Attachment

log = logging.getLogger(__name__)

TIMEOUT = 20.0  # seconds
CHUNK = 64 * 1024


def scanned(path: Path) -> Attachment.Scan:
    """What clamd says of a file. Unscanned when there is no daemon or it does not answer."""
    where = getattr(settings, "GONGKAI_CLAMD", "")
    if not where:
        return Attachment.Scan.UNSCANNED
    try:
        answer = _ask(where, path)
    except OSError as error:
        log.warning("clamd does not answer: %s", error)
        return Attachment.Scan.UNSCANNED
    if answer.endswith("OK"):
        return Attachment.Scan.CLEAN
    if answer.endswith("FOUND"):
        return Attachment.Scan.INFECTED
    log.warning("clamd: %s", answer)
    return Attachment.Scan.UNSCANNED


def _ask(where: str, path: Path) -> str:
    with _connected(where) as connection, path.open("rb") as file:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(TIMEOUT)
        connection.connect(where)
        return connection
    host, _, port = where.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), TIMEOUT)
