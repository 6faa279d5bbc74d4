"""Which pictures of a pool are shown to people, and what that brings."""

from fgkeras.bootstrap.acquisition.audit_slice import AuditSlice
from fgkeras.bootstrap.acquisition.audit_slice import audit_slice
from fgkeras.bootstrap.acquisition.candidates import Candidates
from fgkeras.bootstrap.acquisition.class_cap import class_cap
from fgkeras.bootstrap.acquisition.embedding_order import embedding_order
from fgkeras.bootstrap.acquisition.entropy import entropy
from fgkeras.bootstrap.acquisition.expected_yield import ExpectedYield
from fgkeras.bootstrap.acquisition.expected_yield import expected_yield
from fgkeras.bootstrap.acquisition.margin import margin
from fgkeras.bootstrap.acquisition.stopping import StoppingHint
from fgkeras.bootstrap.acquisition.stopping import stopping_hint
from fgkeras.bootstrap.acquisition.three_way_split import split_thresholds
from fgkeras.bootstrap.acquisition.three_way_split import three_way_split
from fgkeras.bootstrap.acquisition.threshold import threshold
from fgkeras.bootstrap.acquisition.threshold_calibration import (
    ThresholdCalibration,
)
from fgkeras.bootstrap.acquisition.threshold_calibration import (
    threshold_calibration,
)

__all__ = [
    "AuditSlice",
    "Candidates",
    "ExpectedYield",
    "StoppingHint",
    "ThresholdCalibration",
    "audit_slice",
    "class_cap",
    "embedding_order",
    "entropy",
    "expected_yield",
    "margin",
    "split_thresholds",
    "stopping_hint",
    "three_way_split",
    "threshold",
    "threshold_calibration",
]
