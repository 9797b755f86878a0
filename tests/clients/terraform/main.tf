# Everything of IAM that this server has, as a user of Terraform would write it.
# Changed between two applies: `description`, `max_session`, `group_path`, `actions` (see the variables).

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "endpoint" { type = string }

variable "description" {
  type    = string
  default = "first"
}

variable "max_session" {
  type    = number
  default = 3600
}

variable "group_path" {
  type    = string
  default = "/"
}

variable "actions" {
  type    = list(string)
  default = ["iam:GetUser"]
}

provider "aws" {
  region = "us-east-1"
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy" "read_only" {
  arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_policy_document" "work" {
  statement {
    sid       = "Work"
    actions   = var.actions
    resources = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:user/staff/$${aws:username}"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false", "true"]
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_user.worker.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["terraform"]
    }
  }
}

data "aws_iam_policy_document" "ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_user" "worker" {
  name                 = "worker"
  path                 = "/staff/"
  permissions_boundary = aws_iam_policy.boundary.arn
  force_destroy        = false
  tags = {
    team = "storage"
    note = var.description
  }
}

resource "aws_iam_group" "workers" {
  name = "workers"
  path = var.group_path
}

resource "aws_iam_user_group_membership" "worker" {
  user   = aws_iam_user.worker.name
  groups = [aws_iam_group.workers.name]
}

resource "aws_iam_policy" "work" {
  name        = "work"
  description = "what workers do"
  policy      = data.aws_iam_policy_document.work.json
  tags        = { team = "storage" }
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

resource "aws_iam_role" "deployer" {
  name                 = "deployer"
  path                 = "/ci/"
  description          = var.description
  max_session_duration = var.max_session
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = { team = "storage" }
}

resource "aws_iam_role" "machine" {
  name               = "machine"
  assume_role_policy = data.aws_iam_policy_document.ec2.json
}

resource "aws_iam_user_policy" "inline" {
  name   = "inline"
  user   = aws_iam_user.worker.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_group_policy" "inline" {
  name   = "inline"
  group  = aws_iam_group.workers.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_role_policy" "inline" {
  name   = "inline"
  role   = aws_iam_role.deployer.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_user_policy_attachment" "work" {
  user       = aws_iam_user.worker.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_group_policy_attachment" "work" {
  group      = aws_iam_group.workers.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_role_policy_attachment" "work" {
  role       = aws_iam_role.deployer.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_role_policy_attachment" "read_only" {
  role       = aws_iam_role.deployer.name
  policy_arn = data.aws_iam_policy.read_only.arn
}

resource "aws_iam_instance_profile" "machine" {
  name = "machine"
  role = aws_iam_role.machine.name
  tags = { team = "storage" }
}

resource "aws_iam_access_key" "worker" {
  user = aws_iam_user.worker.name
}

resource "aws_iam_account_alias" "alias" {
  account_alias = "rolecall-terraform"
}

output "access_key_id" { value = aws_iam_access_key.worker.id }

output "secret_access_key" {
  value     = aws_iam_access_key.worker.secret
  sensitive = true
}

output "role_arn" { value = aws_iam_role.deployer.arn }
