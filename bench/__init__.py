"""Benchmarks: one file each with a `main()`; `python -m bench` runs them all, `python -m bench.NAME` one."""
