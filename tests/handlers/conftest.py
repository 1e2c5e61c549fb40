"""Conversations are tried on SQLite; what they call is tried on both databases where it lives."""

import pytest


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url
