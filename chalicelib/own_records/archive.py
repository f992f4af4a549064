"""The zip of a record: its files, their list, and the short text that is signed. Pure.

Everything is stored without compression and without dates, and each name is ASCII, so a program of some 50 lines can
read it, and can tell that no byte of the zip is another one (verify.html).
"""

import hashlib
from collections.abc import Callable

from chalicelib.shared import archives

LIST, SIGNED, SIGNATURE, SIGNER = "files.sha256", "signed.txt", "signature.bin", "signer.pem"
_FORMAT = "kaochang record 1"


def pack(
    files: dict[str, bytes], *, account_id: str, at: int, sign: Callable[[bytes], bytes]
) -> bytes:
    """Return the zip of these files with their list, as `sha256sum --check` reads it, and its signature.

    `at`: when it was ordered (UTC ms). `sign`: returns the signature of a text of some 150 bytes.
    """
    listed = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in files)
    digest = hashlib.sha256(listed.encode()).hexdigest()
    signed = f"{_FORMAT}\naccount {account_id}\nmade {at}\nfiles {digest}\n".encode()
    about = {LIST: listed.encode(), SIGNED: signed, SIGNATURE: sign(signed)}
    return archives.pack({**files, **about}, compressed=False)
