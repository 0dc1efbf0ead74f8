import shutil

import pytest

from lesion_core.errors import PublishError
from lesion_core.publish.front_matter import check_space, read_front_matter
from lesion_core.publish.space import ROOT


@pytest.fixture
def folder(tmp_path):
    for name in ("README.md", "requirements.txt", "app.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def change(folder, old, new, name="README.md"):
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_projects_own_is_right(folder):
    found = check_space(folder)
    assert (found["sdk"], found["app_file"], found["python_version"]) == ("gradio", "app.py", "3.11")


def test_every_fault_is_told_at_once(folder):
    change(folder, "sdk: gradio\n", "sdk: static\n")
    change(folder, "colorFrom: green", "colorFrom: teal")
    change(folder, 'python_version: "3.11"', "python_version: 3.1")
    change(folder, "license: apache-2.0\n", "")
    change(folder, "gradio==", "gradio==9", "requirements.txt")
    (folder / "app.py").unlink()
    with pytest.raises(PublishError) as caught:
        check_space(folder)
    for words in (
        "license is missing",
        "sdk is 'static'",
        "requirements.txt pins gradio 9",
        "write it in quotes",
        "app_file 'app.py' is not staged",
        "colorFrom is none of red",
    ):
        assert words in str(caught.value)


def test_description_and_tags(folder):
    change(folder, "short_description: ", "short_description: " + "long " * 20)
    change(folder, "tags:\n", "words:\n")
    with pytest.raises(PublishError, match=r"1 to 60 are shown\n.*nobody finds"):
        check_space(folder)


@pytest.mark.parametrize("text", ["# No front matter\n", "---\n- a\n- b\n---\n", "---\na: [\n---\n"])
def test_none_or_a_broken_one(tmp_path, text):
    (tmp_path / "README.md").write_text(text)
    with pytest.raises(PublishError, match="front matter"):
        read_front_matter(tmp_path / "README.md")
