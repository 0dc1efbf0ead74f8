import pytest

from lesion_core.errors import PublishError
from lesion_core.publish.stage import copy_file, size_text, staged, staging


def test_files_sizes_and_tree(tmp_path):
    with staging(tmp_path / "out") as part:
        (part / "a" / "b").mkdir(parents=True)
        (part / "a" / "b" / "c.txt").write_bytes(b"x" * 1500)
        (part / "z.txt").write_bytes(b"xy")
    stage = staged(tmp_path / "out")
    assert [(file.name, file.size) for file in stage.files] == [("a/b/c.txt", 1500), ("z.txt", 2)]
    assert stage.size == 1502
    lines = [line.split() for line in stage.tree().splitlines()]
    assert lines == [["a/", "1.5", "kB"], ["b/", "1.5", "kB"], ["c.txt", "1.5", "kB"], ["z.txt", "2", "B"]]
    assert [size_text(each) for each in (999, 12_345, 24_883_144)] == ["999 B", "12.3 kB", "24.9 MB"]


def test_it_is_whole_or_not_there_and_an_earlier_stage_is_replaced(tmp_path):
    out = tmp_path / "out"
    with staging(out) as part:
        (part / "one.txt").touch()
    with pytest.raises(PublishError, match="No such file"), staging(out) as part:
        (part / "no folder" / "two.txt").write_text("")
    assert [file.name for file in staged(out).files] == ["one.txt"]
    with staging(out) as part:
        (part / "two.txt").touch()
    assert [file.name for file in staged(out).files] == ["two.txt"]
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_taken_folder_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(PublishError, match="holds other things"), staging(tmp_path / "mine"):
        pass
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "in"):
        with pytest.raises(PublishError), staging(place):
            pass
    assert (tmp_path / "mine" / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("lesion_core/scan.png", b"picture", "could be a patient's"),
        ("checkpoints/busbra/a.DCM", b"picture", "could be a patient's"),
        ("checkpoints/readings/busbra.csv", b"reader,case_id", "stay on this machine"),
        ("scores/readings-anna.csv", b"reader,case_id", "stay on this machine"),
        ("runs/state/a.txt", b"", "stay on this machine"),
        ("runs.db", b"", "stay on this machine"),
        ("cases.csv", b"", "stay on this machine"),
        (".env", b"", "stay on this machine"),
        ("lesion_core/a.py", b"TOKEN = 'hf_" + b"a" * 34 + b"'", "looks like a token"),
        ("lesion_core/key.txt", b"-----BEGIN OPENSSH PRIVATE KEY-----", "looks like a token"),
        ("big.csv", b"x" * 10_000_001, "larger than"),
    ],
)
def test_what_must_not_go_up_stops_everything(tmp_path, name, content, words):
    for each, text in (("README.md", b"fine"), (name, content)):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / each).write_bytes(text)
    with pytest.raises(PublishError, match=words) as caught:
        staged(tmp_path)
    assert name in str(caught.value)
    assert "README" not in str(caught.value)


def test_all_faults_are_told_at_once_and_documentation_has_pictures(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.png").touch()
    assert len(staged(tmp_path).files) == 1
    (tmp_path / "a.png").touch()
    (tmp_path / "link.txt").symlink_to(tmp_path / "docs" / "page.png")
    with pytest.raises(PublishError, match=r"a\.png.*\n.*link\.txt: a link"):
        staged(tmp_path)


def test_only_plain_files_are_copied(tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    copy_file(tmp_path / "a", tmp_path / "deep" / "b")
    assert (tmp_path / "deep" / "b").read_text() == "a"
    for name in ("link", "nothing", "deep"):
        with pytest.raises(PublishError, match="is no plain file"):
            copy_file(tmp_path / name, tmp_path / "c")
