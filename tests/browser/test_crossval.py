"""The cross-validation tab in a real browser: each click does what it says, and the counts are those of the files."""

import csv
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import gradio as gr
import pytest

from app import MAX_FILE_SIZE
from dashboards import crossval
from dashboards.review.link import open_asked_tab
from dashboards.style import CSS, THEME
from lesion_core.notice import NOTICE

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
SCORES = ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv"
NASTY = "<img src=x onerror=\"document.title='bad'\">"
MATRIX = ("tp", "fn", "fp", "tn")


@dataclass(frozen=True)
class Patient:
    """A patient of the file, by plain Python; the score is the mean over the images."""

    label: int
    score: float
    fold: int
    images: int
    machines: frozenset[str]


@pytest.fixture(scope="module")
def patients():
    with (ROOT / "checkpoints/attributes/busbra.csv").open(newline="") as file:
        machine = {row["case_id"]: row["machine"] for row in csv.DictReader(file)}
    found = {}
    with SCORES.open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["patient_id"], []).append(row)
    return [
        Patient(
            label=max(int(row["label"]) for row in rows),
            score=sum(float(row["score"]) for row in rows) / len(rows),
            fold=int(rows[0]["fold"]),
            images=len(rows),
            machines=frozenset(machine[row["case_id"]] for row in rows),
        )
        for rows in found.values()
    ]


def matrix_of(patients, threshold):
    counts = dict.fromkeys(MATRIX, 0)
    for each in patients:
        above = each.score >= threshold
        counts[("tp" if above else "fn") if each.label else ("fp" if above else "tn")] += 1
    return counts


def images_of(patients, chosen):
    return sum(each.images for each in patients if chosen(each))


@pytest.fixture(scope="module")
def url(serve):
    with gr.Blocks(title="Folds", analytics_enabled=False) as demo, gr.Tabs():
        with gr.Tab("Other", id="other"):
            gr.Markdown("nothing")
        with gr.Tab("Cross-validation", id="cv"):
            crossval.build()
    return serve(demo, theme=THEME, css=CSS, head=open_asked_tab({"cv"}), max_file_size=MAX_FILE_SIZE)


def opened(visit, url, query="", **options):
    made = visit(f"{url}?tab=cv&{query}" if query else url, **options)
    if not query:
        made.page.get_by_role("tab", name="Cross-validation").click()
    for plot in ("roc", "scores", "forest", "flow"):
        made.page.locator(f"#cv-{plot} .main-svg").first.wait_for()
    return made


def place(page, plot, x, y):
    """Where a point of a plot lies on the screen; x and y as its first axes have them. The strip at the top is left."""
    page.evaluate("plot => document.querySelector(plot).scrollIntoView({ block: 'center' })", plot)
    return page.evaluate(
        """([plot, x, y]) => { const e = document.querySelector(plot + ' .cp-plot'), b = e.getBoundingClientRect(),
        { xaxis, yaxis } = e._fullLayout;
        return [b.left + xaxis._offset + xaxis.d2p(x), b.top + yaxis._offset + yaxis.d2p(y)]; }""",
        [plot, x, y],
    )


def shown_matrix(page):
    return {
        cell: int(page.locator(f"#cv-matrix [data-cell={cell}] b").inner_text().replace(",", "")) for cell in MATRIX
    }


def listed(page, heading):
    """How many images the list says it holds, once its heading says what was asked for."""
    found = page.locator("#cv-cases .cl-heading", has_text=heading)
    found.wait_for()
    images = int(re.search(r"· ([\d,]+) images$", found.inner_text()).group(1).replace(",", ""))
    assert page.locator("#cv-cases .cl-card").count() == min(12, images)
    return images


def in_address(page, name):
    return parse_qs(urlsplit(page.url).query).get(f"cv.{name}", [""])[0]


def ring(page):
    """The operating point that is ringed, as (1 - specificity, sensitivity)."""
    return page.evaluate(
        """() => { const e = document.querySelector('#cv-roc .cp-plot'), { xaxis, yaxis } = e._fullLayout,
        { left, top } = document.querySelector('#cv-roc .cp-spot').style;
        return [xaxis.p2d(parseFloat(left) - xaxis._offset), yaxis.p2d(parseFloat(top) - yaxis._offset)]; }"""
    )


