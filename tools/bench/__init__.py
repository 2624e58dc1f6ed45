"""How fast the hot paths are, against bare controls on the same data; run by script/bench.

The method, the controls and the goals are those of docs/performance.md. Nothing of the product
imports from here.
"""
