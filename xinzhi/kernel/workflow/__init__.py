"""Cases move by declared steps; every open one has an owner and a deadline; one inbox for all scenes."""
