"""Encoded images that stay in their source until they are looked at."""

import itertools

from fgkeras.data.images.encoded import read_checked
from fgkeras.data.images.image import DECODER_VERSION


class EncodedOnDisk:
    """A sequence of encoded images, each read when it is indexed.

    Takes the place of the list of `load_encoded` for sets larger than the
    memory. Best on `records:` and `zip:` sources, which read at random.

    Args:
        source: `Source`.
        split: String, one of its splits.
        decoder: Int, as `read_checked`. Defaults to that of today.

    Raises:
        ValueError: On access, if an image cannot be decoded.
    """

    def __init__(self, source, split, decoder=DECODER_VERSION):
        self.decoder = decoder
        self.parts = [(source, source.split(split).ids)]

    @classmethod
    def joined(cls, *sequences):
        """Returns the images of several sequences, one after the other."""
        out = object.__new__(cls)
        out.parts = [part for s in sequences for part in s.parts]
        out.decoder = sequences[0].decoder
        return out

    def take(self, indices):
        """Returns some of the images, in their order."""
        out = object.__new__(type(self))
        out.decoder = self.decoder
        every = [(source, i) for source, ids in self.parts for i in ids]
        out.parts = []
        for source, found in itertools.groupby(
            (every[k] for k in indices), key=lambda one: one[0]
        ):
            out.parts.append((source, tuple(i for _, i in found)))
        return out

    def __len__(self):
        return sum(len(ids) for _, ids in self.parts)

    def __getitem__(self, index):
        if not 0 <= index < len(self):
            raise IndexError(index)
        for source, ids in self.parts:
            if index < len(ids):
                return read_checked(source, ids[index], decoder=self.decoder)
            index -= len(ids)
        raise IndexError(index)
