"""One file per command of ``python -m lesion_core``."""
