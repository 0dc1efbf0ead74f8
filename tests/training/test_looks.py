from lesion_core.training.looks import Looks, looks_of


def test_what_was_compared_is_said_of_the_scores_it_was_compared_on():
    assert looks_of("paper (conv-only init)", outline=False) is None
    assert looks_of("paper", outline=True) == Looks({"busbra": "25 sets of outline measurements"})
    assert looks_of("best", outline=True).compared["busbra"] == "26 settings and 25 sets of outline measurements"
    assert "25 sets" not in looks_of("best", outline=False).compared["busbra"]
    looks = Looks({"busbra": "3 things", "ddti": "2 things"})
    assert looks.sentence(["busbra"]) == "optimistic: compared on out-of-fold scores were 3 things on those of BUS-BRA"
    assert looks.sentence(["busbra", "ddti"]).endswith("3 things on those of BUS-BRA, 2 things on those of DDTI")
    assert Looks({"busbra": "3 things"}).sentence(["ddti"]) == "3 things were compared on BUS-BRA, not on these cases"
    assert looks.external("busbra").startswith("external to the training, not to the choice: 3 things were compared")
    assert looks.external("busi") == ""
