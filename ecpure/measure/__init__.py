"""Measuring: how long operations take, compared with other libraries, and whether signing time leaks a secret."""
