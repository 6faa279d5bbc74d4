"""A client of others speaks version 2 of the protocol with the server."""

import numpy as np
import pytest

from fgkeras.export import load_exported
from tests.export.conftest import picture
from tests.serving.serving_process import serving


@pytest.mark.slow
def test_a_triton_client_gets_its_answers(gallery_export):
    http = pytest.importorskip("tritonclient.http")
    pictures = [picture(4), b"no picture", picture(5)]
    expected = load_exported(gallery_export).run("serving_default", pictures)
    with serving(gallery_export, "--name", "birds") as (_, port):
        client = http.InferenceServerClient(f"127.0.0.1:{port}")
        assert client.is_server_live()
        assert client.is_server_ready()
        assert client.is_model_ready("birds")
        assert client.is_model_ready("birds", "1")
        assert not client.is_model_ready("cats")
        assert (
            "binary_tensor_data" in (client.get_server_metadata()["extensions"])
        )
        about = client.get_model_metadata("birds")
        assert about["inputs"][0]["datatype"] == "BYTES"
        asked = http.InferInput("image_bytes", [3], "BYTES")
        asked.set_data_from_numpy(np.array(pictures, object))
        found = client.infer("birds", [asked])
        for name, values in expected.items():
            got = found.as_numpy(name)
            if values.dtype.kind == "O":
                assert got.tolist() == values.tolist()
            else:
                np.testing.assert_allclose(got, values, 1e-5)
        outputs = [
            http.InferRequestedOutput("classes", binary_data=False),
            http.InferRequestedOutput("valid"),
        ]
        found = client.infer(
            "birds", [asked], model_version="1", outputs=outputs,
            request_id="seven",
        )  # fmt: skip
        assert found.get_response()["id"] == "seven"
        assert found.as_numpy("valid").tolist() == [True, False, True]
        assert found.as_numpy("scores") is None
        with pytest.raises(http.InferenceServerException, match="one model"):
            client.infer("cats", [asked])