def test_every_cell_lists_its_cases(visit, url, patients):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    expected = matrix_of(patients, 0.3)
    assert shown_matrix(page) == expected
    words = {
        "tp": "called above the threshold",
        "fn": "(missed)",
        "fp": "(false alarm)",
        "tn": "negative, called below",
    }
    for cell in MATRIX:
        page.locator(f"#cv-matrix [data-cell={cell}]").click()
        wanted = {"tp": (1, True), "fn": (1, False), "fp": (0, True), "tn": (0, False)}[cell]
        assert listed(page, words[cell]) == images_of(patients, lambda p, w=wanted: (p.label, p.score >= 0.3) == w)
        assert page.locator("#cv-matrix [aria-pressed=true]").get_attribute("data-cell") == cell
        assert in_address(page, "cases") == f"cell={cell}"
    # The same cell again, or the button, shows all.
    page.locator("#cv-matrix [data-cell=tn]").click()
    assert listed(page, "patients: all") == sum(each.images for each in patients)


def test_a_bar_a_point_of_the_calibration_a_row_and_a_fold_list_theirs(visit, url, patients):
    made = opened(visit, url, "cv.rule=slider&cv.t=0.3&cv.by=machine&cv.fig=sensitivity")
    page = made.page
    bar = sum(1 for each in patients if each.label == 0 and 0.1 <= each.score < 0.15)
    page.mouse.click(*place(page, "#cv-scores", 0.125, -bar / 2))
    heading = "score 0.1 to 0.15; label 0"
    assert listed(page, heading) == images_of(patients, lambda p: p.label == 0 and 0.1 <= p.score < 0.15)
    trace, at = page.evaluate(
        """() => { const all = document.querySelector('#cv-forest .cp-plot')._fullData,
        at = all.findIndex((each) => each.customdata?.[0]?.[0].startsWith('U-Systems'));
        return [all[at].customdata[0][0], [all[at].x[0], all[at].y[0]]]; }"""
    )
    page.mouse.click(*place(page, "#cv-forest", *at))
    of_machine = [each for each in patients if each.machines == {trace}]
    assert listed(page, f"Machine: {trace}") == images_of(of_machine, lambda _: True)
    row = page.locator("#cv-forest-table tr.chosen").inner_text().split("\t")
    assert row[1].strip() == f"{len(of_machine):,} ({sum(each.label for each in of_machine):,})"
    found = sum(1 for each in of_machine if each.label and each.score >= 0.3)
    assert row[2].startswith(f"{found / sum(each.label for each in of_machine):.3f} (")
    page.locator("#cv-folds button", has_text="fold 4").click()
    assert listed(page, "patients: fold 4") == images_of(patients, lambda p: p.fold == 4)
    cells = page.locator("#cv-folds tr.chosen").inner_text().split("\t")
    of_fold = [each for each in patients if each.fold == 4]
    assert cells[1].strip() == f"{len(of_fold):,} ({sum(each.label for each in of_fold):,})"
    own = matrix_of(of_fold, 0.3)
    assert cells[4].startswith(f"{own['tp'] / (own['tp'] + own['fn']):.3f} (")
    assert cells[5].startswith(f"{own['tn'] / (own['tn'] + own['fp']):.3f} (")
    page.get_by_role("button", name="Show all cases").click()
    assert listed(page, "patients: all") == sum(each.images for each in patients)
    made.screenshot("crossval-wide", full_page=True)


def test_a_point_of_a_curve_moves_the_threshold_and_lists_what_is_called_above(visit, url, patients):
    page = opened(visit, url, "cv.rule=cross-fitted").page
    assert "cross-fitted" in page.locator("#cv-header").inner_text()
    # The corner of a fold's curve that lies farthest from every other curve: no doubt which one is meant.
    x, y, fold, threshold = page.evaluate(
        """() => { const drawn = document.querySelector('#cv-roc .cp-plot')._fullData,
        all = drawn.filter((t) => t.hoverinfo !== 'skip'), dots = (t) => [...t.x].map((x, i) => [x, t.y[i]]),
        others = (t) => all.filter((o) => o !== t).flatMap(dots),
        far = (t, x, y) => Math.min(...others(t).map(([ox, oy]) => Math.hypot(ox - x, oy - y)));
        let best = [-1];
        for (const t of all) if (t.customdata) for (let i = 1; i < t.x.length - 1; i += 1) {
          const d = far(t, t.x[i], t.y[i]);
          if (d > best[0]) best = [d, t.x[i], t.y[i], ...t.customdata[i]];
        }
        return best.slice(1); }"""
    )
    page.mouse.click(*place(page, "#cv-roc", x, y))
    images = listed(page, f"fold {fold:g}")
    assert images == images_of(patients, lambda p: p.fold == fold and p.score >= threshold)
    page.locator("#cv-header", has_text="post hoc").wait_for()
    assert shown_matrix(page) == matrix_of(patients, threshold)
    assert float(in_address(page, "t")) == pytest.approx(threshold, abs=1e-5)
    assert page.locator("#cv-rule input[value=slider]").is_checked()
    assert page.locator("#cv-folds tr.chosen").inner_text().startswith(f"fold {fold:g}")


