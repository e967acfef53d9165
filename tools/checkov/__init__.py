"""The graph of a stack as Terraform JSON, which checkov reads."""
