"""What the tests of training share."""

import pytest
import torch


@pytest.fixture(scope="package", autouse=True)
def one_thread():
    """Steps of a tiny classifier cost less than waking a second thread, far less on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
