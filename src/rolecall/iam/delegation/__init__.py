"""Temporary delegation: requests for access for a while, from asking to handing over the token."""
