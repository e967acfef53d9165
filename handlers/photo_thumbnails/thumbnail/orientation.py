"""Reads the orientation of a photo from its Exif metadata.

Only this one value is read: Pillow reads every value, so that a small file can take gigabytes.
"""

import struct

_ORIENTATION = 0x0112
_SHORT, _LONG = 3, 4


def orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8; 1 if there is none or the metadata is broken.

    Source: "TIFF Revision 6.0", section 2, and CIPA DC-008 (Exif), 4.6.4.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", tiff, at)
            if tag == _ORIENTATION and kind in (_SHORT, _LONG):
                size = "H" if kind == _SHORT else "I"
                (value,) = struct.unpack_from(f"{order}{size}", tiff, at + 8)
                return value if 1 <= value <= 8 else 1
    except struct.error:  # cut off; the picture itself may be valid
        pass
    return 1
