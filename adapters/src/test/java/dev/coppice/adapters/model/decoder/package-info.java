/** Tests of the package of the same name. */
@NullMarked
package dev.coppice.adapters.model.decoder;

import org.jspecify.annotations.NullMarked;
