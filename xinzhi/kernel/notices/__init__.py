"""Publication (公示) with clocks, masked by construction; objections; messages to persons."""
