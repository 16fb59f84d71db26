"""Files that commands take: agreements, documents, signatures, and what is only hashed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from milestone_escrow.exceptions import UsageError

if TYPE_CHECKING:
    from milestone_escrow.agreement import Agreement
    from milestone_escrow.document import AgreementDocument

__all__ = ["hash_file", "read_agreement", "read_document", "read_json", "read_text", "write_new"]

_MOST_BYTES: Final = 64 * 2**20


def read_bytes(path: Path) -> bytes:
    """Return what is in a file of at most 64 MiB.

    Raises:
        UsageError: it cannot be read (``file``).
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"The file {path} cannot be read: {error.strerror}.",
            "Check the path and who may read it.",
            code="file",
        ) from error
    if len(data) > _MOST_BYTES:
        raise UsageError(
            f"The file {path} is larger than {_MOST_BYTES // 2**20} MiB.",
            "Hash it elsewhere and give the hash.",
            code="file",
        )
    return data


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        UsageError: it cannot be read, or is no text (``file``).
    """
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"The file {path} is not text in UTF-8.", "Give the right file.", code="file"
        ) from error


def read_json(path: Path) -> Any:
    """Return the value of a JSON file, floats and repeated keys refused.

    Raises:
        UsageError: it cannot be read, or is no such JSON (``file``).
    """
    from milestone_escrow.strict_json import StrictReader

    text = read_text(path)
    try:
        return StrictReader(UsageError).parse(text)
    except UsageError as error:
        raise UsageError(f"In {path}: {error.sentence}", error.remedy, code="file") from error


def read_agreement(path: Path) -> Agreement:
    """Return the agreement of a file: alone, or under the key ``agreement``.

    Raises:
        UsageError: the file cannot be read.
        AgreementError: it is none.
    """
    from milestone_escrow.agreement import Agreement

    value = read_json(path)
    if isinstance(value, dict) and isinstance(value.get("agreement"), dict):
        value = value["agreement"]
    return Agreement.from_json(value)


def read_document(path: Path) -> AgreementDocument:
    """Return the agreement document of a file.

    Raises:
        UsageError: the file cannot be read.
        DocumentError: it is none.
    """
    from milestone_escrow.document import AgreementDocument

    return AgreementDocument.from_json(read_json(path))


def hash_file(path: Path) -> bytes:
    """Return the hash that stands for a file on the chain, 32 bytes.

    As for agreement documents, JSON (a name that ends in ``.json``) is hashed in its canonical
    form, RFC 8785, so that its layout does not matter; anything else byte for byte.

    Raises:
        UsageError: it cannot be read, or its JSON has no canonical form (``file``).
    """
    import rfc8785
    from eth_utils.crypto import keccak

    if path.suffix.lower() != ".json":
        return keccak(read_bytes(path))
    try:
        return keccak(rfc8785.dumps(read_json(path)))
    except rfc8785.CanonicalizationError as error:
        raise UsageError(
            f"The file {path} has no canonical form: {str(error).rstrip('.')}.",
            "Write large numbers as strings.",
            code="file",
        ) from error


def write_new(path: Path, value: object, *, replace: bool) -> None:
    """Write a value as JSON to a new file.

    Raises:
        UsageError: the file exists and is not to be replaced, or cannot be written (``file``).
    """
    try:
        with path.open("w" if replace else "x", encoding="utf-8") as file:
            json.dump(value, file, indent=2, ensure_ascii=False)
            file.write("\n")
    except FileExistsError as error:
        raise UsageError(
            f"The file {path} exists already.",
            "Choose another path, or add --force to replace it.",
            code="file",
        ) from error
    except OSError as error:
        raise UsageError(
            f"The file {path} cannot be written: {error.strerror}.",
            "Choose a folder that exists and that you may write to.",
            code="file",
        ) from error
