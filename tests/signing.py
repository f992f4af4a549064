"""A signing identity for tests: a key and its self-made certificates, made once for all."""

import datetime
import functools
import io
import json
from typing import Any

import boto3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from infra import signing
from tests.cloud import ENVIRONMENT

SINCE = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


@functools.cache
def identity() -> dict[str, Any]:
    """What the signing secret holds where there is no KMS, `root` being the PEM that readers trust."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    leaf, root = signing.issue(key.public_key(), owner="考试平台运营方", since=SINCE)
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return {
        "certificate": signing.pem(leaf),
        "chain": [signing.pem(root)],
        "key": pem.decode(),
    }


def put_identity(held: dict[str, Any] | None = None) -> None:
    """Put it into the secret of the running cloud."""
    from chalicelib.results import signing as product

    product.forget()
    text = json.dumps(held or identity())
    name = ENVIRONMENT["SIGNING_SECRET_ID"]
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=text)


def is_valid(document: bytes, root: str = "", at: datetime.datetime | None = None) -> bool:
    """Whether pyHanko finds exactly one signature, whole, over the whole document, by somebody we trust."""
    from pyhanko.keys.pemder import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    [trusted] = load_certs_from_pemder_data((root or identity()["chain"][-1]).encode())
    context = ValidationContext(trust_roots=[trusted], moment=at)
    try:
        [signature] = PdfFileReader(io.BytesIO(document)).embedded_signatures
        status = validate_pdf_signature(signature, context)
    except Exception:  # damaged so much that nothing can be read
        return False
    entire = status.coverage is not None and status.coverage.name == "ENTIRE_FILE"
    return bool(status.bottom_line and entire)
