"""What a finished run answers of pictures."""

import copy
import warnings

import keras
import numpy as np

from fgkeras.config import when
from fgkeras.models import embedding_model
from fgkeras.models import load_model
from fgkeras.models.levels import pooled_maps
from fgkeras.models.parts import ends_in_embedding
from fgkeras.runs.classifier.network import prediction_model
from fgkeras.runs.folder import RunFolder
from fgkeras.runs.kept.known_vectors import read_known_vectors
from fgkeras.runs.kept.model_check import check_model
from fgkeras.runs.kept.model_check import check_names
from fgkeras.runs.kept.trust import FILE as TRUST
from fgkeras.runs.kept.trust import USUAL
from fgkeras.runs.kept.trust import read_trust
from fgkeras.runs.loss import activation_of
from fgkeras.runs.scoring.adjustment import kept_adjustment
from fgkeras.runs.scoring.answer_row import answer_row
from fgkeras.runs.scoring.answer_row import bad_row
from fgkeras.runs.scoring.answer_row import no_classes
from fgkeras.runs.scoring.scores import scores_of
from fgkeras.runs.scoring.temperature import kept_calibration
from fgkeras.runs.scoring.trust import Trust
from fgkeras.runs.views import View
from fgkeras.runs.views import batch_of
from fgkeras.runs.views import box_margin_of
from fgkeras.runs.views import views_of
from fgkeras.training.replica_batches import predict_batch


