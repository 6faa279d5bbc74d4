import pytest
import tensorflow as tf
from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import message_factory
from tensorflow.core.framework import tensor_pb2

from fgkeras.export.warmup import prediction_log

IMAGES = [b"first", b"\xff\xd8" * 200]


def schema():
    """The messages of TensorFlow Serving, as its .proto files have them."""
    file = descriptor_pb2.FileDescriptorProto(
        name="serving_copy.proto", package="copy", syntax="proto3"
    )
    file.dependency.append("tensorflow/core/framework/tensor.proto")
    kinds = descriptor_pb2.FieldDescriptorProto

    def message(parent, name, *fields):
        new = parent.add(name=name)
        for field, number, kind in fields:
            item = new.field.add(name=field, number=number, label=1)
            item.type = kinds.TYPE_STRING
            if kind:
                item.type, item.type_name = kinds.TYPE_MESSAGE, kind
        return new

    message(file.message_type, "ModelSpec", ("signature_name", 3, ""))
    request = message(
        file.message_type,
        "PredictRequest",
        ("model_spec", 1, ".copy.ModelSpec"),
        ("inputs", 2, ".copy.PredictRequest.InputsEntry"),
    )
    request.field[1].label = 3
    entry = message(
        request.nested_type,
        "InputsEntry",
        ("key", 1, ""),
        ("value", 2, ".tensorflow.TensorProto"),
    )
    entry.options.map_entry = True
    message(
        file.message_type, "PredictLog", ("request", 1, ".copy.PredictRequest")
    )
    message(
        file.message_type,
        "PredictionLog",
        ("predict_log", 6, ".copy.PredictLog"),
    )
    pool = descriptor_pool.DescriptorPool()
    for name in ("types", "resource_handle", "tensor_shape", "tensor"):
        source = descriptor_pool.Default().FindFileByName(
            f"tensorflow/core/framework/{name}.proto"
        )
        add_with_dependencies(pool, source)
    pool.Add(file)
    found = pool.FindMessageTypeByName("copy.PredictionLog")
    return message_factory.GetMessageClass(found)


def add_with_dependencies(pool, source):
    for other in source.dependencies:
        add_with_dependencies(pool, other)
    copy = descriptor_pb2.FileDescriptorProto()
    source.CopyToProto(copy)
    try:
        pool.FindFileByName(copy.name)
    except KeyError:
        pool.Add(copy)


def check(log):
    request = log.predict_log.request
    assert request.model_spec.signature_name == "serving_default"
    assert list(request.inputs) == ["image_bytes"]
    tensor = tensor_pb2.TensorProto.FromString(
        request.inputs["image_bytes"].SerializeToString()
    )
    assert tf.make_ndarray(tensor).tolist() == IMAGES


def test_encoding_parses_by_the_schema():
    data = prediction_log("serving_default", {"image_bytes": IMAGES})
    log = schema().FromString(data)
    check(log)
    assert log.SerializeToString(deterministic=True) == data


def test_encoding_parses_with_tensorflow_serving():
    module = pytest.importorskip("tensorflow_serving.apis.prediction_log_pb2")
    data = prediction_log("serving_default", {"image_bytes": IMAGES})
    check(module.PredictionLog.FromString(data))


@pytest.mark.slow
def test_requests_run_on_the_model(exported):
    folder = exported / "saved_model" / "1"
    path = folder / "assets.extra" / "tf_serving_warmup_requests"
    serve = tf.saved_model.load(str(folder)).signatures["serving_default"]
    sizes = []
    for record in tf.data.TFRecordDataset(str(path)):
        log = schema().FromString(record.numpy())
        request = log.predict_log.request
        tensor = tensor_pb2.TensorProto.FromString(
            request.inputs["image_bytes"].SerializeToString()
        )
        rows = serve(image_bytes=tf.constant(tf.make_ndarray(tensor)))
        assert rows["valid"].numpy().all()
        sizes.append(len(rows["valid"]))
    assert sizes == [1, 4]
