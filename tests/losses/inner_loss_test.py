"""Tests for fgkeras.losses.inner_loss."""

import keras
import pytest

from fgkeras.losses.inner_loss import inner_loss


def test_object_and_name():
    loss = keras.losses.Huber()
    assert inner_loss(loss) is loss
    assert isinstance(inner_loss("Huber"), keras.losses.Huber)


@pytest.mark.parametrize("wrong", [None, "huber", "Hubert", keras.losses.Huber])
def test_what_is_no_loss(wrong):
    with pytest.raises(ValueError, match="or the name of such a class. Rec"):
        inner_loss(wrong)
