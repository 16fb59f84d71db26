"""ERC-2612: the permit that stands for an approval, as a token wants it signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from milestone_escrow.exceptions import ContractRevert, UsageError

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["permit_data"]

_FIELDS: Final = (
    ("owner", "address"),
    ("spender", "address"),
    ("value", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint256"),
)
_DOMAIN: Final = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)


def permit_data(
    w3: Web3, chain_id: int, token: str, owner: str, spender: str, value: int, deadline: int
) -> dict[str, Any]:
    """Return the typed data of a permit over ``value`` raw units.

    The token's own domain separator says which name and version it hashes.

    Raises:
        UsageError: the token takes no permits of this kind (``no-permit``).
        NodeError: no node answers.
    """
    from eth_account.messages import encode_typed_data

    name = _view(w3, token, "name()", "string")
    separator = _view(w3, token, "DOMAIN_SEPARATOR()", "bytes32")
    nonce = _view(w3, token, "nonces(address)", "uint256", owner)
    if name is not None and separator is not None and nonce is not None:
        said = _view(w3, token, "version()", "string")
        for version in (*([said] if said is not None else []), "1", "2"):
            data = {
                "types": {
                    "EIP712Domain": [{"name": field, "type": kind} for field, kind in _DOMAIN],
                    "Permit": [{"name": field, "type": kind} for field, kind in _FIELDS],
                },
                "primaryType": "Permit",
                "domain": {
                    "name": name,
                    "version": version,
                    "chainId": chain_id,
                    "verifyingContract": token,
                },
                "message": {
                    "owner": owner,
                    "spender": spender,
                    "value": str(value),
                    "nonce": str(nonce),
                    "deadline": str(deadline),
                },
            }
            if encode_typed_data(full_message=data).header == separator:
                return data
    raise UsageError(
        f"The token {token} takes no permits by ERC-2612.",
        "Approve the escrow for the amount instead, then fund.",
        code="no-permit",
    )


def _view(w3: Web3, token: str, signature: str, answers: str, *arguments: str) -> Any:
    """Return what a view of the token answers, None where it has none."""
    from eth_abi.abi import decode, encode
    from eth_abi.exceptions import DecodingError
    from eth_utils.crypto import keccak
    from hexbytes import HexBytes

    from milestone_escrow.rpc_errors import request

    kinds = [kind for kind in signature.partition("(")[2][:-1].split(",") if kind]
    data = keccak(text=signature)[:4] + encode(kinds, arguments)
    try:
        answer = request(w3, "eth_call", {"to": token, "data": "0x" + data.hex()}, "latest")
        return decode([answers], HexBytes(answer))[0]
    except (ContractRevert, DecodingError, UnicodeDecodeError, OverflowError):
        return None
