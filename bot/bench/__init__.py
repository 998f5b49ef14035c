"""The tensor-parallel benchmark suite: layers, generation, cases, and a verdict that a release can rest on.

It needs the extra `bench` (PyTorch); the service never imports it. What needs no tensors (shapes, closed forms,
results and their comparison) imports no PyTorch either, so that a verdict can be recomputed anywhere.
"""
