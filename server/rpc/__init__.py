"""gRPC: the methods, their guard, health and statuses."""
