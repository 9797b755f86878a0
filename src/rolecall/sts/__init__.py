"""STS: temporary credentials. `rolecall.sts.service` names its operations."""
