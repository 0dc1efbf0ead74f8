"""Statistics for one classifier, for two, and for a classifier beside readers.

Light: numpy, scipy and statsmodels (the latter two loaded on first use); no torch. Methods, sources and the reference
values reproduced stand in ``docs/statistics.md``.
"""
