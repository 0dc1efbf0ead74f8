"""Decode one JPEG lossless frame with GDCM, in a process of its own.

GDCM is the only decoder of JPEG lossless at hand, and it ends the whole process (`std::terminate`) on a damaged frame;
`lossless.py` therefore runs this file as a script. On standard input: one line of JSON (rows, columns, samples,
bits_allocated, bits_stored, signed, photometric, syntax), then the frame. On standard output: the pixels, as
interleaved little-endian samples. It imports nothing of this package.
"""

from __future__ import annotations

import json
import sys

import gdcm


def main() -> None:
    """Read, decode, write."""
    header = json.loads(sys.stdin.buffer.readline())
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(sys.stdin.buffer.read())
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())

    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((header["columns"], header["rows"], 1))
    image.SetDataElement(element)
    photometric = gdcm.PhotometricInterpretation.GetPIType(header["photometric"])
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(photometric))
    if header["samples"] > 1:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(header["syntax"])))
    bits = header["bits_stored"]
    image.SetPixelFormat(
        gdcm.PixelFormat(header["samples"], header["bits_allocated"], bits, bits - 1, int(header["signed"]))
    )
    # GDCM hands bytes over as a string with surrogates.
    sys.stdout.buffer.write(image.GetBuffer().encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    main()
