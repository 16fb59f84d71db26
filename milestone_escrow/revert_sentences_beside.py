"""What the errors of the notes and of the arbiter adapter mean, as those of the escrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ADAPTER_SENTENCES", "NOTES_SENTENCES"]

NOTES_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "BadPercent": (
        "Progress is from 0 to 100 percent.",
        "Give a whole number in that range.",
    ),
    "NothingSettled": (
        "No milestone is settled yet, and before that nobody is rated.",
        "Rate once a milestone is released, cancelled or settled.",
    ),
    "BadScore": (
        "A rating is from 1 to 5.",
        "Give a whole number in that range.",
    ),
}
"""In the order of the contracts' table."""

ADAPTER_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "BadPeriods": (
        "The fee period or the arbitration period is shorter than a day, or no ruling "
        "period can hold both.",
        "Choose periods of at least a day that fit together into 365 days.",
    ),
    "ArbiterShare": (
        "The agreement gives its arbiter a share, and this one takes none.",
        "Agree anew with arbiter_bps 0.",
    ),
    "RulingTooShort": (
        "The ruling period leaves the arbitrator too little time.",
        "Agree on one that is longer than the fee period and the arbitration period together.",
    ),
    "FeeTooSmall": (
        "The coins sent along do not cover the arbitrator's fee.",
        "Send at least the fee; what is too much comes back as a credit.",
    ),
    "AlreadyPaid": (
        "This side has paid the arbitrator's fee already.",
        "Wait for the other side, or submit the case if both have paid.",
    ),
    "FeesOver": (
        "It is too late to pay the arbitrator's fee.",
        "Anyone may execute the case if there is one; otherwise the ruling period ends "
        "in the fallback.",
    ),
    "FeeOpen": (
        "The other side still has time to pay the arbitrator's fee.",
        "Wait until it is due.",
    ),
    "FeeMissing": (
        "Not both sides have paid the arbitrator's fee.",
        "Have both pay it before it is due.",
    ),
    "NotSubmitted": (
        "Both sides have paid, but the case is not with the arbitrator yet.",
        "Submit it; anyone may.",
    ),
    "AlreadySubmitted": (
        "The case is with the arbitrator already.",
        "Wait for the ruling.",
    ),
    "NoCase": (
        "Nobody has paid the arbitrator's fee for this milestone, or its case has ended.",
        "Check the agreement and the index.",
    ),
    "NotArbitrator": (
        "Only the arbitrator may rule.",
        "Let the arbitrator's contract call.",
    ),
    "UnknownDispute": (
        "The dispute is not one of the adapter's, or is ruled already.",
        "Check the dispute's number at the arbitrator.",
    ),
    "BadRuling": (
        "A ruling is 0, 1 or 2.",
        "Rule 1 for the freelancer, 2 for the employer, 0 to refuse.",
    ),
    "NotRuled": (
        "The arbitrator has not ruled yet.",
        "Wait for the ruling, or until its time is over.",
    ),
}
"""In the order of the contracts' table."""
