"""Series of sittings 场次: who may open which sitting, and which try counts."""
