"""The query protocol of AWS: service models, forms, decoding, constraints, answers, signatures.

Pure functions on bytes, texts and values. What an operation does, who may call it and how bytes reach a socket must not
live here.
"""
