"""IAM: one module per entity, each a handful of operations. `rolecall.iam.service` names them all."""
