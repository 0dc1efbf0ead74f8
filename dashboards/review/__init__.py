"""What the review tabs share: header strip, case list, export, link, uploads."""
