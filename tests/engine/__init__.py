"""The real Pulumi CLI and engine run the platform; its resources go to the embedded cloud."""
