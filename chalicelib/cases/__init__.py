"""What a human has to decide for somebody: tickets 去反馈."""
