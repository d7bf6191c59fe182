"""`lapor-gateway demo`: the whole road on one machine, one citizen's story at a time, nothing pretended."""

from gateway.demo.play import demo

__all__ = ["demo"]
