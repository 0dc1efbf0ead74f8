import json
from dataclasses import asdict, replace

import pytest

from lesion_core.errors import CheckpointError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.model import card as cards
from lesion_core.model.card import CARD_FILE, bundled_names, model_folder, read_card, write_card
from tests.model.stand_in import card


def signed(content, folder):
    """Write any content as a card whose checksum is right, as an author with another program would."""
    content = json.loads(json.dumps(content))
    content["card_sha256"] = cards._checksum(content)
    (folder / CARD_FILE).write_text(json.dumps(content), encoding="utf-8")


def with_point(**changes):
    return card(operating_point=replace(card().operating_point, **changes))


def with_metric(**changes):
    return card(metrics=(replace(card().metrics[0], **changes),))


def with_ranks(ranks):
    return card(architecture=replace(card().architecture, ranks=ranks))


def test_a_card_comes_back_as_it_was_written(tmp_path):
    for each in (card(), card(metrics=(), training=()), with_ranks(None), card(title="Ö “x” \n 甲状腺")):
        write_card(each, tmp_path)
        assert read_card(tmp_path) == each
    assert [file.name for file in tmp_path.iterdir()] == [CARD_FILE]
    assert card(weights_sha256="ab" * 32).version == "abababababab"


def test_one_changed_byte_is_refused_unless_it_changes_nothing_that_is_read(tmp_path):
    write_card(card(), tmp_path)
    file = tmp_path / CARD_FILE
    good = file.read_bytes()
    refused = 0
    for position in range(3, len(good), 61):
        for flip in (0x01, 0x80):
            file.write_bytes(good[:position] + bytes([good[position] ^ flip]) + good[position + 1 :])
            try:
                assert read_card(tmp_path) == card()  # white space between fields
            except CheckpointError:
                refused += 1
    assert refused > 50


def test_a_changed_threshold_is_refused(tmp_path):
    write_card(card(), tmp_path)
    file = tmp_path / CARD_FILE
    file.write_text(file.read_text(encoding="utf-8").replace('"threshold": 0.41', '"threshold": 0.42'), "utf-8")
    with pytest.raises(CheckpointError, match="changed after it was written"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"card_sha256": ""}', b'{"name": "\\ud800"}', b"[" * 100_000],
)
def test_what_is_no_card_is_refused(content, tmp_path):
    (tmp_path / CARD_FILE).write_bytes(content)
    with pytest.raises(CheckpointError, match="get the model again"):
        read_card(tmp_path)


def test_a_missing_card_says_what_a_model_is(tmp_path):
    with pytest.raises(CheckpointError, match=r"no card\.json in .*weights\.safetensors"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": "0"}, "seed"),
        ({"organs": ["liver"]}, "organs"),
        ({"target": "cancer"}, "target"),
        ({"classes": ["malignant", "benign"]}, "classes"),
        ({"surprise": 1}, "surprise"),
        ({"operating_point": {"threshold": 0.5}}, "operating_point"),
        ({"input": asdict(InputSpec()) | {"gamma": 2.2}}, "input.gamma"),
    ],
)
def test_fields_of_another_type_or_name_are_all_named(change, named, tmp_path):
    signed(asdict(card()) | change, tmp_path)
    with pytest.raises(CheckpointError, match=f"does not fit this version of the software.*{named}"):
        read_card(tmp_path)


def test_a_missing_field_is_named(tmp_path):
    content = asdict(card())
    del content["limits"]
    signed(content, tmp_path)
    with pytest.raises(CheckpointError, match="limits: Field required"):
        read_card(tmp_path)


NAN = float("nan")
WRONG = [
    (card(format=2), "format 2 is not 1"),
    (with_point(threshold=0.0), "threshold 0.0"),
    (with_point(threshold=NAN), "threshold nan"),
    (with_point(sensitivity=1.5), "sensitivity 1.5"),
    (with_point(specificity=NAN), "specificity nan"),
    (with_point(prevalence=-0.1), "prevalence -0.1"),
    (card(input=InputSpec(size=(112, 112))), "input size"),
    (card(input=InputSpec(sd=(0.2, 0.0, 0.2))), "input SD"),
    (card(input=InputSpec(sd=(NAN, 0.2, 0.2))), "input SD"),
    (card(input=InputSpec(mean=(0.5, NAN, 0.5))), "input mean"),
    (card(input=InputSpec(margin=3.0)), "margin 3.0"),
    (card(input=InputSpec(padding=256)), "padding 256"),
    (with_ranks((0, 2)), "ranks"),
    (with_ranks((2, 10**9)), "ranks"),
    (card(weights_sha256="0" * 63), "weights_sha256"),
    (card(weights_sha256="G" * 64), "weights_sha256"),
    (with_metric(value=0.95), "AUC on BUS-BRA lies outside its own interval"),
    (with_metric(low=NAN), "AUC on BUS-BRA lies outside its own interval"),
    (card(training=(replace(card().training[0], benign=7),)), "counts of BUS-BRA do not add up"),
    (card(training=(replace(card().training[0], patients=11),)), "counts of BUS-BRA do not add up"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[message for _, message in WRONG])
def test_values_that_cannot_be_right_are_refused_in_reading_and_in_writing(wrong, message, tmp_path):
    signed(asdict(wrong), tmp_path)
    with pytest.raises(CheckpointError, match=f"cannot be right.*{message}"):
        read_card(tmp_path)
    write_card(card(), tmp_path)
    with pytest.raises(CheckpointError, match=message):
        write_card(wrong, tmp_path)
    assert read_card(tmp_path) == card()


def test_models_are_found_by_name_or_by_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cards.FOLDER_VARIABLE, str(tmp_path / "models"))
    assert bundled_names() == ()
    with pytest.raises(CheckpointError, match=r"there are none in .*lesion_core train"):
        model_folder("bnet")
    for name in ("tnet", "bnet"):
        (tmp_path / "models" / name).mkdir(parents=True)
        write_card(card(name=name), tmp_path / "models" / name)
    (tmp_path / "models" / "scrap").mkdir()
    assert bundled_names() == ("bnet", "tnet")
    assert model_folder("tnet") == tmp_path / "models" / "tnet"
    assert model_folder(str(tmp_path / "models" / "bnet")) == tmp_path / "models" / "bnet"


@pytest.mark.parametrize("name", ["xnet", "", "scrap", "../models", "b\0net", "b" * 300])
def test_a_missing_model_lists_those_there_are(name, tmp_path, monkeypatch):
    monkeypatch.setenv(cards.FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "bnet").mkdir()
    write_card(card(), tmp_path / "bnet")
    with pytest.raises(CheckpointError, match=r"no model named .*there are: bnet\. Train one with"):
        model_folder(name)


@pytest.mark.parametrize("name", bundled_names())
def test_a_released_card_is_written_as_it_was_read(name, tmp_path):
    """Whatever the order of fields in the file."""
    released = model_folder(name)
    write_card(read_card(released), tmp_path)
    files = [json.loads((folder / CARD_FILE).read_text(encoding="utf-8")) for folder in (released, tmp_path)]
    assert files[0] == files[1]


def test_the_bundled_folder_is_beside_the_package(monkeypatch):
    monkeypatch.delenv(cards.FOLDER_VARIABLE, raising=False)
    assert cards.models_folder().name == "checkpoints"
    assert (cards.models_folder().parent / "lesion_core").is_dir()
