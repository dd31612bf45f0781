"""The only file that says whether a packed file is safe to open: it unpacks it once, into nothing.

What an archive says about itself may be a lie, so its word is enough to refuse it and never to accept it.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from warehouse.errors import BadSource

# A workbook is held in memory whole; a gzipped CSV is read as a stream, so only its ratio matters.
UNPACKED_MOST = 200 * 1024 * 1024  # bytes
UNPACKED_RATIO = 100
_STREAM_FREE = 16 * 1024 * 1024  # bytes below which no ratio is a danger
_PIECE = 1024 * 1024  # bytes
_LOCAL_HEADER = 30  # bytes before an entry's name (APPNOTE.TXT 4.3.7)
_WORKBOOK_MARK = "[Content_Types].xml"


def refuse_zip_bomb(path: Path) -> None:
    """Raise BadSource unless `path` is a whole ZIP archive that unpacks to what a workbook may hold.

    Both what the table of contents declares and what really comes out are measured.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            entries = archive.infolist()
            packed = max(sum(entry.compress_size for entry in entries), 1)
            _refuse_beyond(path, packed, sum(entry.file_size for entry in entries))
            if _WORKBOOK_MARK not in archive.namelist():
                raise BadSource(f"{path} is a ZIP archive and no workbook; unpack it and load what is in it.")
            unpacked = 0
            for entry in entries:
                for size in _sizes(file, entry):
                    unpacked += size
                    _refuse_beyond(path, packed, unpacked)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError) as error:
        raise BadSource(f"{path} is a damaged XLSX file ({error}); fetch or save it again.") from error


def refuse_gzip_bomb(path: Path) -> int:
    """Return how many bytes the gzip file `path` unpacks to.

    Raises BadSource when it is cut off, damaged, or grows more than a hundredfold.
    """
    packed, unpacked = path.stat().st_size, 0
    try:
        with gzip.open(path, "rb") as file:
            while piece := file.read(_PIECE):
                unpacked += len(piece)
                if unpacked > max(_STREAM_FREE, UNPACKED_RATIO * packed):
                    raise BadSource(
                        f"{path} unpacks from {packed:,} to more than {unpacked:,} bytes, which no list of "
                        "items does; export it again."
                    )
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadSource(f"{path} is cut off or damaged ({error}); fetch or export it again.") from error
    return unpacked


def _refuse_beyond(path: Path, packed: int, unpacked: int) -> None:
    if unpacked > min(UNPACKED_MOST, UNPACKED_RATIO * packed):
        raise BadSource(
            f"{path} unpacks from {packed:,} to {unpacked:,} bytes or more, more than is safe to open; "
            "save it as CSV UTF-8."
        )


def _sizes(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[int]:
    """Yield how many bytes each piece of an entry really unpacks to, whatever size it declares."""
    if entry.compress_type == zipfile.ZIP_STORED:
        yield entry.compress_size
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"{entry.filename} is packed by a method that workbooks do not use")
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left, unpacker = entry.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and not unpacker.eof and (packed := file.read(min(_PIECE, left))):
        left -= len(packed)
        while packed and not unpacker.eof:
            yield len(unpacker.decompress(packed, _PIECE))
            packed = unpacker.unconsumed_tail
