"""Several files of one list as one file: a ZIP, made so that the same files give the same bytes, and read safely.

OFAC publishes a list as three or four CSV files that say nothing alone. They travel, are stored and are hashed
as one bundle.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping

from .base import RefusedFile
from .text import MAX_UNPACKED_BYTES, unpack

MAX_MEMBERS = 50

_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")  # the first member, or the end mark of a ZIP without any
_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1
# What zipfile is known to raise on damaged input; each of them means the same to the reader: broken.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
    KeyError,
)


def is_bundle(data: bytes) -> bool:
    """Whether the data begins as a ZIP does."""
    return data.startswith(_BEGINNINGS)


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as one ZIP: sorted by name, dated 1980-01-01, without extra fields.

    The same files give the same bytes under one version of zlib. Raises RefusedFile for what `members` would not
    read back: no files, more than 50, more than 200 MB, or names that are equal but for folder and case.
    """
    names = [_plain_name(name) for name in files]
    _check_names(names)
    _check_size(sum(map(len, files.values())))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(zip(names, files.values(), strict=True)):
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # else the bytes depend on the operating system
            member.external_attr = 0o644 << 16
            archive.writestr(member, data, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def members(data: bytes, wanted: str) -> dict[str, bytes]:
    """The files of a bundle by their names without folders, those packed with gzip unpacked (and ".gz" taken off).

    `wanted` says what the bundle should be, for the sentence. Raises RefusedFile when it is no ZIP, broken, cut off,
    encrypted, an Excel workbook, larger than 200 MB unpacked, or has no or more than 50 files or one name twice.
    """
    if not is_bundle(data):
        raise RefusedFile("not_bundle", f"The file is no ZIP archive; {wanted} as a ZIP was expected.")
    _check_size(len(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read(archive, wanted)
    except _BROKEN as error:
        if isinstance(error, RefusedFile):
            raise
        raise RefusedFile(
            "broken_bundle",
            "The ZIP archive is broken or cut off: its contents do not agree with its list of files. "
            "Download it again.",
        ) from error


def _read(archive: zipfile.ZipFile, wanted: str) -> dict[str, bytes]:
    infos = [info for info in archive.infolist() if not info.is_dir() and not _is_of_mac(info.filename)]
    if any(info.filename == "[Content_Types].xml" for info in infos):
        raise RefusedFile("workbook", f"The file is an Excel or Word document, not {wanted}. Load the official files.")
    names = [_plain_name(info.filename) for info in infos]
    _check_names([name.removesuffix(".gz") for name in names])
    _check_size(sum(info.file_size for info in infos))
    files: dict[str, bytes] = {}
    total = 0
    for name, info in zip(names, infos, strict=True):
        content = _member(archive, info, name, total)
        total += len(content)
        _check_size(total)
        files[name.removesuffix(".gz")] = content
    return files


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, so_far: int) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise RefusedFile("encrypted", f"{name} in the ZIP archive is encrypted. Pack it without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise RefusedFile(
            "unknown_packing", f"{name} in the ZIP archive is packed in an unusual way. Pack it as an ordinary ZIP."
        )
    content = bytearray()
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            content += chunk
            _check_size(so_far + len(content))
    if not name.endswith(".gz"):
        return bytes(content)
    if not content.startswith(b"\x1f\x8b"):
        raise RefusedFile("broken_archive", f"{name} in the ZIP archive is no gzip file, though its name says so.")
    try:
        return unpack(bytes(content))
    except RefusedFile as error:
        raise RefusedFile(error.code, f"{name} in the ZIP archive: {error.message}") from error


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _is_of_mac(name: str) -> bool:
    # macOS adds a shadow file of its own for each file that it packs.
    return name.startswith("__MACOSX/") or _plain_name(name) in (".DS_Store",)


def _check_names(names: list[str]) -> None:
    if not names or not all(names):
        raise RefusedFile("empty_bundle", "The ZIP archive holds no file, or one without a name. Pack it again.")
    if len(names) > MAX_MEMBERS:
        raise RefusedFile(
            "too_many_members",
            f"The ZIP archive holds {len(names):,} files; no list has more than {MAX_MEMBERS}. Check what was sent.",
        )
    folded = [name.casefold() for name in names]
    twice = sorted({name for name in names if folded.count(name.casefold()) > 1})
    if twice:
        raise RefusedFile(
            "repeated_member", f"The ZIP archive holds two files of one name: {', '.join(twice)}. Keep one of them."
        )


def _check_size(size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // (1024 * 1024)
        raise RefusedFile(
            "too_large", f"The ZIP archive holds more than {limit} MB unpacked. No list does: check what was sent."
        )