def test_the_slider_moves_everything_together(visit, url, patients):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.4&cv.by=machine&cv.fig=specificity").page
    page.locator("#cv-matrix [data-cell=fn]").click()
    listed(page, "(missed)")
    forest = page.locator("#cv-forest-table tbody tr").first.inner_text()
    slider = page.locator("#cv-t input[type=range]")
    slider.focus()
    for _ in range(150):
        page.keyboard.press("ArrowRight")
    expected = matrix_of(patients, 0.55)
    page.wait_for_function(
        "n => document.querySelector('#cv-matrix [data-cell=fn] b').textContent === String(n)", arg=expected["fn"]
    )
    page.wait_for_function("() => new URL(location.href).searchParams.get('cv.t') === '0.55'")
    assert shown_matrix(page) == expected
    sensitivity = expected["tp"] / (expected["tp"] + expected["fn"])
    specificity = expected["tn"] / (expected["tn"] + expected["fp"])
    assert ring(page) == pytest.approx([1 - specificity, sensitivity], abs=0.003)
    rates = dict(row.split("\t")[:2] for row in page.locator("#cv-figures tbody tr").all_inner_texts() if "\t" in row)
    rates = {name.strip(): text.strip() for name, text in rates.items()}
    assert rates["Sensitivity (TPR)"].startswith(f"{sensitivity:.3f} (")
    assert rates["Specificity (TNR)"].startswith(f"{specificity:.3f} (")
    assert rates["LR+"].startswith(f"{sensitivity / (1 - specificity):.2f} (")
    ppv = 0.1 * sensitivity / (0.1 * sensitivity + 0.9 * (1 - specificity))
    assert rates["PPV at prevalence 10.0%"].startswith(f"{ppv:.3f} (")
    assert rates["Cancers missed per 1,000"].startswith(f"{1000 * 0.1 * (1 - sensitivity):.1f} (")
    assert rates["Biopsies too many per 1,000"].startswith(f"{1000 * 0.9 * (1 - specificity):.1f} (")
    band = page.evaluate(
        """() => { const { xaxis } = document.querySelector('#cv-scores .cp-plot')._fullLayout,
        { left, width } = document.querySelector('#cv-scores .cp-mark').style;
        return xaxis.p2d(parseFloat(left) + parseFloat(width) - xaxis._offset); }"""
    )
    assert band == pytest.approx(0.55, abs=0.005)
    # What settles follows too: the missed cases, Table 3, the folds and the forest.
    page.locator(
        "#cv-cases .cl-heading", has_text=f"· {images_of(patients, lambda p: p.label and p.score < 0.55):,} images"
    ).wait_for()
    page.wait_for_function("old => document.querySelector('#cv-forest-table tbody tr').innerText !== old", arg=forest)
    assert page.locator("#cv-folds tbody tr").first.inner_text().split("\t")[2].strip() == "0.550"
    assert "post hoc" in page.locator("#cv-header").inner_text()
    # Back to the thresholds of the other folds.
    page.locator("#cv-rule input[value='cross-fitted']").check()
    page.locator("#cv-header", has_text="on the other folds").wait_for()
    assert "post hoc" not in page.locator("#cv-header").inner_text()


def test_prevalence_moves_what_depends_on_it_alone(visit, url, patients):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    before = shown_matrix(page)
    number = page.locator("#cv-prevalence input[type=number]")
    number.fill("0.02")
    number.press("Enter")
    row = page.locator("#cv-figures tr", has_text="PPV at prevalence 2.0%")
    row.wait_for()
    counts = matrix_of(patients, 0.3)
    sensitivity, false = counts["tp"] / (counts["tp"] + counts["fn"]), counts["fp"] / (counts["fp"] + counts["tn"])
    ppv = 0.02 * sensitivity / (0.02 * sensitivity + 0.98 * false)
    assert row.inner_text().split("\t")[1].strip().startswith(f"{ppv:.3f} (")
    assert shown_matrix(page) == before


