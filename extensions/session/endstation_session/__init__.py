"""What runs first inside every session. Standard library only; see README.md."""
