"""What can be asked of Autopilot in a terminal, a module a command."""
