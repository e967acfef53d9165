"""Simulated devices that publish over MQTT, with certificates of their own: `local devices`."""
