"""The Python components that the configs of the brain hemorrhage bundle name."""
