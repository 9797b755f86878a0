"""Measurements: the same signed load against Rolecall and against its peer, and the cost of each step of a request.

`python -m bench` runs them and prints tables. Nothing of the server imports from here.
"""
