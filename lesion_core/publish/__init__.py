"""To Hugging Face: what goes up is staged first, as a folder that can be looked at. No torch."""
