"""Federated training with NVIDIA FLARE: sites train on their own images, and only weights leave them.

It needs requirements-federated.txt, see docs/federated.md. Nothing of the bundle imports it.
"""
