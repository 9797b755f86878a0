# Everything that the AWS provider has for IAM, as a user of Terraform would write it, a file per family.
# Every data source says in a postcondition what it must have read. The test applies this stack twice, with different
# values of the variables in the second half of this file; what the second values change must change in place.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

data "aws_caller_identity" "current" {}

locals {
  account  = data.aws_caller_identity.current.account_id
  anything = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}

variable "endpoint" { type = string }

# Keys and certificates: the test makes them, none is kept here.

variable "certificate" { type = string }

variable "certificate_key" { type = string }

variable "certificate_chain" { type = string }

variable "signing_certificate" { type = string }

variable "ssh_public_key" { type = string }

# What the second apply changes.

variable "note" { type = string }

variable "path" { type = string }

variable "newcomer" { type = string }

variable "actions" { type = list(string) }

variable "session_seconds" { type = number }

variable "status" { type = string }

variable "password_length" { type = number }

variable "token_version" { type = string }

variable "root_features" { type = list(string) }

variable "client_ids" { type = list(string) }

variable "thumbprints" { type = list(string) }

variable "saml_metadata" { type = string }
