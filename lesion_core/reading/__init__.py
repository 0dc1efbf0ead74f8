"""Observer studies: the study file, who reads what and when, the store of answers, and what comes out. No torch."""
