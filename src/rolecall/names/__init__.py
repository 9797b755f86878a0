"""Names: ARNs, typed ids, wildcards. Pure text; imports nothing of Rolecall but the errors."""
