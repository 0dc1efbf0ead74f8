"""What models leave behind: score tables (``scores``) and the ledger of external tests (``ledger``)."""
