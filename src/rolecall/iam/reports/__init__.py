"""Reports: credentials of an account, what was accessed last and by whom, which policies grant a service."""
