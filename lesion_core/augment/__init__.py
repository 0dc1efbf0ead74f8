"""The paper's eight variants of an RoI."""
