"""The IAM policies of the roles that preview and deploy a stack, written from its graph."""
