"""The operators' desk: pages of the dashboard, forms, commands, and the texts that operators read."""
