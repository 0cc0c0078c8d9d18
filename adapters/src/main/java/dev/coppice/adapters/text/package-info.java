/** Text to token ids and batches; training of tokenizers. Never logs or keeps a text. */
@NullMarked
package dev.coppice.adapters.text;

import org.jspecify.annotations.NullMarked;
