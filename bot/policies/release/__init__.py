"""Whether a release may go out: cadence, blockers, approvals, and what the tensor-parallel suite says."""
