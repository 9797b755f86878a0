"""Templates of policies and roles, which the operator registers, and the roles acquired from them."""
