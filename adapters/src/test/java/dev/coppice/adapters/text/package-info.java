/** Tests of text, tokenizers and batches. */
@NullMarked
package dev.coppice.adapters.text;

import org.jspecify.annotations.NullMarked;
