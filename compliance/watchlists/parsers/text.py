"""From the bytes of a file to its text, or a refusal that says what the file is instead."""

from __future__ import annotations

import gzip
import io
import zlib

from .base import RefusedFile

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_CHUNK = 1024 * 1024

_FOREIGN_BEGINNINGS = (
    (_GZIP, "compressed more than once (gzip within gzip)", "Unpack it once and load the result."),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV in UTF-8."),
    (b"%PDF", "a PDF document", "Load the data file of the list, not its printed form."),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "Save it as CSV in UTF-8."),
    (b"BZh", "a bzip2 archive", "Unpack it and load the result."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it and load the result."),
    (b"\x00\x00\xfe\xff", "UTF-32 text", "Save it as UTF-8."),
    (b"\xff\xfe\x00\x00", "UTF-32 text", "Save it as UTF-8."),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8."),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8."),
)


def unpack(data: bytes) -> bytes:
    """The plain bytes: gunzipped when the data begins as gzip does, else as they are.

    Raises RefusedFile when the archive is cut off or broken, or the result exceeds 200 MB.
    """
    if not data.startswith(_GZIP):
        if len(data) > MAX_UNPACKED_BYTES:
            raise _too_large()
        return data
    unpacked = bytearray()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as archive:
            while chunk := archive.read(_CHUNK):
                unpacked += chunk
                if len(unpacked) > MAX_UNPACKED_BYTES:
                    raise _too_large()
    except EOFError as error:
        raise RefusedFile(
            "cut_off_archive",
            "The gzip file is cut off: its compressed data ends before its end mark. Download it again.",
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise RefusedFile(
            "broken_archive",
            "The gzip file is broken: its contents do not agree with its check sum or format. Download it again.",
        ) from error
    return bytes(unpacked)


def _too_large() -> RefusedFile:
    size = MAX_UNPACKED_BYTES // (1024 * 1024)
    return RefusedFile("too_large", f"The file is larger than {size} MB unpacked. No list is: check what was sent.")


def decode(data: bytes, wanted: str) -> str:
    """The text of a UTF-8 file (with or without byte order mark).

    `wanted` says what the file should be, for the sentence. Raises RefusedFile for anything that
    is not UTF-8 text, naming the byte and the line.
    """
    if not data.strip():
        raise RefusedFile("empty", f"The file is empty; {wanted} was expected. Download it again.")
    for beginning, kind, cure in _FOREIGN_BEGINNINGS:
        if data.startswith(beginning):
            raise RefusedFile("not_text", f"The file is {kind}, not {wanted}. {cure}")
    zero = data.find(b"\0")
    if zero >= 0:
        raise _nul_bytes(data, zero, wanted)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = line_of_byte(data, error.start)
        raise RefusedFile(
            "not_utf8",
            f"The file is not UTF-8 text: byte {error.start} in line {line} (0x{data[error.start]:02X}) has no meaning "
            f"there. It {_likely_encoding(data)}. Save it as UTF-8 and load it again.",
            line=line,
        ) from error


def _nul_bytes(data: bytes, zero: int, wanted: str) -> RefusedFile:
    head = data[:4000]
    if max(head[0::2].count(0), head[1::2].count(0)) * 10 > len(head) * 4:
        return RefusedFile("not_text", f"The file is UTF-16 text, not {wanted}. Save it as UTF-8.", line=1)
    line = line_of_byte(data, zero)
    return RefusedFile(
        "nul_bytes",
        f"The file holds a NUL byte at byte {zero} in line {line}, which no text has: "
        "it is damaged, or no text at all. Download it again.",
        line=line,
    )


def _likely_encoding(data: bytes) -> str:
    if data.count(b"\x1b") + data.count(b"\x01") + data.count(b"\x02") > 2:
        return "looks like a binary file"
    high = [byte for byte in data if byte >= 0x80]
    if len(high) * 3 > len(data):
        return "looks like a binary file or text in a national encoding"
    if any(0x80 <= byte <= 0x9F for byte in high):
        return "looks like Windows-1252 text"
    return "looks like Latin-1 text"


def line_of_byte(data: bytes, offset: int) -> int:
    """The number, from 1, of the physical line in which a byte stands."""
    return data.count(b"\n", 0, offset) + 1


def collapse(text: str) -> str:
    """The text with every run of white space, line breaks and no-break spaces too, as one space."""
    return " ".join(text.split())
