"""The roof: wiring, running, watching, showing."""
