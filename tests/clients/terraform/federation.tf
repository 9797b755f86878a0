# Identity providers.

resource "aws_iam_openid_connect_provider" "pipelines" {
  url             = "https://pipelines.example.com/tenant"
  client_id_list  = var.client_ids
  thumbprint_list = var.thumbprints
  tags            = { note = var.note }
}

resource "aws_iam_saml_provider" "staff" {
  name                   = "staff"
  saml_metadata_document = var.saml_metadata
  tags                   = { note = var.note }
}

data "aws_iam_openid_connect_provider" "pipelines" {
  url = "https://${aws_iam_openid_connect_provider.pipelines.url}"
  lifecycle {
    postcondition {
      condition = alltrue([
        self.arn == aws_iam_openid_connect_provider.pipelines.arn,
        toset(self.client_id_list) == toset(var.client_ids),
        self.thumbprint_list == var.thumbprints,
      ])
      error_message = "the OIDC provider differs"
    }
  }
}

data "aws_iam_saml_provider" "staff" {
  arn = aws_iam_saml_provider.staff.arn
  lifecycle {
    postcondition {
      condition     = self.name == "staff" && self.saml_metadata_document == var.saml_metadata
      error_message = "the SAML provider differs"
    }
  }
}
