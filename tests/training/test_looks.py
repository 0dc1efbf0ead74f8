from lesion_core.training.looks import Looks, looks_of


def test_what_was_compared_is_said_of_the_scores_it_was_compared_on():
    assert looks_of("paper", outline=False) is None
    assert looks_of("paper", outline=True) == Looks("busbra", "25 sets of outline measurements")
    looks = Looks("busbra", "3 things")
    assert looks.sentence(["busbra", "ddti"]).startswith("optimistic: 3 things")
    assert looks.sentence(["ddti"]) == "3 things were compared on BUS-BRA, not on these cases"
