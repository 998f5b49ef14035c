"""Tests of the tensor-parallel suite; they need the extra `bench`."""
