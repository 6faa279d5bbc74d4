"""`.keras` files that were damaged or exchanged."""

import io
import json
import os
import random
import struct
import zipfile

import h5py
import numpy as np


class NotThere(LookupError):
    """A model file has not what an edit would change."""


def damages():
    """Yields titles and changes, functions of the path of a `.keras` file."""
    for share in (0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99):
        yield (
            f"cut at {share:.0%}",
            _bytes(lambda old, share=share: old[: int(share * len(old))]),
        )
    for count in (1, 22, 100, 1000):
        yield (
            f"{count} bytes too short",
            _bytes(lambda old, count=count: old[:-count]),
        )
    yield "text", _bytes(lambda old: b"text")
    yield "random bytes", _bytes(lambda old: random.Random(0).randbytes(9000))
    yield "1 kB before it", _bytes(lambda old: b"x" * 1000 + old)
    for seed in range(8):
        yield (
            f"changed at random, {seed}",
            _bytes(lambda old, seed=seed: _noise(old, seed)),
        )
    yield "a folder", _folder
    yield "a dangling link", _link
    yield "a pipe", _pipe
    yield "8 GB of nothing", _large
    yield "arrays of NumPy", _npz
    yield "the weights alone", _weights_alone
    for name in ("config.json", "metadata.json", "model.weights.h5"):
        yield f"no {name}", _members(lambda old, name=name: old.pop(name))
        yield (
            f"{name} is empty",
            _members(lambda old, name=name: old.update({name: b""})),
        )
        yield (
            f"{name} is text",
            _members(lambda old, name=name: old.update({name: b"text"})),
        )
    yield "members exchanged", _members(_exchange)
    yield "a member twice", _twice
    yield "a member claims 4 GB", _claims
    yield "512 MB of zeros as config", _bomb
    yield "config is a list", _config(lambda old: [])
    yield (
        "config too deep",
        _members(
            lambda old: old.update({"config.json": b"[" * 10**5 + b"]" * 10**5})
        ),
    )
    yield "another class", _config(lambda old: {**old, "class_name": "Nothing"})
    yield (
        "a class of os",
        _config(lambda old: {**old, "module": "os", "class_name": "system"}),
    )
    yield "units of another", _text(b'"units": 3', b'"units": 4')
    yield "units infinite", _text(b'"units": 3', b'"units": Infinity')
    yield "units of a billion", _text(b'"units": 3', b'"units": 1000000000')
    yield "filters of 2.5", _text(b'"filters": 32', b'"filters": 2.5')
    yield "names of layers", _text(b'"block1_bn"', b'"renamed"')
    yield (
        "weights cut",
        _members(
            lambda old: old.update(
                {"model.weights.h5": old["model.weights.h5"][:-2000]}
            )
        ),
    )
    yield "weights are NaN", _weights(lambda old: np.full_like(old, np.nan))
    yield (
        "weights are infinite",
        _weights(lambda old: np.full_like(old, np.inf)),
    )
    yield "weights of other shapes", _weights(lambda old: np.zeros(7, "f4"))
    yield "weights are texts", _weights(lambda old: np.array([b"x"] * 3))
    yield "six outputs", _outputs("six")
    yield "two heads", _outputs("two")
    yield "32 pixels", _outputs("pixels")
    yield "a body", _outputs("body")


def _bytes(change):
    return lambda path: path.write_bytes(change(path.read_bytes()))


def _noise(old, seed):
    random_ = random.Random(seed)
    new = bytearray(old)
    for _ in range(20):
        new[random_.randrange(len(new))] = random_.randrange(256)
    return bytes(new)


def _folder(path):
    path.unlink()
    path.mkdir()


def _link(path):
    path.unlink()
    path.symlink_to("/nowhere")


def _pipe(path):
    path.unlink()
    os.mkfifo(path)


def _large(path):
    with open(path, "wb") as file:
        file.truncate(8 << 30)


def _npz(path):
    with open(path, "wb") as file:
        np.savez(file, a=np.zeros(3))


def _read(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def _write(path, members):
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)


def _members(change):
    """A change of the dict of the members."""

    def changed(path):
        members = _read(path)
        change(members)
        _write(path, members)

    return changed


def _weights_alone(path):
    path.write_bytes(_read(path)["model.weights.h5"])


def _exchange(old):
    one, two = "config.json", "model.weights.h5"
    old[one], old[two] = old[two], old[one]


def _twice(path):
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("config.json", b"{}")


def _claims(path):
    data = bytearray(path.read_bytes())
    place = data.rindex(b"PK\1\2")
    data[place + 20 : place + 28] = struct.pack("<II", 2**32 - 2, 2**32 - 2)
    path.write_bytes(data)


def _bomb(path):
    members = _read(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            if name != "config.json":
                file.writestr(name, data)
        with file.open("config.json", "w") as inside:
            for _ in range(512):
                inside.write(bytes(1 << 20))


def _config(change):
    def changed(old):
        config = json.loads(old["config.json"])
        old["config.json"] = json.dumps(change(config)).encode()

    return _members(changed)


def _text(one, two):
    """A change of the text of the config, which must be there."""

    def changed(old):
        if one not in old["config.json"]:
            raise NotThere(one)
        old["config.json"] = old["config.json"].replace(one, two)

    return _members(changed)


def _weights(change):
    """A change of every array of weights."""

    def changed(old):
        data = io.BytesIO(old["model.weights.h5"])
        with h5py.File(data, "r+") as file:
            found = []
            file.visititems(
                lambda name, item: (
                    found.append(name)
                    if isinstance(item, h5py.Dataset)
                    else None
                )
            )
            for name in found:
                value = change(file[name][()])
                del file[name]
                file[name] = value
        old["model.weights.h5"] = data.getvalue()

    return _members(changed)


def _outputs(kind):
    """Another model in its place, which Keras reads well."""

    def changed(path):
        import keras

        from fgkeras.models import backbone
        from fgkeras.models import load_model

        model = load_model(path)
        if kind == "pixels":
            body = backbone("small_cnn", (32, 32, 3))
            pooled = keras.layers.GlobalAveragePooling2D()(body.output)
            logits = keras.layers.Dense(3)(pooled)
            other = keras.Model(body.input, logits)
        elif kind == "body":
            other = backbone("small_cnn", (16, 16, 3))
        else:
            outputs = [model.output, model.output]
            if kind == "six":
                outputs = keras.layers.Concatenate()(outputs)
            other = keras.Model(model.input, outputs)
        other.save(path)

    return changed
