"""What a call is made of: the values that were given, in the types that the library takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from milestone_escrow.cli.calling.arguments import When
from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.arbiter import Adapter, Case
    from milestone_escrow.calls import Call, Permit
    from milestone_escrow.cli.calling.places import Place
    from milestone_escrow.tokens import Token

__all__ = ["Given", "read_signature"]

_SIGNATURE: Final = re.compile(r"0x(?:[0-9a-fA-F]{2})+")


@dataclass(frozen=True, slots=True)
class Given:
    """What a call is made of: where, on what, by whom, and the options' values.

    Attributes:
        place: The escrow.
        subject: The agreement, None where the call is of no deal.
        sender_address: Who sends it, as far as it was said.
        values: By the options' names; None or empty where one was not given.
        signed: What the signature's file says was signed, by the message's fields.
    """

    place: Place
    subject: Agreement | None
    sender_address: str | None
    values: Mapping[str, Any]
    signed: Mapping[str, Any]

    @property
    def agreement(self) -> Agreement:
        """The agreement."""
        assert self.subject is not None  # the command made sure
        return self.subject

    @property
    def sender(self) -> str:
        """Who sends it, where anyone or either party may.

        Raises:
            UsageError: nobody was named (``no-sender``).
        """
        if self.sender_address is None:
            raise UsageError(
                "It must be said who sends this.",
                "Give --as, --keyfile, or for an unsigned transaction --from.",
                code="no-sender",
            )
        return self.sender_address

    @property
    def indexes(self) -> tuple[int, ...]:
        """The milestones, of the new agreement where there is one.

        Raises:
            UsageError: none were named, or twice over.
        """
        single, several = self.values["index"], self.values["indexes"]
        if single and several:
            raise UsageError("--index and --indexes name milestones twice.", "Give one of them.")
        if several == "all":
            agreement = self.new if "new" in self.values else self.agreement
            return tuple(range(len(agreement.milestones)))
        found = tuple(several or single) or self._signed_numbers("indexes")
        if not found:
            raise UsageError(
                "No milestone was named.",
                "Give --index 0, or --indexes 0,1, or --indexes all.",
                code="no-indexes",
            )
        return found

    @property
    def index(self) -> int:
        """The milestone.

        Raises:
            UsageError: none was named, or the agreement does not have it.
        """
        index: int | None = self.values["index"]
        if index is None:
            index = self._signed_number("index")
        if index is None:
            raise _missing("index")
        if index >= len(self.agreement.milestones):
            raise UsageError(
                f"The agreement has no milestone {index}.",
                f"Give an index from 0 to {len(self.agreement.milestones) - 1}.",
                code="bad-index",
            )
        return index

    def number(self, name: str) -> int:
        """Return an integer option that must be given.

        Raises:
            UsageError: it was not.
        """
        value: int | None = self.values[name]
        if value is None:
            raise _missing(name)
        return value

    def text(self, name: str) -> str:
        """Return a text option that must be given.

        Raises:
            UsageError: it was not.
        """
        value: str | None = self.values[name]
        if not value:
            raise _missing(name)
        return value

    def hash(self, name: str, *, needed: bool = False) -> bytes:
        """Return a hash, or that of the file that was given for it; zero where neither was.

        Raises:
            UsageError: both were given, or neither and one is needed.
        """
        from milestone_escrow.cli.calling.files import hash_file

        value: bytes | None = self.values[name]
        file: Path | None = self.values[f"{name}_file"]
        if value is not None and file is not None:
            raise UsageError(f"--{name} and --{name}-file say the same twice.", "Give one of them.")
        if file is not None:
            return hash_file(file)
        if value is None and needed:
            raise _missing(name)
        return bytes(32) if value is None else value

    def amount(self, name: str) -> int:
        """Return an amount of the agreement's token, raw units.

        Raises:
            UsageError: it was not given.
            AmountError: it is malformed, or has more decimals than the token.
        """
        text: str | None = self.values[name]
        if text is None:
            signed = self._signed_number(name)
            if signed is None:
                raise _missing(name)
            return signed
        return self.units(text, self.place.token(self.agreement.token), name)

    def amounts(self) -> tuple[int, ...]:
        """Return the amounts, one for each milestone; see ``amount``."""
        texts: tuple[str, ...] = self.values["amounts"]
        if not texts:
            signed = self._signed_numbers("freelancer_amounts")
            if not signed:
                raise _missing("amount")
            return signed
        token = self.place.token(self.agreement.token)
        parts = [part for text in texts for part in text.split(",")]
        return tuple(self.units(part, token, "amount") for part in parts)

    def units(self, text: str, token: Token, name: str) -> int:
        """Return raw units of an amount as it was written; see ``amount``."""
        from milestone_escrow.amounts import parse_units
        from milestone_escrow.exceptions import AmountError

        try:
            return parse_units(text, 0 if self.values.get("raw") else token.decimals)
        except AmountError as error:
            raise AmountError(
                error.sentence, error.remedy, code=error.code, field=f"--{name.replace('_', '-')}"
            ) from error

    def signature(self, *, needed: bool = False) -> bytes:
        """Return the signature, empty where none was given.

        Raises:
            UsageError: it is neither hexadecimal nor in that file, or is needed and missing.
        """
        text: str | None = self.values["signature"]
        if text is None:
            if needed:
                raise _missing("signature")
            return b""
        return read_signature(text)[0]

    @property
    def expiry(self) -> int:
        """The expiry that was signed, unix seconds.

        Raises:
            UsageError: it was not given.
        """
        when: When | None = self.values["expiry"]
        if when is not None:
            return when.at(self.place.now)
        signed = self._signed_number("expiry")
        if signed is None:
            raise _missing("expiry")
        return signed

    @property
    def new(self) -> Agreement:
        """The agreement that supersedes the other.

        Raises:
            UsageError: it was not given, or the file cannot be read.
            AgreementError: it is none.
        """
        from milestone_escrow.cli.calling.files import read_agreement

        path: Path | None = self.values["new"]
        if path is None:
            raise _missing("new")
        return read_agreement(path)

    @property
    def permit(self) -> Permit:
        """The permit of a file that ``escrow sign permit`` wrote.

        Raises:
            UsageError: there is none.
        """
        from milestone_escrow.calls import Permit

        path: Path | None = self.values["permit"]
        if path is None:
            raise _missing("permit")
        signature, message = read_signature(str(path))
        deadline = message.get("deadline")
        if len(signature) != 65 or not isinstance(deadline, str) or not deadline.isdigit():
            raise UsageError(
                f"There is no permit in {path}.",
                "Give what escrow sign permit --json wrote.",
                code="no-signature",
            )
        return Permit(int(deadline), signature[64], signature[:32], signature[32:64])

    def party(self, name: str) -> str:
        """Return the account of an option, the sender where it was not given.

        Raises:
            UsageError: it is no account.
        """
        text: str | None = self.values[name]
        return self.sender if text is None else self.place.party(text, f"--{name}")

    # --- What the chain is asked for

    def case_fee(self) -> int:
        """Return the wei that a side pays: as was said, else the case's fee or the price of now.

        Raises:
            DeploymentError: the agreement's arbiter is no adapter, or its arbitrator is silent.
        """
        from milestone_escrow.arbiter import arbitration_cost

        if (fee := self._fee()) is not None:
            return fee
        adapter, case = self._case()
        return case.fee if case.status else arbitration_cost(self.place.client.w3, adapter)

    def case_lack(self) -> int:
        """Return the wei that both fees together lack of the arbitrator's price of now.

        Raises:
            DeploymentError: as ``case_fee``.
        """
        from milestone_escrow.arbiter import arbitration_cost

        if (fee := self._fee()) is not None:
            return fee
        adapter, case = self._case()
        return max(arbitration_cost(self.place.client.w3, adapter) - 2 * case.fee, 0)

    def _case(self) -> tuple[Adapter, Case]:
        from milestone_escrow.arbiter import read_adapter, read_case

        client = self.place.client
        adapter = read_adapter(client.w3, self.agreement.arbiter)
        deal_id = client.deal_id(self.agreement)
        return adapter, read_case(client.w3, adapter.address, deal_id, self.index)

    def arbitrator(self) -> str:
        """Return the arbitrator of the adapter that was named.

        Raises:
            DeploymentError: it is no adapter.
        """
        from milestone_escrow.arbiter import read_adapter

        return read_adapter(self.place.client.w3, self.text("adapter")).arbitrator

    def approval(self) -> Call:
        """Return the call that allows the escrow to take tokens of the sender.

        Raises:
            UsageError: it is the native coin, which needs none (``no-approval``).
        """
        from milestone_escrow.calls import approve
        from milestone_escrow.tokens import NATIVE_COIN

        token = self.place.token(self.text("token"))
        if token == NATIVE_COIN:
            raise UsageError(
                "The native coin needs no approval: it is sent along.",
                "Fund the deal as it is.",
                code="no-approval",
            )
        amount = self.units(self.text("amount"), token, "amount")
        return approve(token.address, self.sender, self.place.client.address, amount)

    def _fee(self) -> int | None:
        from milestone_escrow.tokens import NATIVE_COIN

        text: str | None = self.values["fee"]
        return None if text is None else self.units(text, NATIVE_COIN, "fee")

    def _signed_number(self, name: str) -> int | None:
        value = self.signed.get(name)
        return int(value) if isinstance(value, str) and value.isdigit() else None

    def _signed_numbers(self, name: str) -> tuple[int, ...]:
        value = self.signed.get(name)
        if not isinstance(value, list) or not all(
            isinstance(item, str) and item.isdigit() for item in value
        ):
            return ()
        return tuple(int(item) for item in value)


def read_signature(text: str) -> tuple[bytes, Mapping[str, Any]]:
    """Return a signature in hexadecimal or in a file, and the message that the file says it is of.

    Raises:
        UsageError: it is neither (``no-signature``), or the file cannot be read.
    """
    from milestone_escrow.cli.calling.files import read_json, read_text

    message: Any = {}
    if not _SIGNATURE.fullmatch(text):
        if text.startswith("0x"):
            raise _no_signature("This is no signature in hexadecimal.")
        path = Path(text)
        content = read_text(path).strip()
        if content.startswith("{"):
            value = read_json(path)
            text = str(value.get("signature"))
            message = (value.get("typed_data") or {}).get("message") or {}
        else:
            text = content
        if not _SIGNATURE.fullmatch(text):
            raise _no_signature(f"There is no signature in {path}.")
    return bytes.fromhex(text[2:]), message


def _no_signature(sentence: str) -> UsageError:
    return UsageError(
        sentence,
        "Give 0x and hexadecimal digits, or the file that escrow sign --json wrote.",
        code="no-signature",
    )


def _missing(name: str) -> UsageError:
    option = f"--{name.replace('_', '-')}"
    return UsageError(
        f"{option} is missing.", "Give it; --help has an example.", code="missing", field=option
    )
