from __future__ import annotations

import inspect
import pickle
import re

import pytest

from milestone_escrow import exceptions
from milestone_escrow.agreement import problems
from milestone_escrow.exceptions import AgreementError, ContractRevert, EscrowError, NodeError
from tests.library.agreements import NOW, sound

CLASSES = [
    value
    for value in vars(exceptions).values()
    if inspect.isclass(value) and issubclass(value, EscrowError)
]


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn = re.findall(r"[├└]── (\w+)", exceptions.__doc__ or "")
    assert drawn == [kind.__name__ for kind in CLASSES if EscrowError in kind.__bases__]
    assert sorted([*drawn, "EscrowError"]) == sorted(exceptions.__all__)


def test_each_class_has_a_code_of_its_own() -> None:
    codes = [kind.default_code for kind in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


@pytest.mark.parametrize(
    "error",
    [
        EscrowError("Something is wrong."),
        NodeError("Nothing answers.", "Start a node.", code="node-silent", field="rpc_url"),
        ContractRevert("NotEmployer", "You are not.", "Use another account.", data=b"\x05\xcb"),
        AgreementError("It is wrong.", "Mend it.", problems=problems(sound(fee_bps=0), NOW)),
    ],
)
def test_errors_pass_between_processes(error: EscrowError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert copy.to_dict() == error.to_dict()
    assert str(copy) == str(error)


def test_an_error_says_what_and_what_to_do() -> None:
    error = NodeError("Nothing answers.", "Start a node.", field="rpc_url")
    assert str(error) == "Nothing answers. Start a node."
    assert error.to_dict() == {
        "code": "node",
        "sentence": "Nothing answers.",
        "remedy": "Start a node.",
        "field": "rpc_url",
    }
    assert str(EscrowError("Alone.")) == "Alone."


def test_a_revert_goes_by_the_name_of_its_custom_error() -> None:
    error = ContractRevert("NotEmployer", "You are not.", data=b"\x05\xcb")
    assert error.code == error.error == "NotEmployer"
    assert error.to_dict()["data"] == "0x05cb"
