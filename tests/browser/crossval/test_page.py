"""The cross-validation tab in a real browser: each click does what it says, and the counts are those of the files."""

from urllib.parse import urlsplit

import pytest

from tests.browser.crossval.page import MATRIX, images_of, in_address, listed, matrix_of, opened, place, shown_matrix
from tests.browser.looks import VIEWS, assert_fits, assert_text_is_readable

pytestmark = pytest.mark.browser


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
    assert float(in_address(page, "t")) == threshold
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
    page.locator("#cv-prevalence").get_by_role("button", name="Reset").click()
    page.locator("#cv-figures tr", has_text="PPV at prevalence 10.0%").wait_for()
    page.locator("#cv-t").get_by_role("button", name="Reset").click()
    page.wait_for_function("() => new URL(location.href).searchParams.get('cv.t') === '0.5'")
    assert shown_matrix(page) == matrix_of(patients, 0.5)


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


@pytest.mark.parametrize("view", VIEWS)
def test_narrow_and_dark(visit, url, view):
    options, theme = VIEWS[view]
    made = opened(visit, url, f"{theme}cv.rule=slider&cv.t=0.3&cv.by=machine", **options)
    page = made.page
    shown = ("run", "unit", "rule", "t", "prevalence", "by", "figure", "matrix", "cases", "folds", "table3")
    assert_fits(page, [f"#cv-{name}" for name in shown])
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
    assert_text_is_readable(page, "#cv-roc .xtick text", view)
    made.screenshot(f"crossval-{view}", full_page=True)
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
