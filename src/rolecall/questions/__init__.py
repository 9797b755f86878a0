"""JSON questions and answers: raw requests and policies read as values for the decision engine, results written."""
