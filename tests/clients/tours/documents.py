"""What the tours of the `aws` command line name and hand in."""

from __future__ import annotations

import json

from serving import ACCOUNT

ARN = f"arn:aws:iam::{ACCOUNT}"
ANYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}],
    }
)
