"""DER elements written by hand, where bytes that nothing signs must have one form only.

Source: ITU-T X.690, 8.1.3 (lengths) and 10.1 (the shortest form).
"""


def element(tag: int, *parts: bytes) -> bytes:
    """Return a DER element: tag, shortest length, content."""
    content = b"".join(parts)
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    head = bytes([size]) if size < 0x80 else bytes([0x80 | len(length)]) + length  # noqa: PLR2004  # X.690, 8.1.3
    return bytes([tag]) + head + content
