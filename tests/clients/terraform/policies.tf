# Managed and inline policies, their attachments, and the resources that allow no others.

data "aws_iam_policy_document" "work" {
  statement {
    sid       = "Work"
    actions   = var.actions
    resources = ["arn:aws:iam::${local.account}:user/staff/$${aws:username}"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false", "true"]
    }
  }
}

resource "aws_iam_policy" "work" {
  name        = "work"
  path        = "/ci/"
  description = "what workers do"
  policy      = data.aws_iam_policy_document.work.json
  tags        = { note = var.note }
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = local.anything
}

resource "aws_iam_policy" "everywhere" {
  name   = "everywhere"
  policy = data.aws_iam_policy_document.work.json
}

# All attachments of a policy in one.

resource "aws_iam_policy_attachment" "everywhere" {
  name       = "everywhere"
  policy_arn = aws_iam_policy.everywhere.arn
  users      = [aws_iam_user.newcomer.name]
  groups     = [aws_iam_group.readers.name]
  roles      = [aws_iam_role.machine.name]
}

# For a user.

resource "aws_iam_user_policy" "work" {
  name   = "inline"
  user   = aws_iam_user.worker.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_user_policies_exclusive" "worker" {
  user_name    = aws_iam_user.worker.name
  policy_names = [aws_iam_user_policy.work.name]
}

resource "aws_iam_user_policy_attachment" "work" {
  user       = aws_iam_user.worker.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_user_policy_attachments_exclusive" "worker" {
  user_name   = aws_iam_user.worker.name
  policy_arns = [aws_iam_user_policy_attachment.work.policy_arn]
}

# For a group.

resource "aws_iam_group_policy" "work" {
  name   = "inline"
  group  = aws_iam_group.workers.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_group_policies_exclusive" "workers" {
  group_name   = aws_iam_group.workers.name
  policy_names = [aws_iam_group_policy.work.name]
}

resource "aws_iam_group_policy_attachment" "work" {
  group      = aws_iam_group.workers.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_group_policy_attachments_exclusive" "workers" {
  group_name  = aws_iam_group.workers.name
  policy_arns = [aws_iam_group_policy_attachment.work.policy_arn]
}

# For a role.

resource "aws_iam_role_policy" "work" {
  name   = "inline"
  role   = aws_iam_role.deployer.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_role_policies_exclusive" "deployer" {
  role_name    = aws_iam_role.deployer.name
  policy_names = [aws_iam_role_policy.work.name]
}

resource "aws_iam_role_policy_attachment" "work" {
  role       = aws_iam_role.deployer.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_role_policy_attachment" "read_only" {
  role       = aws_iam_role.deployer.name
  policy_arn = data.aws_iam_policy.read_only.arn
}

resource "aws_iam_role_policy_attachments_exclusive" "deployer" {
  role_name = aws_iam_role.deployer.name
  policy_arns = [
    aws_iam_role_policy_attachment.work.policy_arn,
    aws_iam_role_policy_attachment.read_only.policy_arn,
  ]
}

data "aws_iam_policy" "read_only" {
  arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

data "aws_iam_policy" "work" {
  name       = aws_iam_policy.work.name
  depends_on = [aws_iam_user_policy_attachment.work]
  lifecycle {
    postcondition {
      condition = alltrue([
        self.arn == aws_iam_policy.work.arn,
        self.description == "what workers do",
        self.attachment_count >= 1,
        jsondecode(self.policy) == jsondecode(data.aws_iam_policy_document.work.json),
      ])
      error_message = "the policy differs"
    }
  }
}

data "aws_iam_principal_policy_simulation" "deployer" {
  policy_source_arn = aws_iam_role.deployer.arn
  action_names      = ["s3:ListAllMyBuckets", "iam:ListUsers"]
  depends_on        = [aws_iam_role_policy_attachment.read_only, aws_iam_role_policy.work]
  lifecycle {
    postcondition {
      condition     = self.all_allowed && length(self.results) == 2
      error_message = "the role may not read"
    }
  }
}

data "aws_iam_principal_policy_simulation" "machine" {
  policy_source_arn = aws_iam_role.machine.arn
  action_names      = ["iam:DeleteUser"]
  resource_arns     = [aws_iam_user.worker.arn]
  lifecycle {
    postcondition {
      condition     = !self.all_allowed
      error_message = "the machine may delete users"
    }
  }
}
