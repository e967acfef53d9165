"""What API Gateway does with a REST API beyond what ministack does."""
