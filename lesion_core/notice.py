"""The line that every screen and every export carries."""

NOTICE = "For research and teaching, not a medical device."
