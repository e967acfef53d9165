"""Tests of the functions of `ContainerService`."""
