"""ERC-2612: the permit that stands for an approval, as a token wants it signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from milestone_escrow.exceptions import UsageError

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

    name = _said(w3, token, "name")
    separator = _said(w3, token, "DOMAIN_SEPARATOR")
    nonce = _said(w3, token, "nonces", owner)
    if name is not None and separator is not None and nonce is not None:
        said = _said(w3, token, "version")
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


def _said(w3: Web3, token: str, name: str, *arguments: str) -> Any:
    """Return what a view of the token answers, None where it has none."""
    from milestone_escrow.tokens import ask_token

    try:
        return ask_token(w3, token, name, *arguments)
    except UsageError:
        return None
