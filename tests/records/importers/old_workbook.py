"""A workbook as Excel 97 kept it: BIFF8 records in a compound file. As small as it can be."""

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(rows):
    """Return *rows* of numbers and texts as an old workbook."""
    return _compound(_stream(rows))


def _record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def _stream(rows):
    start = _record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0005, 0, 0, 0, 0))
    name = "So".encode("latin-1")
    sheet_name = struct.pack("<BB", len(name), 0) + name
    before = len(start) + 4 + 6 + len(sheet_name) + 4
    globals_ = start + _record(0x0085, struct.pack("<LBB", before, 0, 0) + sheet_name) + _record(0x000A)
    body = _record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max(map(len, rows))
    body += _record(0x0200, struct.pack("<LLHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            body += _cell(number, column, cell)
    return globals_ + body + _record(0x000A)


def _cell(row, column, cell):
    if isinstance(cell, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, cell))
    text = cell.encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text) if cell else b""


def _compound(stream):
    size = max(len(stream), 4096)
    sectors = -(-size // _SECTOR)
    stream = stream.ljust(sectors * _SECTOR, b"\0")
    fats = -(-(sectors + 2) // 128) + 1
    chain = [_FAT] * fats + [_END] + [fats + 2 + n for n in range(sectors - 1)] + [_END]
    chain += [_FREE] * (fats * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack(
        "<HHHHH6xLLLLLLLLL", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, fats, 0, 4096, _END, 0, _END, 0
    )
    header += struct.pack("<109L", *range(fats), *([_FREE] * (109 - fats)))
    directory = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, fats + 1, size) + bytes(256)
    return header + struct.pack(f"<{fats * 128}L", *chain) + directory + stream


def _entry(name, kind, start, size, child=_FREE):
    said = name.encode("utf-16-le") + b"\0\0"
    return said.ljust(64, b"\0") + struct.pack(
        "<HBBLLL36xLLL", len(said), kind, 1, _FREE, _FREE, child, start, size, 0
    )
