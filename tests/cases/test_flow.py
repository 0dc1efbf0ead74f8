from lesion_core.cases.flow import study_flow

from .test_cohort import CASES, case


def test_from_all_cases_to_each_part():
    flow = study_flow([*CASES, case("x", 1, organ="breast", patient_id="x")], left_out=["Left out: z"])
    assert [(box.title, box.level, box.aside) for box in flow.boxes] == [
        ("All cases", 0, False),
        ("Left out", 0, True),
        ("Thyroid: histology malignant", 1, False),
        ("Development", 2, False),
        ("External", 2, False),
        ("Breast: histology malignant", 1, False),
        ("Development", 2, False),
    ]
    assert flow.arrows == ((0, 1), (0, 2), (2, 3), (2, 4), (0, 5), (5, 6))
    assert flow.boxes[0].lines == ("5 patients", "5 images, 6 lesions")
    assert flow.boxes[3].lines == ("3 patients", "4 images, 4 lesions", "3 malignant", "1 benign")


def test_without_patients_groups_are_said():
    assert study_flow([case("a", 1), case("b", 0)]).boxes[0].lines[0] == "2 patients or groups"