def test_the_address_restores_the_whole_view(visit, url, patients):
    first = opened(visit, url, "cv.rule=slider&cv.t=0.37&cv.prev=0.05&cv.by=rads&cv.fig=accuracy&cv.unit=image").page
    first.locator("#cv-matrix [data-cell=fp]").click()
    images = listed(first, "(false alarm)")
    first.get_by_role("button", name="Next").click()
    first.locator("#cv-cases .cl-where", has_text="page 2 of").wait_for()
    first.wait_for_function("() => new URL(location.href).searchParams.get('cv.page') === '1'")
    matrix, table = shown_matrix(first), first.locator("#cv-forest-table").inner_text()
    again = opened(visit, url, urlsplit(first.url).query).page
    assert listed(again, "images: negative, called above the threshold (false alarm)") == images
    assert again.locator("#cv-cases .cl-where").inner_text() == first.locator("#cv-cases .cl-where").inner_text()
    assert shown_matrix(again) == matrix
    again.wait_for_function("before => document.querySelector('#cv-forest-table').innerText === before", arg=table)
    assert again.locator("#cv-by input").input_value() == "Category of the reader"
    assert again.locator("#cv-unit input[value=image]").is_checked()
    assert again.locator("#cv-figure input[value=accuracy]").is_checked()
    assert again.locator("#cv-t input[type=number]").input_value() == "0.37"
    assert again.locator("#cv-prevalence input[type=number]").input_value() == "0.05"


def test_the_keyboard_reaches_every_cell_fold_row_and_card(visit, url, patients):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3&cv.by=machine").page
    page.locator("#cv-header .hs").focus()
    reached = []
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const e = document.activeElement, own = e.closest('[id^=cv-]');
                const line = getComputedStyle(e);
                return [own?.id ?? '', e.dataset?.cell ?? e.dataset?.row ?? e.className ?? '', line.outlineStyle]; }"""
            )
        )
    for cell in MATRIX:
        assert ["cv-matrix", cell, "solid"] in reached
    for fold in range(1, 6):
        assert ["cv-folds", str(fold), "solid"] in reached
    assert any(own == "cv-forest-table" for own, _, _ in reached)
    assert any(own == "cv-cases" for own, _, _ in reached)
    assert {"cv-run", "cv-unit", "cv-rule", "cv-t", "cv-prevalence", "cv-by", "cv-figure"} <= {
        own for own, _, _ in reached
    }
    page.locator("#cv-matrix [data-cell=fn]").focus()
    page.keyboard.press("Enter")
    assert listed(page, "(missed)") == images_of(patients, lambda p: p.label and p.score < 0.3)
    assert page.evaluate("document.activeElement.dataset.cell") == "fn"  # the focus stays where it was


def test_the_view_leaves_as_a_page_that_works_offline_and_as_tables(visit, url, tmp_path):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    page.locator("#cv-export").click()
    with page.expect_download() as download:
        page.locator("#cv-export-page").click()
    path = tmp_path / "review.html"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert NOTICE in text
    assert "post hoc" in text
    offline = visit(path.as_uri()).page  # the visit fails when the page asks anything of a host, or logs an error
    offline.locator("figure .main-svg").first.wait_for()
    assert offline.locator("figure .plot .main-svg").count() >= 4
    with offline.expect_download() as picture:
        offline.locator("button[data-save=svg]").first.click()
    svg = picture.value.path().read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert NOTICE.split()[0] in svg
    with page.expect_download() as download:
        page.locator("#cv-export-tables").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        assert {"confusion-matrix.csv", "confusion-matrix.tex", "fold-by-fold.csv"} <= set(names)
        assert all(NOTICE in archive.read(name).decode("utf-8-sig") for name in names)


@pytest.mark.parametrize(
    ("name", "options", "query"),
    [
        ("narrow", {"viewport": {"width": 375, "height": 800}}, "cv.rule=slider&cv.t=0.3&cv.by=machine"),
        ("dark", {"color_scheme": "dark"}, "__theme=dark&cv.rule=slider&cv.t=0.3&cv.by=machine"),
    ],
)
def test_narrow_and_dark(visit, url, name, options, query):
    made = opened(visit, url, query, **options)
    page = made.page
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    for control in ("run", "unit", "rule", "t", "prevalence", "by", "figure", "matrix", "cases", "folds", "table3"):
        assert page.locator(f"#cv-{control}").is_visible(), control
    # Nothing that a figure says is cut off by its frame.
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.cp-plot')].filter((each) => each.offsetWidth).flatMap((each) => {
          const frame = each.getBoundingClientRect();
          return [...each.querySelectorAll('.main-svg text')].filter((text) => {
            const box = text.getBoundingClientRect();
            const inside = box.left > frame.left - 1 && box.right < frame.right + 1 && box.bottom < frame.bottom + 1;
            return box.width && !inside;
          }).map((text) => `${each.closest('[id]').id}: ${text.textContent}`);
        })"""
    )
    assert cut == []
    text = page.locator("#cv-roc .xtick text").first.evaluate("each => getComputedStyle(each).fill")
    light = sum(int(each) for each in text.removeprefix("rgb(").removesuffix(")").split(",")[:3]) > 3 * 128
    assert light == (name == "dark")
    made.screenshot(f"crossval-{name}", full_page=True)
    # The strip stays on top of what scrolls below it, labels too.
    above = page.evaluate(
        """() => { const label = document.querySelector('#cv-run [data-testid=block-info]'),
        strip = document.querySelector('#cv-header .hs');
        window.scrollBy(0, label.getBoundingClientRect().top - 20);
        const box = label.getBoundingClientRect(), own = strip.getBoundingClientRect();
        const under = own.top < box.top && box.bottom < own.bottom;
        const middle = [box.left + box.width / 2, box.top + box.height / 2];
        return [under, strip.contains(document.elementFromPoint(...middle))]; }"""
    )
    assert above == [True, True]


