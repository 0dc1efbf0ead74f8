"""Saving a file that a handler has just made: `click(make, ..., hidden).success(None, hidden, None, js=SAVE)`."""

from __future__ import annotations

#: Saves the file that has just come, not whatever the hidden button's link still points to.
SAVE = """(file) => {
  const link = document.createElement('a');
  link.href = file.url;
  link.download = file.orig_name || '';
  document.body.append(link); link.click(); link.remove();
}"""
