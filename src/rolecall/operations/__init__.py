"""What an operation is: how it is registered, what it is handed, and which permissions it needs.

`iam` and `sts` write operations; `server` runs them. This room stands between them and `state`, so that neither the
services nor the server need to know each other (docs/adr/0003-operations-room.md).
"""
