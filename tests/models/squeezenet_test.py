"""Tests for fgkeras.models.squeezenet."""

import numpy as np
import pytest

from fgkeras.models.squeezenet import build_squeezenet


def test_size_is_that_of_version_1_1():
    model = build_squeezenet()
    # 1,235,496 with the 1x1 convolution to 1000 classes.
    assert model.count_params() == 1_235_496 - (512 + 1) * 1000
    assert model.output_shape == (None, 13, 13, 512)


def test_smallest_image():
    model = build_squeezenet((31, 31, 3))
    assert model(np.zeros((1, 31, 31, 3), "float32")).shape == (1, 1, 1, 512)
    with pytest.raises(ValueError, match="at least 31"):
        build_squeezenet((64, 30, 3))
