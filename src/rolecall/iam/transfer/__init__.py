"""Accounts as files: what an account holds as one JSON document, and how such a document becomes an account again."""
