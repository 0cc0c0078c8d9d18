/** What an adapter is: the names and shapes of its tensors, and their values as one flat vector. No files, no engine. */
@NullMarked
package dev.coppice.adapters;

import org.jspecify.annotations.NullMarked;
