"""The server: AWS's wire over ASGI. It authenticates and authorizes every call, then runs the operation."""
