"""The in-process Pulumi engine: turns the registrations of a program into AWS calls."""
