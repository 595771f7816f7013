"""One look, one behaviour: base pages, components, errors as sentences, translations."""
