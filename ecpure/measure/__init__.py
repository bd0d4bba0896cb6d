"""Measuring: how long operations take, beside other libraries, and whether the time of signing leaks a secret."""
