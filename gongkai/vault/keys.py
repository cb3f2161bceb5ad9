"""Where secrets live: one file a secret under `GONGKAI_HOME/keys`, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def secret(folder: Path, name: str) -> bytes:
    """Return the 32 bytes called `name`, making them on first use.

    `GONGKAI_KEY_<NAME>` (64 hexadecimal digits) in the environment wins over the file, so a
    deployment may keep its keys elsewhere. Raises SystemExit when that value is malformed.
    """
    variable = f"GONGKAI_KEY_{name.upper()}"
    if given := os.environ.get(variable):
        try:
            key = bytes.fromhex(given)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SystemExit(
                f"{variable}: 应为 64 位十六进制数。可用 python -c 'import secrets; print(secrets.token_hex(32))' 生成。"
            )
        return key
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        draft = folder / f".{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(draft, path)  # whoever links first decides; the others read that key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
