"""Signals of processes that tests start."""

HEEDS_CTRL_C = ("env", "--default-signal=INT")
"""Put before a command: tests that a shell runs in the background inherit that SIGINT is ignored, and so would what they start."""
