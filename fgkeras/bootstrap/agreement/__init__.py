"""What several labellers, and a model, say of the same items."""

from fgkeras.bootstrap.agreement.cohen_kappa import cohen_kappa
from fgkeras.bootstrap.agreement.dawid_skene import DawidSkene
from fgkeras.bootstrap.agreement.dawid_skene import dawid_skene
from fgkeras.bootstrap.agreement.expert_queue import expert_queue
from fgkeras.bootstrap.agreement.labeller_skill import LabellerSkill
from fgkeras.bootstrap.agreement.labeller_skill import labeller_skill
from fgkeras.bootstrap.agreement.majority import majority
from fgkeras.bootstrap.agreement.model_consensus import ModelConsensus
from fgkeras.bootstrap.agreement.model_consensus import model_consensus
from fgkeras.bootstrap.agreement.pairwise_kappa import PairwiseKappa
from fgkeras.bootstrap.agreement.pairwise_kappa import pairwise_kappa
from fgkeras.bootstrap.agreement.score_calibration import ScoreCalibration

__all__ = [
    "DawidSkene",
    "LabellerSkill",
    "ModelConsensus",
    "PairwiseKappa",
    "ScoreCalibration",
    "cohen_kappa",
    "dawid_skene",
    "expert_queue",
    "labeller_skill",
    "majority",
    "model_consensus",
    "pairwise_kappa",
]
