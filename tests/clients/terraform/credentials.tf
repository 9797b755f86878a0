# What users sign in and sign with.

resource "aws_iam_access_key" "worker" {
  user = aws_iam_user.worker.name
}

resource "aws_iam_access_key" "spare" {
  user   = aws_iam_user.worker.name
  status = var.status
}

resource "aws_iam_user_login_profile" "worker" {
  user            = aws_iam_user.worker.name
  password_length = 24
  depends_on      = [aws_iam_account_password_policy.strict]
  lifecycle {
    # An import cannot read what only the creation knows.
    ignore_changes = [password_length, password_reset_required]
  }
}

resource "aws_iam_virtual_mfa_device" "phone" {
  virtual_mfa_device_name = "phone"
  path                    = "/staff/"
  tags                    = { note = var.note }
}

resource "aws_iam_user_ssh_key" "worker" {
  username   = aws_iam_user.worker.name
  encoding   = "SSH"
  public_key = var.ssh_public_key
  status     = var.status
}

resource "aws_iam_signing_certificate" "worker" {
  user_name        = aws_iam_user.worker.name
  certificate_body = var.signing_certificate
  status           = var.status
}

resource "aws_iam_service_specific_credential" "worker" {
  user_name    = aws_iam_user.worker.name
  service_name = "codecommit.amazonaws.com"
  status       = var.status
}

resource "aws_iam_server_certificate" "site" {
  name              = "site"
  path              = "/cloudfront/"
  certificate_body  = var.certificate
  certificate_chain = var.certificate_chain
  private_key       = var.certificate_key
  tags              = { note = var.note }
  lifecycle {
    # An import cannot read a private key.
    ignore_changes = [private_key]
  }
}

data "aws_iam_access_keys" "worker" {
  user       = aws_iam_user.worker.name
  depends_on = [aws_iam_access_key.worker, aws_iam_access_key.spare]
  lifecycle {
    postcondition {
      condition = toset([for key in self.access_keys : "${key.access_key_id} ${key.status}"]) == toset([
        "${aws_iam_access_key.worker.id} Active",
        "${aws_iam_access_key.spare.id} ${var.status}",
      ])
      error_message = "the access keys differ"
    }
  }
}

data "aws_iam_user_ssh_key" "worker" {
  username          = aws_iam_user.worker.name
  encoding          = "PEM"
  ssh_public_key_id = aws_iam_user_ssh_key.worker.ssh_public_key_id
  lifecycle {
    postcondition {
      condition = alltrue([
        self.fingerprint == aws_iam_user_ssh_key.worker.fingerprint,
        startswith(self.public_key, "-----BEGIN"),
        self.status == var.status,
      ])
      error_message = "the SSH key differs"
    }
  }
}

data "aws_iam_server_certificate" "site" {
  name       = aws_iam_server_certificate.site.name
  depends_on = [aws_iam_server_certificate.site]
  lifecycle {
    postcondition {
      condition = alltrue([
        self.arn == aws_iam_server_certificate.site.arn,
        trimspace(self.certificate_body) == trimspace(var.certificate),
        trimspace(self.certificate_chain) == trimspace(var.certificate_chain),
        self.expiration_date == aws_iam_server_certificate.site.expiration,
      ])
      error_message = "the server certificate differs"
    }
  }
}

output "access_key_id" { value = aws_iam_access_key.worker.id }

output "secret_access_key" {
  value     = aws_iam_access_key.worker.secret
  sensitive = true
}
