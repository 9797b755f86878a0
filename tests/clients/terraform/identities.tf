# Users, groups, roles, instance profiles, and who is in what.

resource "aws_iam_user" "worker" {
  name                 = "worker"
  path                 = "/staff/"
  permissions_boundary = aws_iam_policy.boundary.arn
  tags = {
    team = "storage"
    note = var.note
  }
}

resource "aws_iam_user" "newcomer" {
  name          = var.newcomer
  path          = var.path
  force_destroy = true
}

resource "aws_iam_group" "workers" {
  name = "workers"
  path = var.path
}

resource "aws_iam_group" "readers" {
  name = "readers"
}

resource "aws_iam_group" "everyone" {
  name = "everyone"
}

resource "aws_iam_user_group_membership" "worker" {
  user   = aws_iam_user.worker.name
  groups = [aws_iam_group.workers.name, aws_iam_group.readers.name]
}

resource "aws_iam_group_membership" "everyone" {
  name  = "everyone"
  group = aws_iam_group.everyone.name
  users = [aws_iam_user.worker.name, aws_iam_user.newcomer.name]
}

resource "aws_iam_role" "deployer" {
  name                 = "deployer"
  path                 = "/ci/"
  description          = var.note
  max_session_duration = var.session_seconds
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = aws_iam_policy.boundary.arn
  tags                 = { note = var.note }
}

resource "aws_iam_role" "machine" {
  name               = "machine"
  assume_role_policy = data.aws_iam_policy_document.machine.json
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "terraform"
  description      = var.note
  tags             = { note = var.note }
}

resource "aws_iam_instance_profile" "machine" {
  name = "machine"
  path = "/ci/"
  role = aws_iam_role.machine.name
  tags = { note = var.note }
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

data "aws_iam_policy_document" "machine" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_user" "worker" {
  user_name = aws_iam_user.worker.name
  lifecycle {
    postcondition {
      condition = alltrue([
        self.arn == aws_iam_user.worker.arn,
        self.user_id == aws_iam_user.worker.unique_id,
        self.path == "/staff/",
        self.permissions_boundary == aws_iam_policy.boundary.arn,
        self.tags["team"] == "storage",
      ])
      error_message = "the user differs"
    }
  }
}

data "aws_iam_users" "staff" {
  path_prefix = "/staff/"
  name_regex  = "^work"
  depends_on  = [aws_iam_user.worker]
  lifecycle {
    postcondition {
      condition     = self.arns == toset([aws_iam_user.worker.arn])
      error_message = "the users differ"
    }
  }
}

data "aws_iam_group" "everyone" {
  group_name = aws_iam_group_membership.everyone.group
  lifecycle {
    postcondition {
      condition     = self.group_id == aws_iam_group.everyone.unique_id && length(self.users) == 2
      error_message = "the group differs"
    }
  }
}

data "aws_iam_role" "deployer" {
  name = aws_iam_role.deployer.name
  lifecycle {
    postcondition {
      condition = alltrue([
        self.unique_id == aws_iam_role.deployer.unique_id,
        self.create_date == aws_iam_role.deployer.create_date,
        self.max_session_duration == var.session_seconds,
        self.permissions_boundary == aws_iam_policy.boundary.arn,
        jsondecode(self.assume_role_policy) == jsondecode(data.aws_iam_policy_document.trust.json),
        self.tags["note"] == var.note,
      ])
      error_message = "the role differs"
    }
  }
}

data "aws_iam_roles" "ci" {
  path_prefix = "/ci/"
  depends_on  = [aws_iam_role.deployer]
  lifecycle {
    postcondition {
      condition     = self.arns == toset([aws_iam_role.deployer.arn])
      error_message = "the roles differ"
    }
  }
}

data "aws_iam_session_context" "deployer" {
  arn = "arn:aws:sts::${local.account}:assumed-role/${aws_iam_role.deployer.name}/terraform"
  lifecycle {
    postcondition {
      condition = alltrue([
        self.issuer_arn == aws_iam_role.deployer.arn,
        self.issuer_id == aws_iam_role.deployer.unique_id,
        self.session_name == "terraform",
      ])
      error_message = "the session's role differs"
    }
  }
}

data "aws_iam_instance_profile" "machine" {
  name = aws_iam_instance_profile.machine.name
  lifecycle {
    postcondition {
      condition     = self.role_id == aws_iam_role.machine.unique_id && self.path == "/ci/"
      error_message = "the instance profile differs"
    }
  }
}

data "aws_iam_instance_profiles" "machine" {
  role_name  = aws_iam_role.machine.name
  depends_on = [aws_iam_instance_profile.machine]
  lifecycle {
    postcondition {
      condition     = self.names == toset(["machine"])
      error_message = "the instance profiles differ"
    }
  }
}

output "role_arn" { value = aws_iam_role.deployer.arn }
