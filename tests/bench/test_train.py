import numpy as np
import pytest
import torch
import torchvision

from lesion_core.bench import train
from lesion_core.bench.train import GFLOP_PER_IMAGE, Rates, Size, matrix_teraflops, report, run
from tests.training.blocks import block_vgg19

TINY = Size((2, 4), 4, 3, 2, 64, "float32")


def test_an_image_costs_three_times_the_operations_of_vgg19():
    """2 operations for each multiplication of every convolution and linear layer, counted on the network itself."""
    counted = []

    def count(layer, inputs, output):
        places = output[0, 0].numel() if output.ndim == 4 else 1
        counted.append(2 * layer.weight.numel() * places)

    with torch.device("meta"):
        network = torchvision.models.vgg19(weights=None, num_classes=1000, init_weights=False)
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
                layer.register_forward_hook(count)
        network(torch.empty(1, 3, 224, 224))
    assert 3 * sum(counted) / 1e9 == pytest.approx(GFLOP_PER_IMAGE, rel=0.002)


def test_the_table_says_rates_shares_and_ratios():
    lines = report([Rates(8, 100.0, 40.0), Rates(64, 300.0, 200.0), Rates(128, 250.0, 220.0)], teraflops=100.0)
    assert lines[1].split() == ["8", "100.0/s", "12", "%", "40.0/s", "5", "%", "2.50"]
    assert lines[-2] == "at batch 8: 2.50 times the plain loop"
    assert "engine 300.0/s at batch 64 (35 % of that rate), plain loop 220.0/s at batch 128: 1.36 times" in lines[-1]


def test_the_matrix_rate_is_operations_over_time(monkeypatch):
    monkeypatch.setattr(train, "_timed", lambda work, device: 2.0)
    assert matrix_teraflops(TINY, torch.device("cpu")) == pytest.approx(2 * 64**3 / 2.0 / 1e12)


def test_both_loops_are_timed_on_every_batch_and_a_cpu_says_so(monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(train, "CPU", TINY)
    monkeypatch.setattr(train, "build_vgg19", lambda: block_vgg19((2, 2)))
    monkeypatch.setattr(torchvision.models, "vgg19", lambda **options: block_vgg19((2, 2)))
    told = []
    monkeypatch.setattr(train, "measured", lambda *given: told.append(train_measured(*given)) or told[-1])
    run()
    printed = capsys.readouterr().out
    assert [each.batch for each in told] == [2, 4]
    assert all(np.isfinite([each.engine, each.plain]).all() and min(each.engine, each.plain) > 0 for each in told)
    assert "no GPU here" in printed
    assert "nothing follows for a GPU" in printed
    assert "at batch 2: " in printed


train_measured = train.measured