def test_own_scores_are_opened_beside_a_name_that_is_no_markup(visit, url, tmp_path):
    page = opened(visit, url).page
    own = tmp_path / "own.csv"
    lines = ["model,case_id,score,label,fold,machine"]
    name = '"' + NASTY.replace('"', '""') + '"'
    for i in range(150):
        score = "" if i % 25 == 0 else f"{0.2 + 0.5 * (i % 2) + i % 7 / 40:g}"
        lines.append(f"{name},c{i},{score},{i % 2},{i % 3 + 1},{'AB'[i % 5 > 2]}")
    own.write_text("\n".join(lines) + "\n")
    page.locator("#cv-own button").first.click()
    page.locator("#cv-upload input[type=file]").set_input_files(str(own))
    page.locator("#cv-header .hs-what", has_text="upload: own.csv").wait_for()
    assert NASTY in page.locator("#cv-header").inner_text()
    page.locator("#cv-matrix [data-cell=unassessed-positive]").wait_for()
    assert page.locator("#cv-matrix [data-cell=unassessed-positive] b").inner_text() == "3"
    assert page.locator("#cv-matrix [data-cell=unassessed-negative] b").inner_text() == "3"
    page.locator("#cv-figures", has_text="Sensitivity, not assessed = missed").wait_for()
    page.locator("#cv-matrix [data-cell=unassessed-negative]").click()
    assert listed(page, "could not be assessed") == 3
    assert page.locator("#cv-cases .cl-card", has_text="could not be assessed").count() == 3
    assert page.title() == "Folds"


HEAD = "case_id,score,label,fold\n"
BAD = {
    "columns.csv": ("name,value\na,1\n", ["which column holds score and label; the file has name, value"]),
    "twice.csv": (
        HEAD + "a,0.1,0,1\nb,0.7,1,2\na,0.3,0,2\nb,0.7,1,1\n",
        ["2 problem(s)", "row 4: case 'a' was already scored in row 2", "row 5: case 'b' was already scored in row 3"],
    ),
    "cells.csv": (
        HEAD + "a,1.4,0,1\nb,-0.2,1,2\nc,0.5,maybe,1\nd,x,2,2\n",
        ["5 problem(s)", "row 2: score is '1.4'", "row 3: score is '-0.2'", "row 4: label is 'maybe'", "row 5: label"],
    ),
    "empty.csv": ("", ["the file is empty, expected a header row"]),
    "header.csv": (HEAD, ["row 1: there is no score below the header"]),
}


def test_bad_files_are_told_whole_and_the_page_keeps_working(visit, url, tmp_path, patients):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    page.locator("#cv-own button").first.click()
    note, clear = page.locator("#cv-upload-note"), page.locator("#cv-upload [aria-label='Clear']").first
    for name, (text, told) in BAD.items():
        (tmp_path / name).write_text(text)
        page.locator("#cv-upload input[type=file]").set_input_files(str(tmp_path / name))
        note.filter(has_text=told[-1]).wait_for()
        assert all(each in note.inner_text() for each in told), note.inner_text()
        assert str(tmp_path) not in page.locator("body").inner_text()
        clear.click()
        page.locator("#cv-upload input[type=file]").wait_for(state="attached")
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(200_000_000)
    page.locator("#cv-upload input[type=file]").set_input_files(str(tmp_path / "huge.csv"))
    page.locator(".toast-body", has_text="exceed the maximum allowed size").wait_for()
    # All the while the view is what it was, and answers.
    assert shown_matrix(page) == matrix_of(patients, 0.3)
    page.locator("#cv-matrix [data-cell=fn]").click()
    assert listed(page, "(missed)") == images_of(patients, lambda p: p.label and p.score < 0.3)
