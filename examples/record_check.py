"""Check a zip of own data without network, as docs/certificates.md says: hashes, signature, timelines, answers.

    python -m examples.record_check kaochang-record.zip

It imports nothing of the product. `verify.html` in the zip does the same in a browser, and compares each byte of the
zip.
"""

import hashlib
import io
import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ABOUT = ("files.sha256", "signed.txt", "signature.bin")


class NotGenuine(Exception):
    """The zip is not what was signed, or its timeline does not fit its answers."""


@dataclass(frozen=True)
class Checked:
    """What was found to be right. `fingerprint`: SHA-256 of the public key that signed it."""

    fingerprint: str
    files: int
    entries: int
    answers: int


def check_record(data: bytes) -> Checked:
    """Return what a zip holds. Raises `NotGenuine`."""
    files = _unpacked(data)
    fingerprint = _check_signature(files)
    listed = dict(line.split("  ")[::-1] for line in files["files.sha256"].decode().splitlines())
    if {*listed, *ABOUT} != set(files):
        raise NotGenuine("files were added or removed")
    for name, digest in listed.items():
        if _sha256(files[name]) != digest:
            raise NotGenuine(name)
    entries = answers = 0
    for name in filter(lambda name: name.endswith("/timeline.json"), files):
        receipt = json.loads(files[name.replace("timeline.json", "receipt.json")])
        entries += _check_timeline(json.loads(files[name]), receipt["answers_text"])
        answers += sum(map(bool, json.loads(receipt["answers_text"]).values()))
    return Checked(fingerprint, len(listed), entries, answers)


def is_genuine(data: bytes) -> bool:
    """Whether `check_record` finds nothing wrong."""
    try:
        check_record(data)
    except NotGenuine:
        return False
    return True


def _unpacked(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise NotGenuine(str(error)) from error


def _check_signature(files: dict[str, bytes]) -> str:
    key = x509.load_pem_x509_certificates(files["signer.pem"])[0].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = files["signed.txt"]
    try:
        key.verify(files["signature.bin"], signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise NotGenuine("the signature") from error
    if f"files {_sha256(files['files.sha256'])}" not in signed.decode().splitlines():
        raise NotGenuine("files.sha256")
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return _sha256(key.public_bytes(serialization.Encoding.DER, form))


def _check_timeline(entries: list[dict[str, str]], answers_text: str) -> int:
    """Follow the hashes, and compare the answers with the digest in the submission. Returns how many entries."""
    known = {"0" * 64, *(entry["hash"] for entry in entries)}
    for entry in entries:
        if entry["previous"] not in known:
            raise NotGenuine(f"entry {entry['version']} does not follow any other")
        if entry["content"] is None:  # a command of an operator, who is not named
            continue
        if _sha256(entry["content"].encode()) != entry["hash"]:
            raise NotGenuine(f"entry {entry['version']}")
        for fact in json.loads(entry["content"])[2]:
            if fact.get("answers_sha256", digest := _sha256(answers_text.encode())) != digest:
                raise NotGenuine("the answers are not those of the submission")
    return len(entries)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    print(check_record(Path(sys.argv[1]).read_bytes()))
