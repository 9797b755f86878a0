"""Simulation: what policies would answer to questions that nobody asks for real, and which keys they look at."""
