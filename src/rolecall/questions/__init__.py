"""JSON questions and answers: raw requests and policies read into values for the decision engine, results written back."""
