"""Secrets that the server makes: codes that people type, tokens that browsers keep. Only their hashes are stored.

All are drawn at random with 50 bits or more, so one round of SHA-256 is enough; what people choose themselves is never
taken as a secret.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

#: Without letters and digits that are taken for one another.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """A code to type: two groups of five characters, 49 bits."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def new_token() -> str:
    """A token for a browser, 256 bits."""
    return secrets.token_urlsafe(32)


def new_study_id() -> str:
    """The name of a study in links: says nothing, cannot be guessed."""
    return "".join(secrets.choice(_LETTERS.lower()) for _ in range(10))


def hashed(secret: str) -> str:
    """What is stored of a secret, 64 hex digits; how a code was typed (case, spaces, dashes) does not matter."""
    plain = secret if len(secret) > 20 else secret.upper().replace("-", "").replace(" ", "")
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Whether a secret is the one whose hash is stored."""
    return bool(stored) and hmac.compare_digest(hashed(secret), stored)
