"""State: the world in memory, the log on disk, and what both hold about a caller. It decides nothing."""
