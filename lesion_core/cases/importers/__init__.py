"""One file per public data set: each turns the folder as downloaded into a case table."""
