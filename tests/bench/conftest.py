"""What the suite's tests need: PyTorch on one thread, so that ranks do not fight over the cores."""

import pytest

torch = pytest.importorskip("torch", reason="the extra `bench` is not installed: make extra")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
