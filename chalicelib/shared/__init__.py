"""Ground floor: settings, AWS clients, clock, ids, errors, log and texts. Knows no exam."""
