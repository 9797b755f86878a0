# Settings of the account and of its organization.

resource "aws_iam_account_alias" "alias" {
  account_alias = "rolecall-terraform"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = var.password_length
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 5
}

resource "aws_iam_security_token_service_preferences" "tokens" {
  global_endpoint_token_version = var.token_version
}

resource "aws_iam_organizations_features" "root" {
  enabled_features = var.root_features
}

data "aws_iam_account_alias" "alias" {
  depends_on = [aws_iam_account_alias.alias]
  lifecycle {
    postcondition {
      condition     = self.account_alias == "rolecall-terraform"
      error_message = "the alias differs"
    }
  }
}
