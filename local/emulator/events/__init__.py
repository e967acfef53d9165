"""How EventBridge brings an event to a target."""
