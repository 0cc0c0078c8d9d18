/** Tests of the package of the same name. */
@NullMarked
package dev.coppice.adapters.model.huggingface;

import org.jspecify.annotations.NullMarked;
