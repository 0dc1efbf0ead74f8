"""Two images under a slider, the second of which changes often: quick to encode and without a second request.

The first image is a file in the page's cache, which the browser fetches once. The second travels inside the answer, so
it leaves nothing on the server. Both are lossless PNGs of one channel where the image is grey, with little compression:
Gradio's own PNG takes ten times as long, and its JPEG changes more pixels than a high rank of an SVD does.
"""

from __future__ import annotations

import base64
import io
from functools import lru_cache

import gradio as gr
import numpy as np
from gradio.components.imageslider import SliderData
from gradio.data_classes import ImageData
from numpy.typing import NDArray
from PIL import Image

from dashboards.widgets.cached_file import cached_file


class Comparison(gr.ImageSlider):
    """`gr.ImageSlider` for display; its value is (constant image, changing image).

    The parent's constructor stays as it is: Gradio tells the page only of the parameters that the constructor names.
    """

    def get_block_name(self) -> str:
        """The page shows it with Gradio's own component."""
        return "imageslider"

    def postprocess(  # type: ignore[override]  # the parent takes files too
        self, value: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None
    ) -> SliderData | None:
        """Encode both images.

        Args:
            value: two images, (height, width, 3) uint8, RGB, 0-255.
        """
        if value is None:
            return None
        constant, changing = value
        path = cached_file(_kept_png(constant.tobytes(), constant.shape), "image.png", self.GRADIO_CACHE)
        inline = "data:image/png;base64," + base64.b64encode(png(changing)).decode("ascii")
        return SliderData(root=(ImageData(path=path), ImageData(url=inline)))


def png(image: NDArray[np.uint8]) -> bytes:
    """A lossless picture, made quickly.

    Args:
        image: (height, width, 3) uint8, RGB, 0-255.
    """
    grey = bool((image == image[..., :1]).all())
    content = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image[..., 0] if grey else image)).save(content, "PNG", compress_level=1)
    return content.getvalue()


@lru_cache(maxsize=16)
def _kept_png(content: bytes, shape: tuple[int, ...]) -> bytes:
    return png(np.frombuffer(content, np.uint8).reshape(shape))
