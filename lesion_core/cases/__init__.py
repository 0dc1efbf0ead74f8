"""The case table: its schema (``table``), importers of public data sets (``importers``), splits (``splits``)."""
