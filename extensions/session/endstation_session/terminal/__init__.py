"""A session of kind `terminal`: a shell, and a page on the session's own origin that shows it. See README.md."""
