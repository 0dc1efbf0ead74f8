"""PNG, JPEG, TIFF, BMP, WebP and GIF files made for the tests by Pillow."""

import io
import struct

import numpy as np
from PIL import Image

from tests.imaging.dicom_files import colours


def saved(image, kind, **options):
    """The bytes of an image (array or Pillow's) in a format."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.copy().save(buffer, kind, **options)  # a copy: some encoders leave their settings in the image
    return buffer.getvalue()


def clip(frames=5, height=24, width=32):
    """Frames of few colours that GIF keeps exactly: (frames, height, width, 3) uint8."""
    result = np.zeros((frames, height, width, 3), np.uint8)
    for index in range(frames):
        result[index, 4:12, 2 + 4 * index : 10 + 4 * index] = (250, 20 * index, 40)
        result[index, -3:] = 90
    return result


def animated(kind, frames, **options):
    """The bytes of an animation."""
    first, *others = (Image.fromarray(frame) for frame in frames)
    return saved(first, kind, save_all=True, append_images=others, **options)


def retagged(data, changes, *, page=0):
    """A little-endian TIFF of which entries of one page's directory are replaced: tag -> (tag, type, count, value)."""
    at = int.from_bytes(data[4:8], "little")
    for _ in range(page):
        entries = int.from_bytes(data[at : at + 2], "little")
        at = int.from_bytes(data[at + 2 + 12 * entries :][:4], "little")
    entries = int.from_bytes(data[at : at + 2], "little")
    result = bytearray(data)
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        tag = int.from_bytes(data[entry : entry + 2], "little")
        if tag in changes:
            struct.pack_into("<HHII", result, entry, *changes[tag])
    return bytes(result)


def samples():
    """Small files of every format and of many modes: name -> bytes."""
    rgb = Image.fromarray(colours(24, 32))
    grey = rgb.convert("L")
    deep = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32) * 80
    turned = Image.Exif()
    turned[0x0112] = 6
    turned[0x010F] = "maker"
    files = {
        "png": saved(rgb, "PNG", exif=turned),
        "png_palette": saved(rgb.quantize(16), "PNG", transparency=0),
        "png_la": saved(rgb.convert("LA"), "PNG"),
        "png_1": saved(grey.convert("1"), "PNG"),
        "png_16": saved(deep, "PNG"),
        "png_animated": animated("PNG", clip()),
        "jpeg": saved(rgb, "JPEG", exif=turned),
        "jpeg_progressive": saved(grey, "JPEG", progressive=True),
        "jpeg_cmyk": saved(rgb.convert("CMYK"), "JPEG"),
        "tiff_fax": saved(grey.convert("1"), "TIFF", compression="group4"),
        "tiff_float": saved(deep.astype(np.float32), "TIFF"),
        "tiff_16": saved(deep, "TIFF"),
        "tiff_pages": animated("TIFF", clip()),
        "tiff_big": saved(rgb, "TIFF", big_tiff=True),
        "tiff_cmyk": saved(rgb.convert("CMYK"), "TIFF"),
        "tiff_palette": saved(rgb.quantize(9), "TIFF"),
        "bmp": saved(rgb, "BMP"),
        "bmp_palette": saved(rgb.quantize(16), "BMP"),
        "webp": saved(rgb, "WEBP", exif=turned),
        "webp_lossless": saved(rgb.convert("RGBA"), "WEBP", lossless=True),
        "webp_animated": animated("WEBP", clip(), lossless=True),
        "gif": saved(rgb, "GIF"),
        "gif_animated": animated("GIF", clip(), disposal=2),
    }
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        files[f"tiff_{compression}"] = saved(rgb, "TIFF", compression=compression, exif=turned)
    return files
