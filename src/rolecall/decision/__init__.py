"""The decision engine: may this principal do this, and why not? Pure; it learns all it knows from its arguments."""
