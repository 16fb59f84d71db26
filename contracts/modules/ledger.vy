# pragma version ==0.4.3
"""
@title Money in, money out, and the credits of those who could not be paid
@license MIT
@notice A push never blocks anyone but its receiver: what fails becomes the receiver's credit.
        Callers change their own state first and move money last.
@custom:security The gas given to a push is capped, so that a receiver cannot burn the caller's, and a
        push that was given less than that is never counted as refused (EIP-150 keeps 1/64 back).
"""

from ethereum.ercs import IERC20

from ..interfaces import IMilestoneEscrow
from . import errors

NATIVE: constant(address) = empty(address)
COIN_PUSH_GAS: constant(uint256) = 100_000
TOKEN_PUSH_GAS: constant(uint256) = 300_000
# With less than this before it a push may get less than its gas: EIP-150 keeps 1/64 back, and the call
# itself costs up to 37,000 with the native coin.
COIN_PUSH_NEEDS: constant(uint256) = COIN_PUSH_GAS + COIN_PUSH_GAS // 63 + 40_000
TOKEN_PUSH_NEEDS: constant(uint256) = TOKEN_PUSH_GAS + TOKEN_PUSH_GAS // 63 + 10_000

# token -> owner -> raw units. Sum over owners <= balance of the token here, less what the deals hold.
credits: HashMap[address, HashMap[address, uint256]]


@internal
@payable
def pull(token: address, amount: uint256):
    """
    @notice Takes exactly `amount` from the caller, or reverts.
    """
    if token == NATIVE:
        if msg.value != amount:
            errors.fail(errors.WRONG_VALUE)
        return

    if msg.value != 0:
        errors.fail(errors.WRONG_VALUE)
    if amount == 0:
        # An amendment that only moves money: some tokens refuse to transfer nothing.
        return
    if not token.is_contract:
        errors.fail(errors.TRANSFER_FAILED)
    before: uint256 = staticcall IERC20(token).balanceOf(self, skip_contract_check=True)
    if not self._succeeds(
        token,
        abi_encode(
            msg.sender, self, amount, method_id=method_id("transferFrom(address,address,uint256)")
        ),
        msg.gas,
    ):
        errors.fail(errors.TRANSFER_FAILED)
    # A token that takes a fee, or that lies, ends here.
    received: uint256 = staticcall IERC20(token).balanceOf(self, skip_contract_check=True)
    if received != before + amount:
        errors.fail(errors.WRONG_TOKEN_AMOUNT)


@internal
def push(token: address, receiver: address, amount: uint256, deal_id: bytes32):
    """
    @notice Pays `receiver`, or credits what it cannot take. The amount is zero where the fee, rounded over
            all payments of a milestone, takes the whole last unit: then nothing is owed.
    """
    available: uint256 = msg.gas
    if token == NATIVE:
        if raw_call(receiver, b"", value=amount, gas=COIN_PUSH_GAS, revert_on_failure=False):
            return
        if available < COIN_PUSH_NEEDS:
            errors.fail(errors.NOT_ENOUGH_GAS)
    else:
        if self._transfer(token, receiver, amount, TOKEN_PUSH_GAS):
            return
        if available < TOKEN_PUSH_NEEDS:
            errors.fail(errors.NOT_ENOUGH_GAS)
    if amount != 0:
        self.credit(token, receiver, amount, deal_id)


@internal
def credit(token: address, owner: address, amount: uint256, deal_id: bytes32):
    """
    @notice Adds to the credit of `owner`.
    """
    total: uint256 = self.credits[token][owner] + amount
    self.credits[token][owner] = total
    log IMilestoneEscrow.Credited(
        token=token, owner=owner, deal_id=deal_id, amount=amount, credit=total
    )


@internal
def pay_out(token: address, owner: address, receiver: address):
    """
    @notice Pays the whole credit of `owner` to `receiver`, or reverts.
    """
    amount: uint256 = self.credits[token][owner]
    if amount == 0:
        errors.fail(errors.NO_CREDIT)
    self.credits[token][owner] = 0
    log IMilestoneEscrow.CreditPaid(token=token, owner=owner, receiver=receiver, amount=amount)
    if token == NATIVE:
        if not raw_call(receiver, b"", value=amount, revert_on_failure=False):
            errors.fail(errors.TRANSFER_FAILED)
    elif not self._transfer(token, receiver, amount, msg.gas):
        errors.fail(errors.TRANSFER_FAILED)


@internal
def _transfer(token: address, receiver: address, amount: uint256, gas_limit: uint256) -> bool:
    return self._succeeds(
        token,
        abi_encode(receiver, amount, method_id=method_id("transfer(address,uint256)")),
        gas_limit,
    )


@internal
def _succeeds(token: address, data: Bytes[100], gas_limit: uint256) -> bool:
    """
    @dev True if the call returned true, or nothing at all from an address that has code.
    """
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(token, data, max_outsize=32, gas=gas_limit, revert_on_failure=False)
    if not success:
        return False
    if len(answer) == 0:
        return token.is_contract
    return len(answer) == 32 and convert(answer, uint256) == 1
