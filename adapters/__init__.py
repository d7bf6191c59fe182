"""The east wing: how each channel is spoken to."""
