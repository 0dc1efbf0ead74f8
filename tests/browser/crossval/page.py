"""What tests of the cross-validation tab read from the screen, and its patients by plain Python."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

MATRIX = ("tp", "fn", "fp", "tn")


@dataclass(frozen=True)
class Patient:
    """A patient of the file, by plain Python; the score is the mean over the images."""

    label: int
    score: float
    fold: int
    images: int
    machines: frozenset[str]


def matrix_of(patients, threshold):
    counts = dict.fromkeys(MATRIX, 0)
    for each in patients:
        above = each.score >= threshold
        counts[("tp" if above else "fn") if each.label else ("fp" if above else "tn")] += 1
    return counts


def images_of(patients, chosen):
    return sum(each.images for each in patients if chosen(each))


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
