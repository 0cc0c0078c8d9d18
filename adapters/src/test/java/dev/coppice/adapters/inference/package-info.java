/** Tests of models at work. */
@NullMarked
package dev.coppice.adapters.inference;

import org.jspecify.annotations.NullMarked;
