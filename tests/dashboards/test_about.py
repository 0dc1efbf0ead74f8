import itertools

import pytest

from dashboards import about, serving
from dashboards.architecture_figure import KINDS, architecture_figure, in_words
from lesion_core.errors import CheckpointError
from lesion_core.model.card import bundled_names
from lesion_core.model.layers import Layer

LAYERS = (
    Layer("RoI", "input", (3, 224, 224), 0, "RGB"),
    Layer("conv1_1", "convolution", (64, 224, 224), 1792, "3 × 3"),
    Layer("conv1_2", "convolution", (64, 224, 224), 36_928, "3 × 3"),
    Layer("pool1", "pooling", (64, 112, 112), 0),
    Layer("fc6", "fully connected", (4096,), 1_000_000, "product of rank 64"),
    Layer("softmax", "softmax", (2,), 0, "benign, malignant"),
)


def test_every_layer_is_drawn_once_from_left_to_right():
    figure = architecture_figure(LAYERS)
    drawn = [(x, custom[0]) for trace in figure.data for x, custom in zip(trace.x, trace.customdata, strict=True)]
    assert [name for _, name in sorted(drawn)] == [layer.name for layer in LAYERS]
    assert [trace.name for trace in figure.data] == [kind for kind in KINDS if kind != "normalisation"]
    labels = [each.text for each in figure.layout.annotations]
    assert labels == ["RoI 224×224×3", "conv1 224×224×64", "fc6 4096", "softmax 2"]


def test_labels_lie_below_every_slab():
    figure = architecture_figure(LAYERS)
    lowest = min(y / 2 - y for trace in figure.data for y in trace.y)
    assert all(each.y < lowest for each in figure.layout.annotations)
    assert figure.layout.yaxis.range[0] < min(each.y for each in figure.layout.annotations)


def test_slabs_do_not_overlap():
    figure = architecture_figure(LAYERS)
    spans = sorted((x - w / 2, x + w / 2) for trace in figure.data for x, w in zip(trace.x, trace.width, strict=True))
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(spans))


def test_a_layer_in_words():
    assert in_words(LAYERS[1]) == "convolution, 224 × 224 × 64, 1,792 parameters, 3 × 3"
    assert in_words(LAYERS[3]) == "pooling, 112 × 112 × 64, no parameters"


@pytest.mark.parametrize("name", bundled_names())
def test_every_bundled_network_and_its_card(name):
    figure, table = about.show_network(name)
    assert "conv5_4: convolution, 14 × 14 × 512" in figure["description"]
    assert table["rows"][-1][0] == "all"
    page, card = about.show_card(name), serving.card(name)
    assert page.startswith(f"### {card.title}\n")
    for metric in card.metrics:
        assert f"{metric.value:.3f} ({metric.low:.3f}-{metric.high:.3f})" in page
    assert f'LesionPredictor.load("{name}")' in page
    assert "\n# " not in page


def test_a_model_that_cannot_be_shown_is_told(monkeypatch):
    said = []
    monkeypatch.setattr(about.gr, "Warning", lambda message, **more: said.append(message))

    def damaged(name):
        raise CheckpointError(f"{name} is damaged: get the model again ```")

    monkeypatch.setattr(serving, "card", damaged)
    monkeypatch.setattr(serving, "network", damaged)
    about.show_network("other")
    assert said == ["other is damaged: get the model again ```"]
    assert about.show_card("other") == "```text\nother is damaged: get the model again '''\n```"
    assert about.show_card(None) == about.NO_MODEL
    assert about.show_network(None)[0] == about.gr.skip()


@pytest.mark.parametrize("words", ["not a medical device", "does not exclude cancer"])
def test_the_limits_are_said(words):
    from lesion_core.notice import NOTICE

    assert words in f"{about.LIMITS} {NOTICE}"
