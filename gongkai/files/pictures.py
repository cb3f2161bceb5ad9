"""Pictures are kept without what they say beside the picture: where and when it was taken, with which device, by whom.

EXIF, XMP, IPTC, comments and thumbnails go; the orientation they named is applied first, and colours keep their
profile. What is kept is written anew from the pixels, so that nothing hidden behind the picture stays either.
HEIC, which few office programs open, becomes JPEG.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}
BECOMES = {"HEIF": "JPEG"}
LARGEST = 64_000_000  # pixels, of all frames together: 192 MB when unpacked
ORIENTATION = 0x0112
KEPT = ("icc_profile", "transparency", "duration", "loop", "background", "disposal", "blend", "default_image")
QUALITY: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92, "optimize": True},
    "PNG": {},
    "WEBP": {"quality": 92, "method": 4},
}


class BrokenPicture(Exception):
    """It starts like a picture and cannot be read to its end."""


class LargePicture(Exception):
    """More pixels than are unpacked here."""


def bare(path: Path, media_type: str) -> str:
    """Write a picture anew over itself, bare of metadata; its media type from then on.

    Raises BrokenPicture or LargePicture; the file is then as it was.
    """
    from PIL import Image, UnidentifiedImageError

    if media_type == "image/heic":
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
    written = io.BytesIO()
    try:
        with Image.open(path, formats=_formats(FORMATS[media_type])) as picture:
            kind = BECOMES.get(FORMATS[media_type], FORMATS[media_type])
            frames = getattr(picture, "n_frames", 1) if kind != "JPEG" else 1
            if picture.width * picture.height * frames > LARGEST:
                raise LargePicture(path.name)
            _write(picture, kind, written, is_moving=frames > 1)
    except Image.DecompressionBombError as error:
        raise LargePicture(path.name) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, RuntimeError, EOFError) as error:
        raise BrokenPicture(path.name) from error
    path.write_bytes(written.getbuffer())
    return f"image/{kind.lower()}"


def _formats(kind: str) -> list[str]:
    return ["JPEG", "MPO"] if kind == "JPEG" else [kind]


def _write(picture: Image.Image, kind: str, file: IO[bytes], *, is_moving: bool) -> None:
    """Write the pixels of a picture, upright, as a file of a kind; of a moving one every frame."""
    from PIL import ImageOps

    options: dict[str, Any] = QUALITY[kind] | ({"save_all": True} if is_moving else {})
    if not is_moving:
        picture.load()
        if picture.getexif().get(ORIENTATION, 1) != 1:
            ImageOps.exif_transpose(picture, in_place=True)
        elif picture.format == "JPEG":
            options = {"quality": "keep", "optimize": True}
    if kind == "JPEG" and picture.mode not in ("L", "RGB", "CMYK"):
        picture = picture.convert("RGB")
    picture.info = {name: value for name, value in picture.info.items() if name in KEPT}
    picture.save(file, kind, exif=b"", **options)
