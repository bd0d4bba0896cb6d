"""Comparing the signatures of an archive: reused nonces, exposed keys, replayed logins."""
