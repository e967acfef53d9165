"""Services on this machine: processes of tasks and instances, and the targets of load balancers."""
