"""What AWS has, as data: actions, condition keys, managed policies, service-linked roles.

Read from packages, nothing of it committed, but for the table of service-linked roles, which no package has.
"""
