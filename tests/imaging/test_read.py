"""The entrance: paths and bytes, refusals in plain words, several threads, real images."""

import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from lesion_core.errors import ImageError
from lesion_core.imaging.limits import MAX_BYTES, MIN_SIDE, check_size
from lesion_core.imaging.read import frame_count, read_image
from tests.imaging.dicom_files import as_rgb, colours, compressed, dataset, encoded, greys
from tests.imaging.raster_files import samples, saved


def refused(source, *words, **options):
    """Reading it, and counting its frames where that is no matter of the frame, ends in one plain sentence."""
    with pytest.raises(ImageError) as caught:
        read_image(source, **options)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_path_text_and_bytes_are_the_same(tmp_path):
    data = saved(colours(), "PNG")
    path = tmp_path / "nodule.png"
    path.write_bytes(data)
    images = [read_image(path), read_image(str(path)), read_image(data)]
    for image in images:
        assert np.array_equal(image.pixels, colours())
        assert image.sha256 == hashlib.sha256(data).hexdigest()
        assert (image.format, image.size, image.frame, image.frames) == ("PNG", (64, 80), 0, 1)
    assert frame_count(path) == frame_count(str(path)) == frame_count(data) == 1


@pytest.mark.parametrize("name", ["scan.jpg", "scan.dcm", "scan", "scan.png.txt"])
def test_the_name_does_not_matter(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(saved(colours(), "PNG"))
    assert read_image(path).format == "PNG"
    path.write_bytes(encoded(dataset(greys(), "MONOCHROME2")))
    assert read_image(path).format == "DICOM"


# What is no image


def test_text_called_png(tmp_path):
    path = tmp_path / "scan.png"
    path.write_text("patient;score\n", "utf-8")
    refused(path, "this is a text file, not an image", "upload a PNG, JPEG, TIFF, BMP, WebP, GIF or DICOM file")


def test_nothing_there(tmp_path):
    empty = tmp_path / "empty.png"
    empty.touch()
    refused(empty, "the file is empty (0 bytes)", "upload it again")
    refused(tmp_path, f"{tmp_path.name} is a folder, not an image", "choose one file in it")
    refused(tmp_path / "absent.png", "there is no file", "absent.png", "check the path")
    refused("no\0path", "there is no file")
    for source in (empty, tmp_path, tmp_path / "absent.png"):
        with pytest.raises(ImageError):
            frame_count(source)


@pytest.mark.skipif(os.name != "posix", reason="named pipes are a matter of POSIX")
def test_a_pipe_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    refused(pipe, "there is no file")


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    path = tmp_path / "locked.png"
    path.write_bytes(saved(colours(), "PNG"))

    def locked(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    refused(path, "locked.png cannot be read (Permission denied)", "check it and its permissions")


def test_a_file_larger_than_the_limit_is_not_read(tmp_path):
    path = tmp_path / "huge.dcm"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse: it takes no room
    refused(path, "the file is too large: 256.0 MiB, at most 256 MiB are read", "export a shorter clip")


def test_bytes_larger_than_the_limit(monkeypatch):
    data = saved(colours(), "PNG")
    monkeypatch.setattr("lesion_core.imaging.read.MAX_BYTES", len(data))
    read_image(data)
    monkeypatch.setattr("lesion_core.imaging.read.MAX_BYTES", len(data) - 1)
    refused(data, "the file is too large")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "DICOM"])
@pytest.mark.parametrize("size", [(MIN_SIDE - 1, 30), (30, MIN_SIDE - 1), (1, 1)])
def test_too_small(kind, size):
    pixels = colours(*size)
    data = encoded(dataset(pixels, "RGB")) if kind == "DICOM" else saved(pixels, kind)
    words = ("too small", f"{size[1]} x {size[0]} pixels", "at least 8 x 8 are needed")
    refused(data, *words)
    with pytest.raises(ImageError, match="too small"):
        frame_count(data)


