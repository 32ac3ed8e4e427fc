"""Evidence, one kind a module: words, names, addresses, identifiers. Each is a documented pure function."""