class Predictor:
    """The model of a finished run, with all that its answers depend on.

    What `evaluate` measured is what it answers: the same crop, the same views,
    the same scores. Use it for any number of pictures; one batch of them is in
    memory. `fgkeras.jobs.exporting.export_predictor` has the same for exports.

    Attributes:
        folder: The `RunFolder`.
        config: Its `Config`.
        model: `keras.Model`, as it was trained.
        views: String, what its answers are the mean over.
        adjustment: The `Adjustment` of its logits, or `None`.
        view: The `View` under which it sees pictures, wide enough for all.
        class_names: Tuple of strings, in label order; empty for an embedding
            that was tested on classes it never saw.
        activation: `"softmax"` or `"sigmoid"`, what makes scores of logits.
        box_margin: Float, the margin of the boxes that it saw, or `None`.

    Args:
        run: Path of the run folder.
        views: String, one of `fgkeras.registries.VIEWS`, or `None` (default)
            for `evaluation.views` of the run.

    Raises:
        ValueError: If the run has not finished, or views are asked of one that
            is no classifier.
    """

    def __init__(self, run, *, views=None):
        self.folder = run if isinstance(run, RunFolder) else RunFolder.open(run)
        self.config = self.folder.config()
        self.box_margin = box_margin_of(self.config)
        self.model = load_model(self.folder / "model.keras")
        self.views = views_of(self.config, views)
        self.view = View.of(self.config).holding(self.views)
        classes = self.folder.classes()
        check_names(self.folder, classes)
        body = getattr(self.model, "embedder", self.model)
        closed = classes.get("closed_set", True)
        embeds = ends_in_embedding(body)
        names = classes["class_names"]
        known = None if embeds else len(names)
        check_model(self.folder, self.model, known, View.of(self.config))
        knows = closed and not embeds
        self.class_names = tuple(classes["class_names"]) if knows else ()
        self.activation = activation_of(self.config)
        self.adjustment = kept_adjustment(self.folder)
        self.asked = read_trust(self.folder / TRUST)
        self._calibration = kept_calibration(self.folder, len(self.class_names))
        self._trust = {}
        if views not in (None, "center") and self.has_calibration:
            warnings.warn(
                f"With --views {views} scores are not calibrated, and there "
                "are no prediction sets and no thresholds: those of "
                f"{self.folder.path} are of the center view.",
                UserWarning,
                stacklevel=2,
            )

    @property
    def has_calibration(self):
        """Whether the run keeps calibration images, whatever the views."""
        return self._calibration is not None

    def adjusted_by(self, adjustment):
        """Returns the same model under another `Adjustment`, or `None`."""
        twin = copy.copy(self)
        twin.adjustment = adjustment
        return twin

    def asked_for(self, asked):
        """Returns the same model with other sets, or knowing unknowns so.

        Args:
            asked: Dict, as `fgkeras.runs.scoring.asked_trust.read_asked`
                returns it.
        """
        twin = copy.copy(self)
        twin.asked = asked
        return twin

    @property
    def trust(self):
        """The `Trust` of its answers; `None` without calibration images.

        Like the temperature it is of one view alone. What is usual is left out
        where there are too few images for it.
        """
        key = self.views, str(self.adjustment), *self.asked.values()
        if key not in self._trust:
            found = self.trust_as_asked()
            self._trust[key] = found and found.usual()[0]
        return self._trust[key]

    def trust_as_asked(self):
        """Returns the same, which refuses what there are too few images for."""
        if not self.calibrated:
            return None
        return Trust(
            self._calibration,
            self.config,
            np.asarray(self.folder.classes()["train_counts"]),
            near=read_known_vectors(self.folder),
            affine=self._affine(),
            adjusted=self.adjustment is not None,
            asked=self.asked,
        )

    @property
    def changes(self):
        """In what its answers are not those that the training measured."""
        views = self.views if self.views != self.config.evaluation.views else ""
        asked = self.calibrated and self.asked != USUAL
        sets = "sets {level:g} {score} {known}".format(**self.asked)
        names = str(self.adjustment or ""), views, sets if asked else ""
        return " ".join(filter(None, names))

    def facts(self):
        """Returns what metrics say of its answers, a dict ready for JSON."""
        if not when.CLASSIFIER(self.config):
            return {}
        adjustment = self.adjustment and self.adjustment.facts()
        facts = {"views": self.views, "adjustment": adjustment}
        return {**facts, **self._temperature(self._affine())}

    def _affine(self):
        """Factors and offsets of the adjustment, or `None`."""
        if self.adjustment is None:
            return None
        counts = np.asarray(self.folder.classes()["train_counts"])
        return self.adjustment.affine(self.model, counts, self.activation)

    def _temperature(self, affine):
        """What the temperature is and where it is from; empty without one."""
        if not self.calibrated:
            return {}
        return self._calibration.of(self.activation, affine)

    @property
    def path(self):
        """Where it lies, a `pathlib.Path`."""
        return self.folder.path

    @property
    def hierarchy(self):
        """Dict of a level's name to the parent of each class."""
        return self.folder.classes().get("hierarchy", {})

    @property
    def calibrated(self):
        """Whether its scores have a temperature.

        It is that of one view: of others the scores are a mean.
        """
        return self.has_calibration and self.views == "center"

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
        return self._answering(self.model)

    def to_vectors(self):
        """Returns the `keras.Model` from pixels to vectors.

        They are those of the first view alone, from the same pixels as the
        logits.
        """
        vectors = embedding_model(getattr(self.model, "embedder", self.model))
        if self.view == View.of(self.config):
            return vectors
        both = self._answering(self._with(vectors))
        return keras.Model(both.inputs[0], both.outputs[1])

    def _with(self, vectors):
        """The model as it was trained, to logits and vectors."""
        outputs = [self.model.outputs[0], vectors.output]
        return keras.Model(self.model.inputs[0], outputs)

    def _answering(self, model):
        affine = self._affine()
        found = self._temperature(affine)
        if found:
            factors, offsets = affine or (np.ones(len(self.class_names)), 0.0)
            scale = 1.0 / found["temperature"]
            affine = factors * scale, offsets * scale * np.ones_like(factors)
        return prediction_model(model, self.config, self.views, affine)

    def graph(self):
        """Returns all that is answered as one model, to be exported.

        Its views and its adjustment are part of it: the logits are those of
        all views. What a graph decodes itself it decodes with TensorFlow; of a
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
        if not self.class_names:
            return self.to_vectors()
        vectors = embedding_model(getattr(self.model, "embedder", self.model))
        return self._answering(self._with(vectors))

    def logits(self, images):
        """Returns the logits of `SplitImages`, float32."""
        return images.answers(self.to_logits(), self.views)

    def logits_and_known(self, images):
        """Returns the logits of `SplitImages`, and how known they look.

        Returns:
            Tuple of a float32 array, and of the scores that `trust.known` is
            about, or `None` where there is none.
        """
        known = self.trust and self.trust.known
        if not known:
            return self.logits(images), None
        if known.vectors is None:
            logits = self.logits(images)
            return logits, known.scores(logits, None)
        logits, vectors = self._split(images.answers(self._joined()))
        return logits, known.scores(logits, vectors)

    def _joined(self):
        """The `keras.Model` to logits and vectors side by side."""
        vectors = embedding_model(getattr(self.model, "embedder", self.model))
        both = self._answering(self._with(vectors))
        rows = [keras.ops.cast(y, "float32") for y in both.outputs]
        return keras.Model(both.inputs[0], keras.ops.concatenate(rows, axis=-1))

    def _split(self, rows):
        """Logits and vectors of what `_joined` gives."""
        classes = len(self.class_names)
        return rows[:, :classes], rows[:, classes:]

    def vectors(self, images):
        """Returns the vectors of `SplitImages`."""
        model = self.to_vectors()
        images = images.under(self.view)
        return np.asarray(model.predict(images.evaluation(), verbose=0))

    def stream(self, pictures, *, top_k=5, parents=None):
        """Names the likeliest classes of encoded pictures, as they come.

        Args:
            pictures: Iterable as `View.stream` takes it.
            top_k: Int at least 1. Defaults to `5`.
            parents: `fgkeras.runs.scoring.parents.Parents`, for an `answer` of
                each, or `None` (default).

        Yields:
            A dict per picture: `valid`, `classes` and `scores`, likeliest
            first, and where it is not valid the `reason`. Of a run with
            calibration images also `set`, the classes of its prediction set,
            likeliest first, and `known`, whether it looks like the training's,
            with its `known_score`.

        Raises:
            ValueError: If the run knows no classes.
        """
        if not self.class_names:
            raise ValueError(no_classes(self.folder.path))
        trust = self.trust
        sets, known = (trust.sets, trust.known) if trust else (None, None)
        beside = known is not None and known.vectors is not None
        model = self._joined() if beside else self.to_logits()
        for row, reason in self._answers(model, pictures):
            if reason is not None:
                yield bad_row(reason)
                continue
            logits, vectors = self._split(row[None])
            yield answer_row(
                self.class_names,
                logits,
                scores_of(logits, self.activation),
                top_k=top_k,
                sets=sets,
                known=known,
                vectors=vectors,
                parents=parents,
            )

    def stream_vectors(self, pictures):
        """Gives the vectors of encoded pictures, as they come.

        Args:
            pictures: Iterable as `View.stream` takes it.

        Yields:
            Tuples of a float32 array, or `None`, and `None` or the reason why
            there is no vector.
        """
        return self._answers(self.to_vectors(), pictures)

    def stream_answers(self, pictures):
        """Gives the scores of all classes and vectors, as they come.

        Args:
            pictures: Iterable as `View.stream` takes it.

        Yields:
            Tuples `(scores, vector, body, reason)`: float32 arrays, the last
            one the body's feature map averaged over its places; or `None` and
            the reason why there are none, which is `None` else.

        Raises:
            ValueError: If the run knows no classes.
        """
        if not self.class_names:
            raise ValueError(no_classes(self.folder.path))
        inner = getattr(self.model, "embedder", self.model)
        vector = embedding_model(inner).output
        maps = [keras.ops.cast(x, "float32") for x in pooled_maps(inner)]
        body = [keras.ops.mean(places, axis=(1, 2)) for places in maps]
        # Side by side as one answer; each is as long as it was.
        beside = keras.ops.concatenate([vector, *body], axis=-1)
        both = self._answering(self._with(keras.Model(inner.inputs[0], beside)))
        joined = keras.Model(
            both.inputs[0], keras.ops.concatenate(both.outputs, axis=-1)
        )
        ends = np.cumsum([len(self.class_names), vector.shape[-1]])
        for row, reason in self._answers(joined, pictures):
            if reason is not None:
                yield None, None, None, reason
                continue
            logits, of_run, of_body = np.split(row, ends)
            scores = scores_of(logits[None], self.activation)[0]
            yield scores, of_run, of_body, None

    def _answers(self, model, pictures):
        """Yields a row of the model per picture, and why there is none."""
        full = 0
        size = batch_of(self.view.batch_size, self.views)
        for crops, reasons in self.view.stream(pictures, size):
            count, rows = len(crops), iter(())
            # Graphs are made once per size of a batch: that of the fullest.
            full = max(full, len(reasons))
            if count:
                crops = np.pad(crops, [(0, full - count), *[(0, 0)] * 3])
                found = np.asarray(predict_batch(model, crops), "float32")
                rows = iter(found[:count])
            for reason in reasons:
                yield (next(rows) if reason is None else None), reason
