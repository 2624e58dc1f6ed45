"""Measure the hot paths against plain controls on the same data; run by script/bench.

The method, the controls and the goals are in docs/performance.md.
"""
