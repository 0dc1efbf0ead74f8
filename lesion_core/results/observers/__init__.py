"""Models against readers on the same cases: the paper's published study, recorded categories, uploaded readings."""
