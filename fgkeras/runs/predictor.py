"""What a finished run answers of pictures."""

import keras
import numpy as np

from fgkeras.models import embedding_model
from fgkeras.models import load_model
from fgkeras.models.parts import ends_in_embedding
from fgkeras.runs.classifier.network import prediction_model
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.model_check import check_model
from fgkeras.runs.kept.model_check import check_names
from fgkeras.runs.outcome import activation_of
from fgkeras.runs.outcome import scores_of
from fgkeras.runs.views import View
from fgkeras.training.replica_batches import predict_batch


class Predictor:
    """The model of a finished run, with all that its answers depend on.

    What `evaluate` measured is what it answers: the same crop, the same views,
    the same scores. Use it for any number of pictures; one batch of them is in
    memory. `fgkeras.jobs.export_predictor` has the same for an export.

    Attributes:
        folder: The `RunFolder`.
        config: Its `Config`.
        model: `keras.Model`, as it was trained.
        view: The `View` under which it sees pictures.
        class_names: Tuple of strings, in label order; empty for an embedding
            that was tested on classes it never saw.
        activation: `"softmax"` or `"sigmoid"`, what makes scores of logits.

    Args:
        run: Path of the run folder.

    Raises:
        ValueError: If the run has not finished.
    """

    def __init__(self, run):
        self.folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
        self.config = self.folder.config()
        self.model = load_model(self.folder / "model.keras")
        self.view = View.of(self.config)
        classes = self.folder.classes()
        check_names(self.folder, classes)
        body = getattr(self.model, "embedder", self.model)
        closed = classes.get("closed_set", True)
        embeds = ends_in_embedding(body)
        names = classes["class_names"]
        known = None if embeds else len(names)
        check_model(self.folder, self.model, known, self.view)
        knows = closed and not embeds
        self.class_names = tuple(classes["class_names"]) if knows else ()
        self.activation = activation_of(self.config)

    @property
    def size(self):
        """Side of the crop, in pixels."""
        return self.view.size

    @property
    def resize(self):
        """The shorter side before the crop, in pixels."""
        return self.view.resize

    def to_logits(self):
        """Returns the `keras.Model` from pixels to logits, over all views."""
        return prediction_model(self.model, self.config)

    def to_vectors(self):
        """Returns the `keras.Model` from pixels to vectors of length 1."""
        return embedding_model(getattr(self.model, "embedder", self.model))

    def graph(self):
        """Returns all that is answered as one model, to be exported.

        Its views are part of it: with `data.mirror_test` the logits are those
        of both. What a graph decodes itself it decodes with TensorFlow; of a
        run with `data.input="arrays"`, which saw Pillow's pixels, that is the
        same but for rounding.

        Returns:
            `keras.Model` from raw pixels to a list of logits and embedding;
            to the embedding alone where the run knows no classes.

        Raises:
            ValueError: On another backend than TensorFlow.
        """
        if keras.backend.backend() != "tensorflow":
            raise ValueError(
                "An export is a graph of TensorFlow. Received: "
                f"{self.folder.path} on the backend "
                f"{keras.backend.backend()!r}. Set KERAS_BACKEND=tensorflow: "
                "a run opens on either."
            )
        vectors = self.to_vectors()
        if not self.class_names:
            return vectors
        both = keras.Model(
            self.model.inputs[0], [self.model.outputs[0], vectors.output]
        )
        return prediction_model(both, self.config)

    def logits(self, images):
        """Returns the logits of `SplitImages`, float32."""
        found = self.to_logits().predict(images.evaluation(), verbose=0)
        return np.asarray(found, "float32")

    def vectors(self, images):
        """Returns the vectors of `SplitImages`."""
        model = self.to_vectors()
        return np.asarray(model.predict(images.evaluation(), verbose=0))

    def stream(self, pictures, *, top_k=5):
        """Names the likeliest classes of encoded pictures, as they come.

        Args:
            pictures: Iterable as `View.stream` takes it.
            top_k: Int at least 1. Defaults to `5`.

        Yields:
            A dict per picture: `valid`, `classes` and `scores`, likeliest
            first, and where it is not valid the `reason`.

        Raises:
            ValueError: If the run knows no classes.
        """
        if not self.class_names:
            raise ValueError(no_classes(self.folder.path))
        for logits, reason in self._answers(self.to_logits(), pictures):
            if reason is not None:
                yield bad_row(reason)
                continue
            # By logits, since scores near 1 round to the same number.
            best = np.argsort(-logits, kind="stable")[:top_k]
            scores = scores_of(logits[None], self.activation)[0]
            yield {
                "valid": True,
                "classes": [self.class_names[c] for c in best],
                "scores": [float(s) for s in scores[best]],
            }

    def stream_vectors(self, pictures):
        """Gives the vectors of encoded pictures, as they come.

        Args:
            pictures: Iterable as `View.stream` takes it.

        Yields:
            Tuples of a float32 array, or `None`, and `None` or the reason why
            there is no vector.
        """
        return self._answers(self.to_vectors(), pictures)

    def _answers(self, model, pictures):
        """Yields a row of the model per picture, and why there is none."""
        full = 0
        for crops, reasons in self.view.stream(pictures):
            count, rows = len(crops), iter(())
            # Graphs are made once per size of a batch: that of the fullest.
            full = max(full, len(reasons))
            if count:
                crops = np.pad(crops, [(0, full - count), *[(0, 0)] * 3])
                found = np.asarray(predict_batch(model, crops), "float32")
                rows = iter(found[:count])
            for reason in reasons:
                yield (next(rows) if reason is None else None), reason


def bad_row(reason):
    """Returns the row of a picture that cannot be decoded."""
    return {"valid": False, "classes": [], "scores": [], "reason": reason}


def no_classes(path):
    """Returns what there is to say of a model that names no class."""
    return (
        "A class is predicted by a model that knows it. Received: "
        f"{path}, an embedding for classes that it was not trained on. Look "
        "for like images with `fgkeras retrieve RUN IMAGES`."
    )
