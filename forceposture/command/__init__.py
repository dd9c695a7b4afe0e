"""The command ``posture``: its options, what it prints, its exit codes."""
