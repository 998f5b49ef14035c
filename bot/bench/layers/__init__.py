"""The layers of a tensor-parallel transformer, each built from the full weights and this rank's place.

A layer takes the full weight and keeps its own slice: whatever the number of ranks, the model is the same one.
"""
