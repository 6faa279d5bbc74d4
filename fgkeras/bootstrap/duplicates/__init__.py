"""Pictures of a pool that are one picture, by 64 bits of each."""

from fgkeras.bootstrap.duplicates.near_hashes import NearHashes
from fgkeras.bootstrap.duplicates.near_hashes import near_hashes
from fgkeras.bootstrap.duplicates.perceptual_hash import perceptual_hash

__all__ = ["NearHashes", "near_hashes", "perceptual_hash"]
