"""DICOM files made for the tests: data sets with known pixels, encoded in every way that is read."""

import io

import gdcm
import numpy as np
import pytest
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

from lesion_core.errors import ImageError
from lesion_core.imaging.read import read_image


def colours(height=64, width=80):
    """Smooth colours, so that lossy compression changes little; (height, width, 3) uint8."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 3, y * 3, 255 - x * 2], axis=-1).astype(np.uint8)


def greys(height=64, width=80, *, bits=8):
    """(height, width) uint8 or uint16 that uses all of `bits`."""
    ramp = np.linspace(0, 2**bits - 1, height * width).round().reshape(height, width)
    return ramp.astype(np.uint8 if bits <= 8 else np.uint16)


def as_rgb(grey):
    """(..., height, width) to (..., height, width, 3)."""
    return np.repeat(grey[..., None], 3, axis=-1)


def to_ybr(rgb):
    """RGB to full-range YBR (DICOM PS3.3 C.7.6.3.1.2), in float64, rounded."""
    r, g, b = np.moveaxis(rgb.astype(np.float64), -1, 0)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    cb = -0.1687 * r - 0.3313 * g + 0.5 * b + 128
    cr = 0.5 * r - 0.4187 * g - 0.0813 * b + 128
    return np.clip(np.rint(np.stack([y, cb, cr], axis=-1)), 0, 255).astype(np.uint8)


def dataset(pixels, photometric, *, bits=None, syntax=uid.ExplicitVRLittleEndian, planar=0, **elements):
    """A data set around (frames,) rows, columns (, 3) of integers; more elements by keyword."""
    result = Dataset()
    result.file_meta = FileMetaDataset()
    result.file_meta.TransferSyntaxUID = syntax
    result.file_meta.MediaStorageSOPClassUID = uid.UltrasoundMultiFrameImageStorage
    result.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    result.SOPClassUID = uid.UltrasoundMultiFrameImageStorage
    result.SOPInstanceUID = "1.2.3"
    result.Modality = "US"
    result.PatientName = "Secret^Name"
    result.PatientID = "SECRET-ID"
    colour = photometric not in ("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR")
    result.SamplesPerPixel = 3 if colour else 1
    result.PhotometricInterpretation = photometric
    if colour:
        result.PlanarConfiguration = planar
    first = pixels.ndim - (3 if colour else 2)
    if first:
        result.NumberOfFrames = pixels.shape[0]
    result.Rows, result.Columns = pixels.shape[first : first + 2]
    result.BitsAllocated = 8 * pixels.dtype.itemsize
    result.BitsStored = bits or result.BitsAllocated
    result.HighBit = result.BitsStored - 1
    result.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in elements.items():
        setattr(result, keyword, value)
    stored = np.moveaxis(pixels, -1, -3) if colour and planar else pixels
    big = syntax == uid.ExplicitVRBigEndian and pixels.dtype.itemsize > 1
    result.PixelData = (stored.byteswap() if big else stored).tobytes()
    result["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
    return result


def encoded(ds):
    """The bytes of the file."""
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def compressed(ds, syntax):
    """The bytes of the file, compressed by pydicom's encoders (RLE, JPEG-LS, JPEG 2000)."""
    ds.compress(syntax)
    return encoded(ds)


def encapsulated(ds, frames, syntax):
    """The bytes of the file with ready-made codestreams as its frames."""
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate(frames)
    ds["PixelData"].is_undefined_length = True
    return encoded(ds)


def jpeg(rgb, **options):
    """A JPEG codestream by Pillow."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


def by_gdcm(ds, syntax, folder):
    """The bytes of the file, compressed by GDCM (JPEG baseline and lossless)."""
    plain, result = folder / "plain.dcm", folder / "compressed.dcm"
    plain.write_bytes(encoded(ds))
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(result))
    assert writer.Write()
    return result.read_bytes()


def off(image, wanted):
    """Largest difference from the wanted pixels."""
    assert image.pixels.shape == wanted.shape
    assert image.pixels.dtype == np.uint8
    return int(np.abs(image.pixels.astype(int) - wanted.astype(int)).max())


def refused(data, match, **options):
    """Reading it ends in one sentence that matches."""
    with pytest.raises(ImageError, match=match) as caught:
        read_image(data, **options)
    assert "\n" not in str(caught.value)
