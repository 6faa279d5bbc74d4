import pytest

from fgkeras.export import export_classifier
from fgkeras.export import verify_export
from tests.export.conftest import NAMES
from tests.export.conftest import picture
from tests.export.conftest import small_model


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_export_is_the_model(tmp_path, activation):
    model = small_model(embedding=True)
    export_classifier(
        model,
        tmp_path,
        class_names=NAMES,
        image_size=24,
        temperature=0.7,
        activation=activation,
    )
    images = [picture(i, kind) for i, kind in enumerate(("JPEG", "PNG", "GIF"))]
    assert verify_export(tmp_path, model, images, batch_size=2) < 1e-5


@pytest.mark.slow
def test_another_model_is_told(exported):
    other = small_model(seed=4)
    assert verify_export(exported, other, [picture()]) > 1e-2


def test_unreadable_images_are_named(exported, model):
    with pytest.raises(ValueError, match=r"at \[1\]"):
        verify_export(exported, model, [picture(), b"no"])
    with pytest.raises(ValueError, match="at least one"):
        verify_export(exported, model, [])
