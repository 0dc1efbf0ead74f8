from lesion_core.bench import BENCHES, stats


def test_it_is_registered():
    assert BENCHES["stats"] == "lesion_core.bench.stats"
    assert BENCHES["coverage"] == "lesion_core.bench.coverage"


def test_it_runs_without_a_peer(monkeypatch, capsys):
    monkeypatch.setattr(stats.proc, "why_not", lambda: "Rscript is not installed")
    monkeypatch.setattr(stats, "CASES", 2000)
    monkeypatch.setattr(stats, "DRAWS", 50)
    monkeypatch.setattr(stats, "ROUNDS", 2)
    stats.run()
    out = capsys.readouterr().out
    assert "pROC is not timed beside this code: Rscript is not installed" in out
    assert out.count("this code") == 4
