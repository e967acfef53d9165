"""Features of API Gateway REST APIs that ministack does not have."""
