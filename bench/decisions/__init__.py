"""Measurements of the decision engine: the same work by Rolecall and by its peers, in one process.

What is asked is in `workloads`; each engine's way to say it is in a module of its own; `timing` measures, `report`
prints, `run` puts them together.
"""
