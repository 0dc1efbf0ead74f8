"""Copies of pictures with known changes, for testing the audit."""

import numpy as np
from PIL import Image, ImageDraw

#: How a copy differs from its original; each takes (image, rng) and gives (image, file suffix, save options).
CHANGES = ("re-encoded", "resized", "mirrored", "cropped", "cropped unevenly", "calipers", "mirrored and cropped")


def crop(image, shares):
    """Cut off shares of the left, right, top and bottom."""
    width, height = image.size
    left, right, top, bottom = shares
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    return image.crop(tuple(round(each) for each in box))


def draw_calipers(image, rng, level=255):
    """Four plus signs and a caption."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for _ in range(4):
        x, y = round(rng.uniform(0.2, 0.8) * width), round(rng.uniform(0.2, 0.8) * height)
        draw.line((x - 6, y, x + 6, y), fill=level)
        draw.line((x, y - 6, x, y + 6), fill=level)
    draw.text((5, height - 15), "D 1.23 cm", fill=level)
    return image


def plant(original, change, path, rng):
    """Save a changed copy beside `path` (its suffix is chosen here) and say where."""
    image = Image.open(original).convert("L")
    suffix, options = ".png", {}
    if change == "re-encoded":
        suffix, options = ".jpg", {"quality": 60}
    elif change == "resized":
        scale = rng.uniform(0.5, 1.8)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    elif change == "mirrored":
        image = image.transpose(rng.choice([Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM]))
    elif change == "cropped":
        image = crop(image, (rng.uniform(0.05, 0.15),) * 4)
    elif change == "cropped unevenly":
        shares = np.zeros(4)
        sides = rng.choice(4, 2, replace=False)
        shares[sides] = rng.uniform(0.05, 0.15, 2)
        image, suffix, options = crop(image, shares), ".jpg", {"quality": 80}
    elif change == "calipers":
        image = draw_calipers(image, rng)
    elif change == "mirrored and cropped":
        image = crop(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), rng.uniform(0.0, 0.15, 4))
        suffix, options = ".jpg", {"quality": 75}
    path = path.with_suffix(suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path
