"""The west wing: stored once, filed once, answered once."""
