"""JSON questions and answers: raw requests and policies become values for the decision engine, results become JSON.

Everything that has raw JSON in hand goes through this room. Nothing is decided, stored or fetched here.
"""
