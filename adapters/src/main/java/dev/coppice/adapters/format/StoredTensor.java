package dev.coppice.adapters.format;

import dev.coppice.adapters.TensorSpec;

/** Where a tensor's bytes are, counted from the end of the header. */
record StoredTensor(TensorSpec tensor, StoredType type, long from, long to) {}
