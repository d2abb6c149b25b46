"""What an authenticator app shows (RFC 6238 with SHA-1, six digits, half minutes), computed apart."""

import base64
import hashlib
import hmac
import time


def code(secret, *, at=None):
    """The six digits for the key `secret` (base 32) at the moment `at`, in seconds; now if it is None."""
    counter = int(time.time() if at is None else at) // 30
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