def test_the_smallest_image():
    assert read_image(saved(colours(MIN_SIDE, MIN_SIDE), "PNG")).size == (MIN_SIDE, MIN_SIDE)


def test_the_limits_themselves():
    check_size(5_000, 10_000)
    check_size(1_000, 1_000, 1_000)
    for size in ((5_000, 10_001), (1_000, 1_000, 1_001), (8, 8, 5_001), (7, 8)):
        with pytest.raises(ImageError):
            check_size(*size)


# Damage


@pytest.mark.parametrize(("name", "data"), samples().items())
def test_a_file_cut_off_anywhere_is_refused_or_reads_the_same(name, data):
    """Never a picture that is black below the cut. Clips may lose frames behind the cut, and then say so."""
    whole = read_image(data)
    cuts = range(1, len(data)) if len(data) < 300 else np.linspace(1, len(data) - 1, 50).astype(int)
    refusals = 0
    for cut in cuts:
        try:
            image = read_image(data[:cut], frame=0 if whole.frames > 1 else None)
        except (ImageError, Warning):
            refusals += 1
            continue
        wanted = read_image(data, frame=0) if whole.frames > 1 else whole
        assert np.array_equal(image.pixels, wanted.pixels)
        if image.frames < whole.frames:
            assert "cut off" in image.notes[-1]
    assert refusals > 5


@pytest.mark.parametrize("name", ["PNG", "JPEG"])
def test_a_truncated_file_says_what_to_do(name):
    data = saved(colours(), name)
    refused(data[: len(data) // 2], f"this {name} file is damaged, cut off", "download or export it again")


def test_a_png_with_a_flipped_bit_is_refused():
    data = bytearray(saved(colours(), "PNG"))
    data[data.index(b"IDAT") + 60] ^= 4
    refused(bytes(data), "this PNG file is damaged", "checksum")


# Beside others


def test_settings_of_pillow_stay_as_they_are():
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)
    for data in samples().values():
        read_image(data)
        with pytest.raises(ImageError):
            read_image(data[:20])
    assert before == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES)


def test_threads_do_not_disturb_each_other():
    files = [*samples().values()]
    files += [compressed(dataset(colours(), "RGB"), syntax) for syntax in ("1.2.840.10008.1.2.5",) * 3]
    files += [encoded(dataset(np.stack([greys()] * 4), "MONOCHROME1"))]
    alone = [read_image(data) for data in files]
    threads = 8
    start = threading.Barrier(threads)

    def work(seed):
        start.wait()
        for index in np.random.default_rng(seed).permutation(len(files)):
            image = read_image(files[index])
            assert np.array_equal(image.pixels, alone[index].pixels)
            assert image.notes == alone[index].notes

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))


def test_importing_is_light():
    code = (
        "import sys, lesion_core.imaging.read as read, lesion_core.imaging.raster\n"
        "heavy = {'torch', 'gradio', 'plotly', 'pydicom', 'gdcm', 'pandas', 'scipy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


@pytest.mark.data
def test_images_of_the_public_sets(data_dir):
    """A sample of each set reads to Pillow's pixels, bit for bit."""
    rng = np.random.default_rng(7)
    folders = {
        "BUSBRA": sorted((data_dir / "BUSBRA" / "Images").glob("*.png")),
        "BUSI": sorted((data_dir / "BUSI").rglob("*.png")),
        "DDTI": sorted((data_dir / "DDTI").glob("*.jpg")),
    }
    for name, paths in folders.items():
        assert len(paths) > 100, name
        for index in rng.choice(len(paths), 20, replace=False):
            image = read_image(paths[index])
            with Image.open(paths[index]) as opened:
                assert image.format == opened.format
                wanted = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
            assert np.array_equal(image.pixels, wanted), paths[index].name
            assert image.frames == 1


def test_grey_images_come_out_in_three_equal_channels():
    assert np.array_equal(read_image(saved(greys(), "PNG")).pixels, as_rgb(greys()))
