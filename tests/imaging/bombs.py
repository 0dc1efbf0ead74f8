"""Files whose headers promise far more than they hold, and a script that reads them all in a fresh process.

``python -m tests.imaging.bombs`` prints per file: name, growth of the peak memory in MiB, the answer.
"""

import resource
import struct
import zlib
from pathlib import Path

from pydicom import uid

from lesion_core.errors import ImageError
from lesion_core.imaging.read import read_image
from tests.imaging.dicom_files import colours, compressed, dataset, encapsulated, encoded, greys, jpeg
from tests.imaging.raster_files import retagged, saved

SIDE = 40_000


def _png():
    data = saved(greys(), "PNG")
    header = b"IHDR" + struct.pack(">II", SIDE, SIDE) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def _patched(data, at, pattern, *values):
    result = bytearray(data)
    struct.pack_into(pattern, result, at, *values)
    return bytes(result)


def _tiff(**options):
    return retagged(saved(colours(), "TIFF", **options), {256: (256, 4, 1, SIDE), 257: (257, 4, 1, SIDE)})


def _tiled_tiff():
    """One tile of 40,000 x 40,000 for an image of 80 x 64: the tags 278 and 284 become tile width and length."""
    data = saved(colours(), "TIFF", compression="tiff_adobe_deflate")
    return retagged(data, {278: (322, 4, 1, SIDE), 284: (323, 4, 1, SIDE)})


def _gif(*, screen=False):
    data = saved(greys(), "GIF")
    if screen:
        return _patched(data, 6, "<HH", SIDE, SIDE)
    return _patched(data, data.index(b",\0\0\0\0") + 5, "<HH", SIDE, SIDE)


def _webp(kind):
    if kind == "VP8X":
        data = saved(colours(), "WEBP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
        side = struct.pack("<I", SIDE - 1)[:3]
        return data[:24] + side + side + data[30:]
    if kind == "VP8L":
        return _patched(saved(colours(), "WEBP", lossless=True), 21, "<I", 16383 | 16383 << 14)
    return _patched(saved(colours(), "WEBP"), 26, "<HH", 16383, 16383)


def _jpeg():
    data = jpeg(colours())
    return _patched(data, data.index(b"\xff\xc0") + 5, ">HH", 65_500, 65_500)


def _codestream(syntax, marker, pattern, skip):
    data = compressed(dataset(greys(), "MONOCHROME2"), syntax)
    return _patched(data, data.index(marker, 300) + skip, pattern, SIDE, SIDE)


def bombs():
    """Name -> bytes."""
    return {
        "PNG": _png(),
        "JPEG": _jpeg(),
        "TIFF": _tiff(),
        "TIFF LZW": _tiff(compression="tiff_lzw"),
        "TIFF tile": _tiled_tiff(),
        "TIFF parts": retagged(saved(colours(), "TIFF"), {273: (273, 4, 2_000_000_000, 8)}),
        "BMP": _patched(saved(colours(), "BMP"), 18, "<ii", SIDE, SIDE),
        "GIF screen": _gif(screen=True),
        "GIF frame": _gif(),
        "WebP": _webp("VP8 "),
        "WebP lossless": _webp("VP8L"),
        "WebP extended": _webp("VP8X"),
        "DICOM": encoded(dataset(greys(), "MONOCHROME2", Rows=SIDE, Columns=SIDE)),
        "DICOM frames": encoded(dataset(greys(), "MONOCHROME2", NumberOfFrames=10**9)),
        "DICOM clip": encoded(dataset(greys(), "MONOCHROME2", NumberOfFrames=2500, Rows=700, Columns=700)),
        "DICOM JPEG": encapsulated(dataset(colours(), "RGB"), [_jpeg()], uid.JPEGBaseline8Bit),
        "DICOM JPEG 2000": _codestream(uid.JPEG2000Lossless, b"\xff\x51", ">II", 6),
        "DICOM JPEG-LS": _codestream(uid.JPEGLSLossless, b"\xff\xf7", ">HH", 5),
        "DICOM RLE": encapsulated(dataset(greys(), "MONOCHROME2"), [bytes(10_000_000)], uid.RLELossless),
    }


def peak_mib():
    """Most memory this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    """Read every bomb and print what came of it."""
    for pixels in (colours(), greys()):  # warm up: every decoder is loaded
        for kind in ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF"):
            read_image(saved(pixels, kind))
    files = bombs()
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 512 * 2**20  # allocating any of the bombs fails from here on
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for name, data in files.items():
        before = peak_mib()
        try:
            read_image(data)
            answer = "READ"
        except ImageError as error:
            answer = str(error)
        print(name, f"{peak_mib() - before:.1f}", answer, sep="\t")


if __name__ == "__main__":
    main()
