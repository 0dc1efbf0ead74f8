"""Statistics for one classifier, for two, and for a classifier beside readers.

Light: numpy, and scipy loaded on first use; no torch. Methods, sources and the reference values reproduced stand in
``docs/statistics.md``.
"""
