"""Files, the standard streams and JSON, as the applications and the command use them."""
