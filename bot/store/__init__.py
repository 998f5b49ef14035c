"""What Reeve knows and did: the inbox of deliveries, the outbox of effects, memory, timers and the audit log."""
