"""Translation between bytes and the domain: deliveries, receipts, events, the administrators' and platforms' JSON."""
