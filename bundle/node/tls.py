"""Contexts of TLS: both sides show a certificate of the same authority, in version 1.2 or newer."""

import ssl

from bundle.errors import InputError
from bundle.node.config import Tls


def server_context(tls: Tls | None) -> ssl.SSLContext | None:
    """Return the context of a listener, None for none.

    Raises:
        InputError: when a file cannot be used.
    """
    return _context(tls, ssl.PROTOCOL_TLS_SERVER)


def client_context(tls: Tls | None) -> ssl.SSLContext | None:
    """Return the context of a sender, None for none.

    Raises:
        InputError: when a file cannot be used.
    """
    return _context(tls, ssl.PROTOCOL_TLS_CLIENT)


def _context(tls: Tls | None, protocol: int) -> ssl.SSLContext | None:
    if tls is None:
        return None
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(tls.ca)
    except OSError as error:
        raise InputError("is no certificate of an authority that can be read", "give a PEM file", tls.ca) from error
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:
        problem = f"and {tls.key} are no certificate with its key that can be read"
        raise InputError(problem, "give PEM files without a password", tls.certificate) from error
    return context
