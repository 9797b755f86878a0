"""The policy language: from text to immutable documents and back. Pure; evaluates nothing, knows no entities."""
