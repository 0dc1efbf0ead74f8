"""What a review looks at: scores in columns, what is known of their cases, readers, and the cases behind a click."""
