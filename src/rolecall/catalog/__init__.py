"""What AWS has, as data: actions, condition keys, managed policies. Read from packages, nothing of it committed."""
